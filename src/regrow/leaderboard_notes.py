"""What was read of experiments before, by commit: a commit never changes, and most are listed again and again."""

import contextlib
import json
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any

from regrow import __version__, names
from regrow.files import write_text
from regrow.project import Project

FILE = f"{names.SCRATCH}/experiments.json"
Values = tuple[dict[str, Any], dict[str, Any]]  # metrics, settings


@dataclass
class Notes:
    """values: "FILES COMMIT" -> what was read. metric_files: commit -> what its dvc.yaml calls metrics."""

    values: dict[str, Values] = field(default_factory=dict)
    metric_files: dict[str, list[str]] = field(default_factory=dict)


def key(commit: str, files: Sequence[str]) -> str:
    """The same commit read for other files is read anew."""
    return f"{json.dumps(files)} {commit}"


def read(project: Project) -> Notes:
    """The notes; none where they are another version's, or damaged."""
    try:
        told = json.loads(project.path(FILE).read_text(encoding="utf-8"))
        if told["version"] == __version__:
            return Notes({key: (one, other) for key, (one, other) in told["values"].items()}, told["metric_files"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return Notes()


def keep(project: Project, notes: Notes, there: Container[str]) -> None:
    """Keep them for the commits that are there still; where that can't be, they are read again next time."""
    values = {key: one for key, one in notes.values.items() if key.rpartition(" ")[2] in there}
    told = {"version": __version__, "values": values, "metric_files": notes.metric_files}
    with contextlib.suppress(OSError):
        write_text(project.path(FILE), json.dumps(told))
