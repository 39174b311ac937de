"""choices: what a clock or a machine decided in a stage, such as how many trials fitted the budget; kept in Git, so
that a replay decides the same."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regrow.artifacts import record


def check(value: Any) -> None:
    """ValueError unless it is a dict of JSON values by name, with at least one entry."""
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a dict of what was decided, not {type(value).__name__}")
    record.check(value)


def write(value: Any, path: Path) -> None:
    """Write it in canonical form."""
    record.write(value, path)


def read(path: Path) -> Any:
    """Read it. ValueError if the file holds no dict."""
    value = record.read(path)
    check(value)
    return value
