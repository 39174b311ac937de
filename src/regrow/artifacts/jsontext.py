"""JSON in one form: sorted keys, no NaN, floats by repr, text as it is, one line end at the end."""

import json
import math
from collections.abc import Mapping
from typing import Any


def dumps(value: Any) -> str:
    """The canonical text. Numbers of numpy become plain ones.

    Raises ValueError, with its key, for what JSON can't hold.
    """
    return json.dumps(plain(value, ""), sort_keys=True, allow_nan=False, ensure_ascii=False, indent=2) + "\n"


def plain(value: Any, key: str) -> Any:
    """The value out of plain dicts, lists, text, numbers; ValueError naming the key for anything else."""
    if isinstance(value, Mapping):
        odd = [name for name in value if not isinstance(name, str)]
        if odd:
            raise ValueError(f"key {odd[0]!r} in {key or 'the top level'} is not text")
        return {name: plain(inner, f"{key}.{name}".strip(".")) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner, f"{key}[{position}]") for position, inner in enumerate(value)]
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{key or 'the value'} is {value}, which is not a finite number")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise ValueError(f"{key or 'the value'} is a {type(value).__name__}, which JSON can't hold")
