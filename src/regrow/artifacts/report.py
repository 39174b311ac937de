"""report: one HTML page."""

from pathlib import Path
from typing import Any


def check(value: Any) -> None:
    """ValueError unless it is text that begins and ends as a whole HTML page does."""
    if not isinstance(value, str):
        raise ValueError(f"must be HTML text, not {type(value).__name__}")
    text = value.strip().lower()
    if not text:
        raise ValueError("is empty")
    if not text.startswith(("<!doctype html", "<html")):
        raise ValueError("is not an HTML page: it does not begin with <!doctype html>")
    if not text.endswith("</html>"):
        raise ValueError("is not a whole HTML page: it does not end with </html>")


def write(value: Any, path: Path) -> None:
    """Write it as UTF-8."""
    path.write_text(value, encoding="utf-8", newline="\n")


def read(path: Path) -> Any:
    """Read its text. ValueError if it is not whole."""
    text = path.read_text(encoding="utf-8")
    check(text)
    return text
