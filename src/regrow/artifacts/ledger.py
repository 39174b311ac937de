"""ledger: the trials of a search, a DataFrame with one row a trial, in one Parquet file."""

import json
from pathlib import Path
from typing import Any

from regrow.artifacts import table

COLUMNS = ("trial", "params", "values", "state")
OBJECTS = ("params", "values")


def check(value: Any) -> None:
    """ValueError unless it is a DataFrame with these columns, and any others: trial, whole numbers that rise from row
    to row; params and values, a JSON object each, as text or as a dict, of settings by key and of numbers by name;
    state, text: how it ended. There may be no trials."""
    import pandas as pd

    table.check_frame(value)
    if lacking := [name for name in COLUMNS if name not in value]:
        raise ValueError(f"has no column {', '.join(lacking)}; a ledger has {', '.join(COLUMNS)}")
    if not len(value):
        return
    trial = value["trial"]
    if not pd.api.types.is_integer_dtype(trial) or not (trial.is_unique and trial.is_monotonic_increasing):
        raise ValueError("has trials that are no whole numbers, each larger than the one before")
    if not value["state"].map(lambda one: isinstance(one, str) and bool(one)).all():
        raise ValueError("has a trial without a state")
    for name in OBJECTS:
        for number, one in zip(trial, value[name], strict=True):
            try:
                _object(one)
            except (TypeError, ValueError) as error:
                raise ValueError(f"has {name} of trial {number} that are no JSON object: {error}") from None


def _object(value: Any) -> str:
    """A dict, or the text of one, in one form. ValueError or TypeError if it is none."""
    read = json.loads(value) if isinstance(value, str) else value
    if not isinstance(read, dict):
        raise ValueError(f"it is {value!r}")
    return json.dumps(read, sort_keys=True, allow_nan=False, ensure_ascii=False)


def write(value: Any, path: Path) -> None:
    """Write Parquet, as the type table; params and values with their keys sorted."""
    table.write(value.assign(**{name: value[name].map(_object).astype("str") for name in OBJECTS}), path)


def read(path: Path) -> Any:
    """Read it; params and values are text. ValueError or OSError if the file is no whole ledger."""
    value = table.read(path)
    check(value)
    return value
