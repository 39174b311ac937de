"""What somebody else wrote, made safe to show: no control characters, nothing endless, nothing taken for markup."""

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

MOST = 200  # characters of one value
# Sequences that drive a terminal, whole; then every other character that is none to see or turns the line around.
_DRIVES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]")
_HIDDEN = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(value: object, most: int = MOST) -> str:
    """A value as one line of text of at most `most` characters, that does nothing to a terminal."""
    if isinstance(value, str) and len(value) <= most and value.isascii() and value.isprintable():
        return " ".join(value.split())  # most are so
    text = _DRIVES.sub("", value if isinstance(value, str) else str(value))[: 2 * most]
    text = "".join(" " if letter in "\n\t\r" else letter for letter in text if letter in "\n\t\r" or _seen(letter))
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def block(text: str) -> str:
    """A text of several lines, further in, that does nothing to a terminal."""
    lines = text.splitlines()
    return "\n".join(f"    {' ' * (len(line) - len(line.lstrip()))}{clean(line)}" for line in lines)


def _seen(letter: str) -> bool:
    return unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def dumps(value: Any) -> str:
    """JSON for `--json`: keys sorted, and nothing in it that a terminal obeys."""
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
    return _HIDDEN.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def console(*, stderr: bool = False) -> "Console":
    """Where tables are printed: as wide as it takes where nobody looks, and without reading markup in any text."""
    from rich.console import Console

    made = Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)
    if not made.is_terminal:
        made.width = 10_000
    return made


def size(count: int) -> str:
    """Bytes for people, such as "1.2 MB"; "?" if unknown."""
    from rich.filesize import decimal

    return decimal(count) if count >= 0 else "?"
