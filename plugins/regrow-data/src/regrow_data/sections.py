"""What the stages of this plugin have to say on the report."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE, at
from regrow.artifacts.fields import is_number
from regrow_data.suspects import line

RECORD = "ingest_record"  # the artifact in which the numbers stand
CLASSES = 30  # that a table lists
NEVER_HELD_OUT = -1
FOLDS = {NEVER_HELD_OUT: "never held out: for fitting", -2: "left out: between the two"}


def data(record: Mapping[str, Any], odd: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The section `data_section`: how many rows there are, and what the target is like."""
    said = [
        blocks.number("rows read", RECORD, "rows_read"),
        blocks.number("rows without a target, dropped", RECORD, "rows_without_target"),
        blocks.number("rows kept", RECORD, "rows_kept"),
        _target(record["target"]),
    ]
    if record.get("cleaning"):
        places = [at(RECORD, f"cleaning.{number}.rows_dropped") for number in range(len(record["cleaning"]))]
        rows: list[list[Any]] = [
            [f"{one['name']}\n{one['use']}", place] for one, place in zip(record["cleaning"], places, strict=True)
        ]
        said.append(blocks.table("Rows that were left out", ["Step", "Rows"], rows))
    if record.get("read"):
        rows = [[one["column"], one["said"]] for one in record["read"]]
        said.append(blocks.table("How the text was read", ["Column", ""], rows, "`data.types` says otherwise."))
    if odd:
        rows = [[name, one["said"], line(name, one)] for name, one in odd.items()]
        said.append(blocks.table("Columns that are no features as they are", ["Column", "", "Setting"], rows))
    if record["lookups"]:
        rows = [
            [name, at(RECORD, f"lookups.{name}.rows"), len(lookup["columns"])]
            for name, lookup in record["lookups"].items()
        ]
        said.append(blocks.table("Tables to look things up in", ["Table", "Rows", "Columns"], rows))
    return {"title": "What it was predicted from", "level": "analyse", "order": 20, "blocks": said}


def _target(target: Mapping[str, Any]) -> dict[str, Any]:
    title, place = f"The target, {target['name']}", "target.distribution"
    spread = target["distribution"]
    if isinstance(spread, Mapping):
        known = [name for name, value in spread.items() if is_number(value)]  # of infinite ones a record holds the name
        rows = [[name, at(RECORD, f"{place}.{name}")] for name in sorted(known, key=lambda name: spread[name])]
        return blocks.table(title, ["All rows", "Value"], rows)
    rows = [
        [str(one["class"]), at(RECORD, f"{place}.{number}.rows"), at(RECORD, f"{place}.{number}.share", SHARE)]
        for number, one in enumerate(spread[:CLASSES])
    ]
    more = f"The first {CLASSES} of {len(spread)} classes." if len(spread) > CLASSES else ""
    return blocks.table(title, ["Class", "Rows", "Share"], rows, more)


def columns(record: Mapping[str, Any], settings: Any) -> dict[str, Any]:
    """The section `columns_section`: every column of the table, and the settings it was read under."""
    rows = [
        [column["name"], column["type"], at(RECORD, f"columns.{number}.missing", SHARE)]
        for number, column in enumerate(record["columns"])
    ]
    said = [blocks.table("Columns", ["Column", "Type", "Missing"], rows), blocks.settings_table("Settings", settings)]
    return {"title": "Columns of the table", "level": "engineer", "order": 10, "blocks": said}


def split(folds: np.ndarray, repeats: int, settings: Any) -> dict[str, Any]:
    """The section `split_section`: how many rows are held out, by fold of the first repeat, and the settings."""
    numbers, counts = np.unique(folds, return_counts=True)
    rows = [
        [
            FOLDS.get(number, f"held out in fold {number}"),
            int(count),
            {"value": float(count / len(folds)), "unit": SHARE},
        ]
        for number, count in zip(numbers.tolist(), counts, strict=True)
    ]
    again = f"Rows are dealt out {repeats} times; these are the folds of the first." if repeats > 1 else ""
    said = [blocks.table("Rows", ["", "Rows", "Share"], rows, again), blocks.settings_table("Settings", settings)]
    return {"title": "Which rows were held out", "level": "engineer", "order": 20, "blocks": said}
