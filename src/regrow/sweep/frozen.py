"""The commit laid out apart, and each experiment composed and compiled there, before anything runs."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from regrow import build, compile, hashing, names, plan
from regrow.errors import Problem, RegrowError
from regrow.fingerprint import code_of
from regrow.hashing import Digest
from regrow.project import Project, open_project
from regrow.recorded import Entry, Recorded, StageRecord
from regrow.settings import Settings, composer
from regrow.sweep.grid import Overrides
from regrow.yaml_files import read_yaml

OTHERWISE = "dvc exp run --queue can"


@dataclass(frozen=True)
class Experiment:
    """settings: what params.yaml holds. files: path -> text of what the compile stage makes."""

    name: str
    overrides: Overrides
    settings: Mapping[str, Any]
    files: Mapping[str, str]


@dataclass(frozen=True)
class Frozen:
    """tree: the commit's files. sources: path -> digest of the inputs that no stage makes and Git holds. is_compiled:
    whether the commit has what compiling it would write."""

    recorded: Recorded
    tree: Path
    experiments: Sequence[Experiment]
    sources: Mapping[str, Digest]
    is_compiled: bool = True

    @property
    def stages(self) -> list[StageRecord]:
        """Those that are run, in an order they can run in; compiling is done already."""
        return [stage for stage in self.recorded.stages if stage.name != names.COMPILE]

    def elsewhere(self, experiment: Experiment, needs: Mapping[str, Entry]) -> dict[str, Entry]:
        """Of what a stage needs, what is neither among the commit's files nor made by compiling."""
        return {path: one for path, one in needs.items() if path not in experiment.files and path not in self.sources}


def freeze(recorded: Recorded, tree: Path, wanted: Mapping[str, Overrides]) -> Frozen:
    """Compose and compile all experiments (name -> overrides) from the files in `tree`.

    Raises RegrowError for the first that can't be, and where dvc.lock does not have the stages that dvc.yaml has.
    """
    _require_run(recorded)
    with _inside(tree):
        project, plugins = plan.load(open_project(tree))
        compose, code = composer(project), code_of(plugins)
        compiled = partial(plan.make, project, plugins, base=compose(()), code=code)
        is_compiled = build.is_compiled(project, plugins, compiled())
        made = [_experiment(project, name, some, compose, compiled) for name, some in wanted.items()]
    deps = (dep for stage in recorded.stages for dep in stage.deps if dep.in_git)
    paths = {dep.path for dep in deps if dep.path not in recorded.makers}
    sources = {path: hashing.of_path(tree / path, tree) for path in sorted(paths)}
    return Frozen(recorded, tree, made, sources, is_compiled)


def _experiment(
    project: Project,
    name: str,
    overrides: Overrides,
    compose: Callable[[Overrides], Settings],
    compiled: Callable[[Settings], plan.Plan],
) -> Experiment:
    try:
        made = compiled(compose(overrides))
    except RegrowError as error:
        told = [Problem(one.wrong, f"{' '.join(overrides)}: {one.where}", one.fix) for one in error.problems]
        raise RegrowError.of(told, error.code) from None
    if not compile.matches(plan.read_dvc_yaml(project), made.stages):
        raise RegrowError("no longer fits conf/ and the plugins", where=names.DVC_YAML, fix="regrow compile")
    return Experiment(name, overrides, made.settings, made.files)


def _require_run(recorded: Recorded) -> None:
    """Raise RegrowError unless every stage of dvc.yaml, and no other kind of one, was run as it stands there."""
    declared = (read_yaml(recorded.text(names.DVC_YAML) or "", names.DVC_YAML) or {}).get("stages") or {}
    ran = {stage.name: stage for stage in recorded.stages}
    for name, written in declared.items():
        odd = {"foreach", "matrix", "wdir", "frozen", "always_changed"} & set(written or {})
        if odd or any("${" in str(one) for one in (written or {}).values()):
            wrong = f"uses {', '.join(sorted(odd)) or '${}'}, which a sweep can't do"
            raise RegrowError(wrong, where=f"dvc.yaml, stage {name}", fix=OTHERWISE)
        stage = ran.get(name)
        if (
            stage is None
            or _paths(written, "deps") != {dep.path for dep in stage.deps}
            or _outs(written) != {out.path for out in stage.outs}
        ):
            fix = "regrow run, and commit what it made; then sweep"
            raise RegrowError("was not run as it stands in dvc.yaml", where=f"stage {name}", fix=fix)
    if other := [stage.name for stage in recorded.stages if ":" in stage.name or stage.name not in declared]:
        raise RegrowError("is not in the project's own dvc.yaml", where=f"stage {other[0]}", fix=OTHERWISE)
    _require_whole(recorded)


def _require_whole(recorded: Recorded) -> None:
    """Raise RegrowError for inputs and outputs that are parts of one another, and for folders that Git keeps."""
    for stage in recorded.stages:
        for out in stage.outs:
            if out.in_git and out.md5.endswith(hashing.FOLDER):
                wrong = f"makes a folder that Git keeps, {out.path}"
                raise RegrowError(wrong, where=f"stage {stage.name}", fix=OTHERWISE)
        for dep in stage.deps if stage.name != names.COMPILE else ():
            parts = [path for path in recorded.makers if f"{path}/".startswith(f"{dep.path}/") != (path == dep.path)]
            parts += [path for path in recorded.makers if dep.path.startswith(f"{path}/")]
            if parts:
                wrong = f"needs {dep.path}, and {recorded.makers[parts[0]]} makes {parts[0]}: a sweep takes wholes only"
                raise RegrowError(wrong, where=f"stage {stage.name}", fix=OTHERWISE)


def _paths(written: Mapping[str, Any], section: str) -> set[str]:
    return {next(iter(one)) if isinstance(one, dict) else str(one) for one in written.get(section) or ()}


def _outs(written: Mapping[str, Any]) -> set[str]:
    return {path for section in ("outs", "metrics", "plots") for path in _paths(written, section)}


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Hydra looks for the project around the current folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
