"""What was read of experiments before, by commit: a commit never changes, and most are listed again and again."""

import contextlib
import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from regrow import __version__, layout
from regrow.base.atomic import write_text
from regrow.plugin.project import Project
from regrow_history.experiments.columns import groups

FILE = f"{layout.SCRATCH}/experiments.json"
VERSION = f"{__version__} 3"  # of what is noted
Values = tuple[dict[str, Any], dict[str, Any], str]  # metrics, settings, which of these are stale


@dataclass
class ExperimentCache:
    """What is known of commits."""

    #: "FILES COMMIT" -> what was read.
    values: dict[str, Values] = field(default_factory=dict)
    #: Commit -> what its dvc.yaml calls metrics, and the stage that makes each.
    metric_files: dict[str, dict[str, str]] = field(default_factory=dict)
    #: Commit -> which way its metrics are better.
    better: dict[str, dict[str, str]] = field(default_factory=dict)


def key(commit: str, files: Sequence[str]) -> str:
    """The same commit read for other files is read anew."""
    return f"{json.dumps(files)} {commit}"


def read(project: Project) -> ExperimentCache:
    """The notes; none where they are another version's, or damaged."""
    try:
        told = json.loads(project.path(FILE).read_text(encoding="utf-8"))
        if told["version"] == VERSION:
            parts = told["parts"]
            values = {key: (one, _merged(parts, own), odd) for key, (one, own, odd) in told["values"].items()}
            return ExperimentCache(values, told["metric_files"], told["better"])
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError):
        pass
    return ExperimentCache()


def _number(part: Mapping[str, Any], parts: list[Mapping[str, Any]], numbers: dict[tuple[Any, ...], int]) -> int:
    number = numbers.setdefault((*part, *map(id, part.values())), len(parts))
    if number == len(parts):
        parts.append(part)
    return number


def _merged(parts: Sequence[Mapping[str, Any]], numbers: Sequence[int]) -> dict[str, Any]:
    """The settings whose parts have these numbers. What experiments share is then one object, which is quick to see."""
    return {key: value for number in numbers for key, value in parts[number].items()}


def keep(project: Project, notes: ExperimentCache, there: Container[str]) -> None:
    """Keep them for the commits that are there still; where that can't be, they are read again next time."""
    numbers: dict[tuple[Any, ...], int] = {}  # a part's keys, and its very values -> its place in the list
    parts: list[Mapping[str, Any]] = []
    values = {}
    for key, (one, settings, odd) in notes.values.items():
        if key.rpartition(" ")[2] in there:
            values[key] = one, [_number(part, parts, numbers) for part in groups(settings)], odd
    told = {"version": VERSION, "parts": parts, "values": values}
    told |= {"metric_files": notes.metric_files, "better": notes.better}
    with contextlib.suppress(OSError):
        write_text(project.path(FILE), json.dumps(told))
