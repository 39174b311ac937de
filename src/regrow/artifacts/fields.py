"""The keys of a JSON object and their types, checked with messages that name what is there and what should be."""

from collections.abc import Collection, Mapping
from typing import Any

from regrow.plugin.components import nearest

NOTHING: Mapping[str, type] = {}
WORDS = {str: "text", int: "a whole number", float: "a number", list: "a list", dict: "a dict"}


def is_number(value: object) -> bool:
    """Whether it is an int or a float; True and False are neither."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_fields(value: Any, needed: Mapping[str, type], optional: Mapping[str, type] = NOTHING) -> None:
    """ValueError unless `value` is a dict with all the needed keys, some of the optional ones (None is as good as not
    there), no others, and each of its type; a float may be whole."""
    if not isinstance(value, Mapping):
        raise ValueError(f"is {value!r}, not a dict")
    known = {**needed, **optional}
    for name in value:
        if name not in known:
            raise ValueError(f"has a key {name!r}; {nearest(name, list(known))}")
    for name, kind in known.items():
        given = value.get(name)
        if given is None and name in needed:
            raise ValueError(f"has no {name!r}")
        fits = is_number(given) if kind is float else isinstance(given, kind) and not isinstance(given, bool)
        if given is not None and not fits:
            raise ValueError(f"has {name!r}: {given!r}, which is not {WORDS[kind]}")


def check_choice(value: Mapping[str, Any], name: str, choices: Collection[str]) -> None:
    """ValueError unless the text at a key is one of the choices."""
    if value[name] not in choices:
        raise ValueError(f"has {name!r}: {value[name]!r}; {nearest(value[name], list(choices))}")
