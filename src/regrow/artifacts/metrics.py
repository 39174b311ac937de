"""metrics: finite numbers by name, possibly nested; what `dvc metrics` shows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regrow.artifacts import record
from regrow.artifacts.jsontext import plain


def check(value: Any) -> None:
    """ValueError unless it is a mapping with at least one number, and with nothing but finite numbers at its leaves."""
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a dict of numbers, not {type(value).__name__}")
    if not value:
        raise ValueError("is empty")
    _check_leaves(plain(value, ""), "")


def _check_leaves(value: Any, key: str) -> None:
    if isinstance(value, dict):
        if not value:
            raise ValueError(f"{key} is empty")
        for name, inner in value.items():
            _check_leaves(inner, f"{key}.{name}".strip("."))
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{key} is {value!r}, which is not a number")


def write(value: Any, path: Path) -> None:
    """Write it in canonical form."""
    record.write(value, path)


def read(path: Path) -> Any:
    """Read it. ValueError if the file is not whole JSON."""
    return record.read(path)
