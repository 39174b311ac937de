"""What a stage made: checked, written whole or not at all, and its hashes said last."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from regrow import layout
from regrow.artifacts import type_of
from regrow.base import hashing
from regrow.base.atomic import write_text
from regrow.base.errors import Problem, RegrowError
from regrow.base.hashing import Digest
from regrow.base.safe_path import safe_join
from regrow.compile.dvc_yaml import path_of
from regrow.plugin.declare import Artifact, ArtifactType, Stage
from regrow.plugin.project import Project


def handler(kind: ArtifactType) -> ModuleType:
    """The module that reads, writes and checks artifacts of a type."""
    return import_module(kind.module)


def check_outputs(stage: Stage, made: Any) -> None:
    """Raise RegrowError naming every output that is missing, unknown, empty or not of its type."""
    where = f"stage {stage.name}"
    if not isinstance(made, Mapping):
        raise RegrowError(f"must return a dict of its outputs, not {type(made).__name__}", where=where)
    names_ = [artifact.key for artifact in stage.makes]
    problems = [
        Problem(f"output {name!r} is not among what it makes: {', '.join(names_)}", where)
        for name in made
        if name not in names_
    ]
    for artifact in stage.makes:
        if artifact.key not in made:
            problems.append(Problem(f"output {artifact.key!r} is missing from what it returned", where))
            continue
        try:
            handler(type_of(artifact)).check(made[artifact.key])
        except ValueError as error:
            problems.append(Problem(f"output {artifact.name!r} ({artifact.type}) {error}", where))
    if problems:
        raise RegrowError.of(problems)


def write_all(project: Project, stage: Stage, values: Mapping[str, Any]) -> dict[str, Digest]:
    """Write every output aside, then move all into place: a failure in the middle leaves nothing behind.

    Returns path -> digest. Raises RegrowError for what can't be written, or would lie outside the project.
    """
    places = {artifact.name: _place(project, stage, artifact) for artifact in stage.makes}
    scratch_root = project.path(layout.SCRATCH)
    scratch_root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{stage.name}-", dir=scratch_root) as scratch:
        parts = []
        for artifact in stage.makes:
            part = Path(scratch) / f"{artifact.name}{type_of(artifact).ending}"
            try:
                handler(type_of(artifact)).write(values[artifact.key], part)
            except Exception as error:  # pyarrow, skops and matplotlib raise what they like
                where = f"stage {stage.name}, output {artifact.name}"
                raise RegrowError(f"can't be written as a {artifact.type}: {error}", where=where) from None
            parts.append((part, places[artifact.name]))
        for part, path in parts:
            path.parent.mkdir(parents=True, exist_ok=True)
            _clear(path)
            os.replace(part, path)
    return {path_of(made): hashing.of_path(places[made.name], project.root) for made in stage.makes}


def write_hashes(project: Project, stage: Stage, inputs: Mapping[str, Digest], outputs: Mapping[str, Digest],
                 machine: Mapping[str, Any], undeclared: Sequence[Mapping[str, str]] = (),
                 better: Mapping[str, str] | None = None) -> None:  # fmt: skip
    """Record what the stage read that no stage made, and what it made, by sha256 and size: the last thing it does.

    undeclared: what else it touched. better: metric -> "higher" or "lower", for what ranks experiments.
    """
    record = {
        side: {path: {"sha256": digest.sha256, "size": digest.size} for path, digest in found.items()}
        for side, found in (("inputs", inputs), ("outputs", outputs))
    }
    more: dict[str, Any] = {"undeclared": list(undeclared)} if undeclared else {}
    more |= {"better": better} if better else {}
    text = json.dumps({**record, "machine": machine, **more}, sort_keys=True, indent=2, ensure_ascii=False)
    write_text(safe_join(project.root, layout.hashes(stage.name), f"stage {stage.name}"), text + "\n")


def _place(project: Project, stage: Stage, artifact: Artifact) -> Path:
    """A linked folder on an output's way may lead anywhere; the output itself, if a link, is replaced."""
    return safe_join(project.root, path_of(artifact), f"stage {stage.name}, output {artifact.name}")


def _clear(path: Path) -> None:
    """Make room; a link is removed, what it points to is left alone."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
