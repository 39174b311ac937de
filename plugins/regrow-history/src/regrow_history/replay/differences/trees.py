"""Two JSON values, or the rows of two CSV files: which key differs first."""

import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

from regrow_history.replay.differences import tally
from regrow_history.replay.differences.tally import ABSENT, Tally

MOST = 100 << 20  # bytes
MOST_ROWS = 32 << 20
DEPTH = 200


def read(path: Path) -> Any:
    """A JSON file of at most MOST bytes, NaN and Infinity included. ValueError or OSError if it is none."""
    if path.stat().st_size > MOST:
        raise tally.TooLargeError("is too large to be compared key by key")
    return parse(path.read_bytes())


def parse(data: bytes) -> Any:
    """JSON. ValueError if it is none, or nested too deeply."""
    try:
        value = json.loads(data)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    _check_depth(value)
    return value


def csv_rows(path: Path, name: str) -> dict[str, Any]:
    """Columns and rows of a CSV file, of at most MOST_ROWS bytes unpacked; a number with a fraction as a float.

    ValueError, OSError, csv.Error, EOFError or zlib.error for what is no such file.
    """
    with gzip.open(path) if name.endswith(".gz") else path.open("rb") as stream:
        data = stream.read(MOST_ROWS + 1)
    if len(data) > MOST_ROWS:
        raise tally.TooLargeError("is too large to be compared cell by cell")
    text = io.StringIO(data.decode(), newline="")
    found = csv.DictReader(text, delimiter="\t" if ".tsv" in name else ",", strict=True)
    rows = [{str(column): _cell(value) for column, value in row.items()} for row in found]
    return {"columns": list(found.fieldnames or ()), "row": rows}


def _cell(text: Any) -> Any:
    try:
        return float(text) if any(letter in text for letter in ".eEn") else text
    except (ValueError, TypeError):
        return text


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEPTH):
        level = [
            inner
            for node in level
            if isinstance(node, dict | list)
            for inner in (node.values() if isinstance(node, dict) else node)
        ]
    if level:
        raise ValueError("is nested too deeply")


def compare(recorded: Any, replayed: Any, counts: Tally, key: str = "") -> None:
    """Note every key at which two JSON values differ."""
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        for name in [*recorded, *(name for name in replayed if name not in recorded)]:
            inner = f"{key}.{name}" if key else str(name)
            if name in recorded and name in replayed:
                compare(recorded[name], replayed[name], counts, inner)
            else:
                _one_sided(inner, recorded.get(name, ABSENT), replayed.get(name, ABSENT), counts)
        if not recorded and not replayed:
            counts.total += 1
    elif isinstance(recorded, list) and isinstance(replayed, list):
        _lists(recorded, replayed, counts, key)
    else:
        _leaves(recorded, replayed, counts, key)


def _lists(recorded: list[Any], replayed: list[Any], counts: Tally, key: str) -> None:
    if recorded != replayed and _in_another_order(recorded, replayed):
        at = tally.first_unlike(recorded, replayed)
        counts.total += len(recorded)
        unlike = sum(one != other for one, other in zip(recorded, replayed, strict=True))
        counts.note(f"{key}[{at}]", recorded[at], replayed[at], tally.ORDER, unlike)
        return
    for position, (one, other) in enumerate(zip(recorded, replayed, strict=False)):
        compare(one, other, counts, f"{key}[{position}]")
    for position in range(min(len(recorded), len(replayed)), max(len(recorded), len(replayed))):
        sides = [side[position] if position < len(side) else ABSENT for side in (recorded, replayed)]
        _one_sided(f"{key}[{position}]", sides[0], sides[1], counts)


def _in_another_order(recorded: list[Any], replayed: list[Any]) -> bool:
    if len(recorded) != len(replayed):
        return False
    one, other = ([json.dumps(item, sort_keys=True) for item in side] for side in (recorded, replayed))
    return Counter(one) == Counter(other) and one != other


def _one_sided(key: str, recorded: Any, replayed: Any, counts: Tally) -> None:
    counts.total += 1
    counts.note(key, recorded, replayed, tally.MISSING)


def _leaves(recorded: Any, replayed: Any, counts: Tally, key: str) -> None:
    counts.total += 1
    if type(recorded) is type(replayed) and (recorded == replayed or (recorded != recorded and replayed != replayed)):
        if repr(recorded) != repr(replayed):  # 0.0 and -0.0
            counts.note(key, recorded, replayed)
        return
    numbers = [isinstance(one, int | float) and not isinstance(one, bool) for one in (recorded, replayed)]
    kind = tally.VALUE if all(numbers) or type(recorded) is type(replayed) else tally.TYPE
    counts.note(key or "the value", recorded, replayed, kind)
    if all(numbers):
        counts.measure(_float(recorded), _float(replayed), isinstance(recorded, float) and isinstance(replayed, float))
    else:
        counts.only_floats = False


def _float(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf")
