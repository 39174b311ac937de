"""The commit laid out apart, and each experiment composed and compiled there, before anything runs."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base import hashing
from regrow.base.errors import Problem, RegrowError
from regrow.base.hashing import Digest
from regrow.compile import columns, dvc_yaml, files_to_write, write_and_check
from regrow.compile.pipeline import Pipeline
from regrow.plugin.project import Project, open_project
from regrow.record.commit_record import Entry, Recorded, StageRecord
from regrow.settings.compose import Settings, composer
from regrow.tools import declared_paths
from regrow_history.replay.inputs import Supplies
from regrow_history.sweep import stages
from regrow_history.sweep.grid import Overrides


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
    whether the commit has what compiling it would write. ignores: path -> content of .gitignore files that differ in
    experiments, as their stages have not run before."""

    recorded: Recorded
    tree: Path
    experiments: Sequence[Experiment]
    sources: Mapping[str, Digest]
    is_compiled: bool = True
    ignores: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def stages(self) -> list[StageRecord]:
        """Those that are run, in an order they can run in; compiling is done already."""
        return [stage for stage in self.recorded.stages if stage.name != layout.COMPILE]

    def elsewhere(self, experiment: Experiment, needs: Mapping[str, Entry]) -> dict[str, Entry]:
        """Of what a stage needs, what is neither among the commit's files nor made by compiling."""
        return {path: one for path, one in needs.items() if path not in experiment.files and path not in self.sources}


def freeze(
    recorded: Recorded, tree: Path, supplies: Supplies, wanted: Mapping[str, Overrides], data: Project | None = None
) -> Frozen:
    """Compose and compile all experiments (name -> overrides) from the files in `tree`.

    data: the project where the tables of the last run lie, to hold columns that settings name against them.
    Raises RegrowError for the first that can't be, and for stages that a sweep can't run.
    """
    declared_paths.require_inside(tree)
    recorded = stages.completed(recorded, tree, supplies)
    with _inside(tree):
        pipeline = Pipeline.load(open_project(tree))
        compose = composer(pipeline.project)
        compiled = partial(files_to_write.make, pipeline, base=compose(()))
        is_compiled = write_and_check.is_compiled(pipeline, compiled())

        def with_columns(settings: Settings) -> files_to_write.Plan:
            made = compiled(settings)
            if wrong := columns.problems(replace(pipeline, project=data), made) if data else []:
                raise RegrowError.of(wrong)
            return made

        made = [_experiment(pipeline.project, name, some, compose, with_columns) for name, some in wanted.items()]
    deps = (dep for stage in recorded.stages for dep in stage.deps if dep.in_git)
    paths = {dep.path for dep in deps if dep.path not in recorded.makers}
    sources = {path: hashing.of_path(tree / path, tree) for path in sorted(paths)}
    return Frozen(recorded, tree, made, sources, is_compiled, stages.ignores(recorded, tree))


def _experiment(
    project: Project,
    name: str,
    overrides: Overrides,
    compose: Callable[[Overrides], Settings],
    compiled: Callable[[Settings], files_to_write.Plan],
) -> Experiment:
    try:
        made = compiled(compose(overrides))
    except RegrowError as error:
        told = [Problem(one.wrong, f"{' '.join(overrides)}: {one.where}", one.fix) for one in error.problems]
        raise RegrowError.of(told, error.code) from None
    if not dvc_yaml.matches(files_to_write.read_dvc_yaml(project), made.stages):
        raise RegrowError("no longer fits conf/ and the plugins", where=layout.DVC_YAML, fix="regrow compile")
    return Experiment(name, overrides, made.settings, made.files)


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Hydra looks for the project around the current folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
