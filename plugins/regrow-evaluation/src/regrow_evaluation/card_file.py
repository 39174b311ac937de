"""The artifact type `card`: Markdown."""

from pathlib import Path
from typing import Any


def check(value: Any) -> None:
    """ValueError unless it is text with a title."""
    if not isinstance(value, str) or not value.startswith("# "):
        raise ValueError("must be Markdown text that begins with a title")


def write(value: Any, path: Path) -> None:
    """Write it as UTF-8."""
    path.write_text(value, encoding="utf-8", newline="\n")


def read(path: Path) -> Any:
    """Read its text. ValueError if it has no title."""
    text = path.read_text(encoding="utf-8")
    check(text)
    return text
