"""What stages touched undeclared when they last ran, from the notes they left: data first, text second."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from regrow import layout
from regrow.base.errors import Problem, RegrowError
from regrow.compile.dvc_yaml import artifacts_of, ordered
from regrow.layout import STRICT, WARN
from regrow.plugin.components import nearest
from regrow.plugin.declare import Stage
from regrow.plugin.manager import load_plugins
from regrow.plugin.project import Project
from regrow.stage.io.findings import Declarations, Undeclared, problems


@dataclass(frozen=True)
class Notes:
    """A stage's last run here. mode: "" if it has not run, else the `compute.io` it ran with."""

    mode: str = ""
    findings: tuple[Undeclared, ...] = ()
    problems: tuple[Problem, ...] = ()
    project_files: tuple[str, ...] = ()


def explain_io(project: Project, only: str | None = None) -> dict[str, Notes]:
    """Stage -> what it touched, in pipeline order. Runs nothing, writes nothing.

    Raises RegrowError for an unknown stage, or plugins that can't be loaded.
    """
    plugins = load_plugins(project)
    plugins.require_sound()
    if only and only not in plugins.stages:
        raise RegrowError(f"no stage is called {only!r}; {nearest(only, list(plugins.stages))}")
    declared = Declarations.of(project, artifacts_of(plugins.stages))
    stages = [plugins.stages[only]] if only else ordered(plugins.stages, project.sources, plugins.types)
    return {stage.name: _read(project, stage, declared) for stage in stages}


def _read(project: Project, stage: Stage, declared: Declarations) -> Notes:
    file = project.path(f"{layout.IO_NOTES}/{stage.name}.json")
    try:
        noted = json.loads(file.read_text(encoding="utf-8"))
        findings = tuple(Undeclared(**one) for one in noted["findings"])
        files = tuple(map(str, noted["project_files"]))
        return Notes(str(noted["mode"]), findings, tuple(problems(findings, stage, declared)), files)
    except (OSError, ValueError, KeyError, TypeError):  # not run yet; or a file that somebody else wrote
        return Notes()


def lines(told: Mapping[str, Notes]) -> Iterator[str]:
    """For people."""
    for stage, notes in told.items():
        if not notes.mode:
            yield f"stage {stage}: has not run here yet; to run it: dvc repro {stage}"
        elif notes.mode not in {WARN, STRICT}:
            yield f"stage {stage}: ran without being watched (compute.io: none)"
        elif not notes.problems:
            yield f"stage {stage}: nothing undeclared"
        yield from map(str, notes.problems)


def as_json(told: Mapping[str, Notes]) -> dict[str, Any]:
    """For `--json`: stage -> mode ("" if it has not run), findings, problems with their fix, project_files."""
    return {stage: asdict(notes) for stage, notes in told.items()}
