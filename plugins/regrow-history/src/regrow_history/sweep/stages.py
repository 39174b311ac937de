"""The stages that a sweep runs: as dvc.lock tells of them, or where they never ran so, as dvc.yaml declares them."""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from posixpath import normpath
from typing import Any

from regrow import layout
from regrow.base import hashing
from regrow.base.errors import RegrowError
from regrow.base.yaml_files import read_yaml
from regrow.record.commit_record import Entry, Recorded, StageRecord
from regrow.tools import dvc_forms, dvc_stages
from regrow.tools.dvc_stages import DeclaredStage
from regrow_history.replay.inputs import Supplies

OTHERWISE = "dvc exp run --queue can"
ODD = {"foreach", "matrix", "wdir", "frozen", "always_changed"}


def completed(recorded: Recorded, tree: Path, supplies: Supplies) -> Recorded:
    """A commit's record, with every stage as its dvc.yaml has it, and inputs as they are in that commit.

    tree: the commit's files. Raises RegrowError for a stage that a sweep can't run.
    """
    document = read_yaml(recorded.text(layout.DVC_YAML) or "", layout.DVC_YAML) or {}
    written = document.get("stages") or {}
    ran = {stage.name: stage for stage in recorded.stages}
    fit = {name: ran[name] for name, entry in written.items() if name in ran and _fits(entry, ran[name])}
    is_all = len(fit) == len(written)
    if not is_all and (wrong := dvc_forms.problem(layout.DVC_YAML, document)):
        raise RegrowError(wrong, where=layout.DVC_YAML)
    _require_plain(recorded, written)
    if not is_all:
        declared = dvc_stages.declared(tree)
        makers = {path: one for one in declared for path in one.outs}
        stages = [fit[one.name] if one.name in fit else _record(one, makers, recorded) for one in declared]
        recorded = replace(recorded, stages=tuple(stages))
    found = replace(recorded, stages=tuple(_with_inputs(stage, recorded, supplies) for stage in recorded.stages))
    _require_whole(found)
    return found


def ignores(recorded: Recorded, tree: Path) -> dict[str, bytes]:
    """Path -> content of each .gitignore that DVC writes when stages run for the first time, as is done in `tree`."""
    new = [stage.name for stage in recorded.stages if not stage.ran]
    return dvc_stages.ignored(tree, new) if new else {}


def _require_plain(recorded: Recorded, written: Mapping[str, Any]) -> None:
    """Raise RegrowError for stages that are no plain ones of the project's own dvc.yaml."""
    for name, entry in written.items():
        odd = ODD & set(entry)
        if odd or any("${" in str(one) for one in entry.values()):
            wrong = f"uses {', '.join(sorted(odd)) or '${}'}, which a sweep can't do"
            raise RegrowError(wrong, where=f"dvc.yaml, stage {name}", fix=OTHERWISE)
        if layout.PARAMS in (params := _params(entry)) and not params[layout.PARAMS]:
            wrong = f"stands on all of {layout.PARAMS}: a sweep takes single settings only"
            raise RegrowError(wrong, where=f"dvc.yaml, stage {name}", fix=OTHERWISE)
    if other := [stage.name for stage in recorded.stages if ":" in stage.name or stage.name not in written]:
        raise RegrowError("is not in the project's own dvc.yaml", where=f"stage {other[0]}", fix=OTHERWISE)


def _fits(written: Mapping[str, Any], stage: StageRecord) -> bool:
    """Whether a stage of dvc.yaml is plainly the one that dvc.lock tells of; not so for one that is malformed."""
    try:
        cmd, told = written.get("cmd"), _told(stage)
        outs = set().union(*(_paths(written, section) for section in ("outs", "metrics", "plots")))
        params = {file: keys or told[3].get(file) for file, keys in _params(written).items()}
        return ((cmd,) if isinstance(cmd, str) else tuple(cmd or ()), _paths(written, "deps"), outs, params) == told
    except (AttributeError, StopIteration, TypeError):
        return False


def _told(stage: StageRecord) -> tuple[Any, ...]:
    """What dvc.yaml says of a stage."""
    deps, outs = ({one.path for one in side} for side in (stage.deps, stage.outs))
    return stage.commands, deps, outs, {file: set(values) for file, values in stage.params.items()}


def _paths(written: Mapping[str, Any], section: str) -> set[str]:
    return {normpath(next(iter(one)) if isinstance(one, dict) else str(one)) for one in written.get(section) or ()}


def _params(written: Mapping[str, Any]) -> dict[str, set[str]]:
    """File -> keys that a stage of dvc.yaml stands on, none for the whole file."""
    found: dict[str, set[str]] = {}
    for one in written.get("params") or ():
        for file, keys in (one if isinstance(one, dict) else {layout.PARAMS: [one]}).items():
            found.setdefault(file, set()).update(keys if isinstance(keys, list) else ())
    return found


def _record(one: DeclaredStage, makers: Mapping[str, DeclaredStage], recorded: Recorded) -> StageRecord:
    """A stage that did not run: nothing is known of what it makes but where.

    Raises RegrowError for a path that is not plain, as dvc.lock would have to have it the same way.
    """
    for path in (*one.deps, *one.outs):
        if path != normpath(path):
            fix = f"write {normpath(path)}"
            raise RegrowError(f"names {path}", where=f"dvc.yaml, stage {one.name}", fix=fix)
    outs = tuple(Entry(path, "", in_git=path not in one.cached, persist=path in one.persisting) for path in one.outs)
    deps = tuple(
        Entry(path, "", in_git=path not in makers[path].cached if path in makers else path in recorded.held)
        for path in one.deps
    )
    commands = (one.cmd,) if isinstance(one.cmd, str) else tuple(one.cmd)
    return StageRecord(one.name, commands, deps=deps, outs=outs, params=one.params, ran=False)


def _with_inputs(stage: StageRecord, recorded: Recorded, supplies: Supplies) -> StageRecord:
    """With the hashes that inputs have in this commit, which may not be those that dvc.lock knows."""
    return replace(stage, deps=tuple(_input(dep, stage, recorded, supplies) for dep in stage.deps))


def _input(dep: Entry, stage: StageRecord, recorded: Recorded, supplies: Supplies) -> Entry:
    if dep.in_git or dep.path in recorded.makers:
        return dep
    for tracked in recorded.data:
        if tracked.path == dep.path:
            return tracked
        if dep.path.startswith(f"{tracked.path}/"):
            return _part(dep, tracked, stage, supplies)
    if not dep.md5:
        wrong = f"needs {dep.path}, which no commit holds, DVC does not track and no stage makes"
        fix = f"git add {dep.path} && git commit; data: dvc add {dep.path}"
        raise RegrowError(wrong, where=f"stage {stage.name}", fix=fix)
    return dep


def _part(dep: Entry, tracked: Entry, stage: StageRecord, supplies: Supplies) -> Entry:
    """A file in a folder of data."""
    files = supplies.files(tracked)
    md5 = (files or {}).get(dep.path.removeprefix(f"{tracked.path}/"), "")
    if md5 == dep.md5 != "":
        return dep
    if files is not None and not md5:
        wrong = f"needs {dep.path}, which is no file in {tracked.path}: a sweep takes wholes, and single files"
        raise RegrowError(wrong, where=f"stage {stage.name}", fix=OTHERWISE)
    found = replace(dep, md5=md5 or tracked.md5)
    with tempfile.TemporaryDirectory() as folder:
        digest = supplies.deliver([found], Path(folder))[dep.path]
    return replace(found, size=digest.size)


def _require_whole(recorded: Recorded) -> None:
    """Raise RegrowError for inputs and outputs that are parts of one another, and for folders that Git keeps."""
    tracked = {entry.path: f"{entry.path}.dvc" for entry in recorded.data}
    for stage in recorded.stages:
        for out in stage.outs:
            if out.in_git and out.md5.endswith(hashing.FOLDER):
                wrong = f"makes a folder that Git keeps, {out.path}"
                raise RegrowError(wrong, where=f"stage {stage.name}", fix=OTHERWISE)
        for dep in stage.deps if stage.name != layout.COMPILE else ():
            for path, maker in (recorded.makers | (tracked if dep.in_git else {})).items():
                if path != dep.path and (path.startswith(f"{dep.path}/") or dep.path.startswith(f"{path}/")):
                    wrong = f"needs {dep.path}, and {maker} makes {path}: a sweep takes wholes only"
                    raise RegrowError(wrong, where=f"stage {stage.name}", fix=OTHERWISE)
