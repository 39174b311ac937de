"""Two models in skops files: which key of the schema, or which element of an array, differs first. Nothing is loaded
but JSON and plain arrays."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from regrow_history.replay.differences import arrays, tally, trees
from regrow_history.replay.differences.tally import ABSENT, Difference, Tally

MOST = 500 << 20  # bytes of all members, unpacked
MEMBERS = 100_000
SCHEMA = "schema.json"
PLAIN = {"DictNode", "ListNode", "TupleNode", "SetNode"}
HOLDERS = {"content", "__id__", "__loader__", "__class__", "__module__"}


def compare(recorded: Path, replayed: Path) -> Tally:
    """The schema, then the arrays. ValueError, zipfile.BadZipFile or another error for what is no such file."""
    counts = Tally()
    with zipfile.ZipFile(recorded) as one, zipfile.ZipFile(replayed) as other:
        names, names_now = _members(one), _members(other)
        schema, schema_now = (_schema(archive) for archive in (one, other))
        trees.compare(_values(schema), _values(schema_now), counts)
        called = dict(files_with(schema))
        for name in sorted((names | names_now) - {SCHEMA}):
            place = f"{name} ({called[name]})" if called.get(name) else tally.show(name)
            if name not in names or name not in names_now:
                sides = ["there" if name in side else ABSENT for side in (names, names_now)]
                counts.note(place, sides[0], sides[1], tally.MISSING)
            elif (data := one.read(name)) != (data_now := other.read(name)):
                _contents(name, place, data, data_now, counts)
            else:
                counts.total += 1
        if counts.found is None:
            trees.compare(schema, schema_now, counts)  # such as a list that was a tuple
    return counts


def _members(archive: zipfile.ZipFile) -> set[str]:
    listed = archive.infolist()
    if len(listed) > MEMBERS or sum(one.file_size for one in listed) > MOST:
        raise tally.TooLargeError("is too large to be compared")
    if len({one.filename for one in listed}) != len(listed):
        raise ValueError("holds a member twice")
    return {one.filename for one in listed}


def _schema(archive: zipfile.ZipFile) -> Any:
    return trees.parse(archive.read(SCHEMA))


def _contents(name: str, place: str, recorded: bytes, replayed: bytes, counts: Tally) -> None:
    import numpy as np

    if name.endswith(".npy"):
        sides = [np.load(io.BytesIO(data), allow_pickle=False) for data in (recorded, replayed)]
        arrays.compare(sides[0], sides[1], counts, place)
        return
    at = tally.first_unlike(recorded, replayed)
    shown = [data[at : at + 8].hex(" ") or "the end" for data in (recorded, replayed)]
    counts.total += 1
    counts.note(f"{place}, byte {at:,}", shown[0], shown[1], tally.BYTES)


def _values(node: Any) -> Any:
    """What a schema says of the model, without what only says how it is stored.

    Numbers and texts lie in it as JSON in JSON; attributes of an object inside a dict inside the object.
    """
    if isinstance(node, list):
        return [_values(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    loader, content = node.get("__loader__"), node.get("content")
    if loader == "JsonNode" and isinstance(content, str):
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            return content
    if loader in PLAIN and isinstance(content, dict | list):
        return (
            {name: _values(inner) for name, inner in content.items()} if isinstance(content, dict) else _values(content)
        )
    inner = _values(content)
    about = {name: _values(value) for name, value in node.items() if name not in {"content", "__id__", "__loader__"}}
    if isinstance(inner, dict) and not inner.keys() & about.keys():
        return {**about, **inner}
    return {**about, "content": inner} if "content" in node else about


def files_with(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """(member, key) of everything in a schema that lies in a member of its own."""
    if isinstance(node, dict):
        if isinstance(node.get("file"), str):
            yield node["file"], key
        for name, inner in node.items():
            step = "" if name in HOLDERS else f".{name}" if key else str(name)
            yield from files_with(inner, key + step)
    elif isinstance(node, list):
        for position, inner in enumerate(node):
            yield from files_with(inner, f"{key}[{position}]")


def dates(recorded: Path, replayed: Path) -> Difference | None:
    """The first date of a member that differs, in files that hold the same."""
    with zipfile.ZipFile(recorded) as one, zipfile.ZipFile(replayed) as other:
        for before, now in zip(one.infolist(), other.infolist(), strict=False):
            if before.filename == now.filename and before.date_time != now.date_time:
                shown = ["{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*at.date_time) for at in (before, now)]
                place = f"date of {tally.show(before.filename)}"
                return Difference(place, shown[0], shown[1], "the same values", tally.FORM)
    return None
