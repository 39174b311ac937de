"""plot: one SVG picture, as text or as a matplotlib Figure."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from regrow.artifacts.figure import draw

SVG = "{http://www.w3.org/2000/svg}svg"


def check(value: Any) -> None:
    """ValueError unless it is a matplotlib Figure, or text that is whole, well-formed SVG."""
    if hasattr(value, "savefig"):
        return
    if not isinstance(value, str):
        raise ValueError(f"must be SVG text or a matplotlib Figure, not {type(value).__name__}")
    if not value.strip():
        raise ValueError("is empty")
    try:
        root = ElementTree.fromstring(value)  # noqa: S314 - a stage's own output, not a stranger's
    except ElementTree.ParseError as error:
        raise ValueError(f"is not whole SVG: {error}") from None
    if root.tag != SVG:
        raise ValueError(f"is not SVG: its root is {root.tag}")


def write(value: Any, path: Path) -> None:
    """Write it. A Figure gets a fixed hash salt and no date, so that the same figure gives the same bytes."""
    path.write_bytes(value.encode() if isinstance(value, str) else draw(value, "svg"))


def read(path: Path) -> Any:
    """Read its text. ValueError if it is not whole SVG."""
    text = path.read_text(encoding="utf-8")
    check(text)
    return text
