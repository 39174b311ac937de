"""The blocks of a section, as stages make them: plain dicts, which the type `section` checks."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from regrow.plugin.components import Use

SHARE = "share"  # the unit of a number from 0 to 1 that is shown as a percentage


def text(words: str) -> dict[str, Any]:
    """A paragraph."""
    return {"kind": "text", "text": words}


def at(artifact: str, place: str, unit: str = "") -> dict[str, Any]:
    """A number, as a table's cell, that stands in an artifact (metrics or a record): the page takes it from there.

    place: the keys on the way to it, with dots between; in a list, positions.
    """
    return {"unit": unit, "from": {"artifact": artifact, "place": place}}


def number(label: str, artifact: str, place: str, unit: str = "") -> dict[str, Any]:
    """A number with its label; see `at`."""
    return {"kind": "number", "label": label, **at(artifact, place, unit)}


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], caption: str = "") -> dict[str, Any]:
    """A table; a cell is text (its first line in full size), a number, None, or a number with its unit."""
    return {
        "kind": "table",
        "title": title,
        "columns": list(columns),
        "rows": list(map(list, rows)),
        "caption": caption,
    }


def figure(title: str, svg: Any, caption: str = "") -> dict[str, Any]:
    """A picture: SVG text or a matplotlib Figure."""
    return {"kind": "figure", "title": title, "svg": svg, "caption": caption}


def settings_table(title: str, settings: Any) -> dict[str, Any]:
    """Checked settings as a table of dotted keys, as `dvc exp run -S` takes them, and values, as JSON."""
    return table(title, ["Setting", "Value"], list(_flat(settings, "")))


def _flat(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Use):
        yield f"{key}.use", json.dumps(value.name, ensure_ascii=False)
        if value.settings is not None:
            yield from _flat(value.settings, key)
        return
    if hasattr(type(value), "model_fields"):
        value = dict(value)
    if not isinstance(value, Mapping):
        yield key, json.dumps(value, ensure_ascii=False, default=str)
        return
    for name, inner in value.items():
        yield from _flat(inner, f"{key}.{name}".strip("."))
