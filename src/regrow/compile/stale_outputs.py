"""What stages made that are gone, as those of a plugin that was taken out: who still reads it, what is still there."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from regrow import layout
from regrow.base.errors import Problem
from regrow.plugin.project import Project
from regrow.settings import in_force

SECTIONS = ("outs", "metrics", "plots")


def gone(project: Project, stages: Mapping[str, Any]) -> dict[str, str]:
    """Path -> stage, of all that dvc.lock says was made by a stage that is none of these, and that none of these makes.

    stages: all of dvc.yaml, whoever wrote them. What a .dvc file tracks by now is data of its own.
    """
    made = {path for entry in stages.values() for path in _paths(entry, SECTIONS)}
    found: dict[str, str] = {}
    for name, entry in in_force.read_dvc_lock(project).items():
        if name not in stages and name.partition("@")[0] not in stages:
            found |= {str(out.get("path")): name for out in entry.get("outs") or ()}
    return {
        path: name
        for path, name in found.items()
        if not any(_touch(path, other) for other in made) and not _is_tracked(project, path)
    }


def still_read(project: Project, stages: Mapping[str, Any], by_hand: Iterable[str]) -> list[Problem]:
    """Inputs, of a person's own stages and of the project, that no stage makes any more.

    stages: as for `gone`. by_hand: the names of a person's own.
    """
    read = {f"{layout.PYPROJECT} [tool.regrow.sources] {name}": [path] for name, path in project.sources.items()}
    read |= {f"{layout.DVC_YAML}, stage {name}": _paths(stages[name], ["deps"]) for name in by_hand}
    return [
        Problem(
            f"{path} was made by stage {name}, which is gone: it would never change again",
            where,
            f"bring the stage back, or do without it; to keep it as data of its own: dvc add {path}",
        )
        for path, name in gone(project, stages).items()
        for where, paths in read.items()
        if any(_touch(path, other) for other in paths)
    ]


def left(project: Project, stages: Mapping[str, Any]) -> list[str]:
    """What is still there of it, a line a stage. stages: as for `gone`."""
    there: dict[str, list[str]] = {}
    for path, name in gone(project, stages).items():
        if project.path(path).exists():
            there.setdefault(name, []).append(path)
    return [f"stage {name} is gone; delete what it made: rm -r {' '.join(paths)}" for name, paths in there.items()]


def _paths(entry: Any, sections: Iterable[str]) -> list[str]:
    listed = [one for section in sections for one in (entry.get(section) or () if isinstance(entry, dict) else ())]
    return [one if isinstance(one, str) else str(next(iter(one))) for one in listed]


def _touch(one: str, other: str) -> bool:
    """Whether one is, holds, or lies in the other."""
    first, second = PurePosixPath(one), PurePosixPath(other)
    return first.is_relative_to(second) or second.is_relative_to(first)


def _is_tracked(project: Project, path: str) -> bool:
    around = [path, *(str(folder) for folder in PurePosixPath(path).parents if str(folder) != ".")]
    return any(project.path(f"{one}.dvc").is_file() for one in around)
