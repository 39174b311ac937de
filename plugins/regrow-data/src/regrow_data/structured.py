"""Texts that hold several values each: JSON objects, places, IP addresses. The step that takes them apart is named."""

import json
import re
from collections.abc import Iterable

import pandas as pd

LOOK = 200  # cells
MOST = 0.98  # share of them that are of the shape
FIELDS = 20  # of JSON that are named
_NUMBER = r"-?[0-9]+[.][0-9]+"
_PLACE = re.compile(rf"(?:POINT ?)?[(\[]?\s*{_NUMBER}\s*[,; ]\s*{_NUMBER}\s*[)\]]?")
_ADDRESS = re.compile(r"[0-9]{1,3}(?:[.][0-9]{1,3}){3}")
#: What is said of a shape, and the pattern that takes it apart.
_SHAPES = {
    _PLACE: ("holds two numbers in each cell, such as a place", "(?P<a>-?[0-9.]+)[,; ]+(?P<b>-?[0-9.]+)", ""),
    _ADDRESS: ("holds IP addresses", "^(?P<net>[0-9]+[.][0-9]+)", ", texts: [net]"),
}


def structure(name: str, present: pd.Series) -> tuple[str, str] | None:
    """What a text column without gaps holds, and the setting that takes it apart; None of other texts."""
    cells = [str(cell) for cell in present.iloc[:LOOK]]
    column = json.dumps(name, ensure_ascii=False)
    for shape, (said, pattern, more) in _SHAPES.items():
        if _mostly(bool(shape.fullmatch(cell)) for cell in cells):
            return said, f"features.derive: {{parts: {{use: extract, column: {column}, pattern: '{pattern}'{more}}}}}"
    objects = [_object(cell) for cell in cells]
    if not _mostly(bool(one) for one in objects):
        return None
    numbers, texts = _fields([one for one in objects if one])
    if not numbers and not texts:
        return None
    fields = f"numbers: {json.dumps(numbers, ensure_ascii=False)}, texts: {json.dumps(texts, ensure_ascii=False)}"
    return "holds JSON objects", f"features.derive: {{parts: {{use: json_fields, column: {column}, {fields}}}}}"


def _mostly(right: Iterable[bool]) -> bool:
    told = list(right)
    return bool(told) and sum(told) >= MOST * len(told)


def _object(cell: str) -> dict[str, object]:
    try:
        made = json.loads(cell) if cell.startswith("{") else None
    except (ValueError, RecursionError):
        return {}
    return made if isinstance(made, dict) else {}


def _fields(objects: list[dict[str, object]]) -> tuple[list[str], list[str]]:
    """Fields of numbers (true and false among them) and of text, in the order in which they come up."""
    held: dict[str, set[bool]] = {}
    for one in objects:
        for key, value in one.items():
            if isinstance(value, str | int | float) and "." not in key:
                held.setdefault(key, set()).add(isinstance(value, str))
    names = list(held)[:FIELDS]
    return [name for name in names if held[name] == {False}], [name for name in names if True in held[name]]
