"""Lines of a file that are no rows of its table: titles above the header, totals and sources below, comments."""

from collections.abc import Mapping
from typing import Any

SETTINGS = ("skip_rows", "skip_footer", "comment")  # of a CSV's reader


def around(reader: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a reader's settings that say which lines these are; {} where none does."""
    return {name: reader[name] for name in SETTINGS if reader.get(name)}


def table_lines(text: bytes, skip_rows: int = 0, skip_footer: int = 0, comment: str = "") -> bytes:
    """UTF-8 text without its first `skip_rows` lines, its last `skip_footer` ones that are not blank, and lines that
    begin with `comment`."""
    lines = text.splitlines(keepends=True)[skip_rows:]
    for _ in range(skip_footer):
        while lines and not lines[-1].strip(b' \t\r\n,;|"'):
            lines.pop()
        del lines[-1:]
    if comment:
        lines = [line for line in lines if not line.startswith(comment.encode())]
    return b"".join(lines)
