"""Text that people type: what no answer may hold, and how any other text is written into YAML."""

import unicodedata

BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NOT_IN_FILES = {"\ufeff", "\ufffe", "\uffff"}  # YAML readers refuse them
JINJA = ("{{", "{%", "{#")
LONGEST = 200


def unfit(text: str) -> str:
    """Why a text can't be an answer, or "": it must stay on one line, read as it looks, and be writable as UTF-8."""
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs":
            return "holds bytes that are not UTF-8"
        if category in {"Cc", "Zl", "Zp"}:
            return f"holds a line break or control character ({_code(character)})"
        if character in BIDI:
            return f"holds a character that reverses the reading direction ({_code(character)})"
        if character in NOT_IN_FILES or ord(character) & 0xFFFF in {0xFFFE, 0xFFFF}:
            return f"holds {_code(character)}, which no YAML file may hold"
    return f"is longer than {LONGEST} characters" if len(text) > LONGEST else ""


def holds_template(text: str) -> bool:
    """Whether cookiecutter would evaluate, or has evaluated, part of the text as a Jinja template."""
    return any(mark in text for mark in JINJA)


def shown(text: str) -> str:
    """The text as a message can print it on any terminal."""
    return ascii(text) if unfit(text) else f"'{text}'"


def quoted(text: str) -> str:
    """A double-quoted YAML scalar that reads back as exactly `text`, which must be fit."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
