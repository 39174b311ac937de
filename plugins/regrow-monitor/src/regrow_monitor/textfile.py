"""textfile: metrics as Prometheus reads them from a file."""

from pathlib import Path
from typing import Any


def check(value: Any) -> None:
    """ValueError unless it is text that ends with a line."""
    if not isinstance(value, str) or not value.endswith("\n"):
        raise ValueError("must be text that ends with a line")


def write(value: str, path: Path) -> None:
    """Write it."""
    path.write_text(value, encoding="utf-8", newline="\n")


def read(path: Path) -> str:
    """Read it."""
    return path.read_text(encoding="utf-8")
