"""record: any JSON value."""

import json
from pathlib import Path
from typing import Any

from regrow.artifacts.jsontext import dumps


def check(value: Any) -> None:
    """ValueError for an empty value or one that JSON can't hold."""
    if value is None or value in ({}, [], ""):
        raise ValueError("is empty")
    dumps(value)


def write(value: Any, path: Path) -> None:
    """Write it in canonical form."""
    path.write_text(dumps(value), encoding="utf-8", newline="\n")


def read(path: Path) -> Any:
    """Read it. ValueError if the file is not whole JSON, or holds NaN or Infinity."""
    return json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)


def _refuse(text: str) -> None:
    raise ValueError(f"holds {text}, which is not a finite number")
