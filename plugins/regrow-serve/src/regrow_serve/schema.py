"""The raw columns as training knew them, and the values of a request or a file in exactly those types.

Nothing is inferred: a column is of the type that ingest found. In pandas a whole number or a truth value without gaps
is int64 or bool; a row that lacks one is scored apart, so that no other row of its batch changes type with it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from regrow_data.exports import Form, read_alike
from regrow_data.text_types import EXACT, TEXT, fit

MOST_LEVELS = 1000  # texts of a column that are listed; of a column with more, none is unseen
LONGEST = 80  # characters of a value shown
ALLOWED = {
    "integer": "a whole number",
    "number": "a finite number",
    "boolean": "true or false",
    "text": "text",
    "date": "a date such as 2013-01-31 or 2013-01-31T17:00:00Z",
}
CLOCK_TIME = "a number of minutes, or a time such as 17:30"
FILLERS = {"int64": 0, "bool": False}


@dataclass(frozen=True)
class Column:
    """A raw column. kind: as ingest says. dtype: in training. nullable: whether rows of the data lack values. needed:
    whether scoring reads it. low, high, levels: of the training rows, None where there is no such thing. format: of
    dates that are not ISO 8601. form: how its text was read where it was an export's, see `exports.Form`."""

    name: str
    kind: str
    dtype: str
    nullable: bool
    needed: bool = True
    low: float | str | None = None
    high: float | str | None = None
    levels: tuple[str, ...] | None = None
    format: str | None = None
    form: Mapping[str, Any] | None = None

    @property
    def is_clock(self) -> bool:
        """Whether it holds times, which are minutes in the table."""
        return bool(self.form and "clock" in self.form)

    @property
    def allowed(self) -> str:
        """What a value of it is, in words."""
        return CLOCK_TIME if self.is_clock else ALLOWED[self.kind]


@dataclass
class Typed:
    """Rows in the types of training. values: column -> values, a filler where a whole number or truth value is
    missing. missing: column -> mask of no value. wrong: column -> row -> what stood there. absent, extra: columns that
    a row does not have, or has beyond the data's, by row."""

    rows: int
    values: dict[str, pd.Series] = field(default_factory=dict)
    missing: dict[str, np.ndarray] = field(default_factory=dict)
    wrong: dict[str, dict[int, Any]] = field(default_factory=dict)
    absent: dict[str, np.ndarray] = field(default_factory=dict)
    extra: dict[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Schema:
    """columns: the raw ones. ignored: those that scoring never looks at (target, its source, leaks). features: name ->
    dtype of what reaches the model, in order."""

    columns: tuple[Column, ...]
    ignored: tuple[str, ...]
    features: Mapping[str, str]

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> "Schema":
        """Of what `as_json` made."""
        columns = [Column(**{**one, "levels": _tuple(one["levels"])}) for one in value["columns"]]
        return cls(tuple(columns), tuple(value["ignored"]), {one["name"]: one["dtype"] for one in value["features"]})

    def as_json(self) -> dict[str, Any]:
        """Plain values, as schema.json holds them."""
        features = [{"name": name, "dtype": dtype} for name, dtype in self.features.items()]
        return {"columns": [asdict(one) for one in self.columns], "ignored": list(self.ignored), "features": features}

    @property
    def needed(self) -> tuple[Column, ...]:
        """What scoring reads."""
        return tuple(one for one in self.columns if one.needed)

    def known(self) -> set[str]:
        """All names that the data had."""
        return {one.name for one in self.columns} | set(self.ignored)

    def of_rows(self, rows: Sequence[Mapping[str, Any]]) -> Typed:
        """Rows of JSON, typed. A null is a missing value, whatever the column."""
        typed = Typed(len(rows))
        for column in self.needed:
            absent = np.fromiter((column.name not in row for row in rows), bool, len(rows))
            if absent.any():
                typed.absent[column.name] = absent
            take(typed, column, *from_json(column, [row.get(column.name) for row in rows]))
        known = self.known()
        for number, row in enumerate(rows):
            if not row.keys() <= known:
                typed.extra[number] = tuple(sorted(name for name in row if name not in known))
        return typed


def _tuple(value: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def frame(typed: Typed, rows: np.ndarray) -> Iterable[tuple[np.ndarray, pd.DataFrame]]:
    """The given rows as tables of the training's types, with the rows of each: those of one pattern of missing whole
    numbers and truth values at a time, whose columns become float64 as they would in training."""
    gaps = {name: mask for name, mask in typed.missing.items() if typed.values[name].dtype.name in FILLERS}
    gaps = {name: mask for name, mask in gaps.items() if mask[rows].any()}
    patterns: dict[tuple[bool, ...], list[int]] = {}
    for row in rows:
        patterns.setdefault(tuple(bool(mask[row]) for mask in gaps.values()), []).append(int(row))
    for pattern, chosen in patterns.items():
        table = pd.DataFrame(
            {name: values.iloc[chosen].reset_index(drop=True) for name, values in typed.values.items()}
        )
        for name, gap in zip(gaps, pattern, strict=True):
            if gap:
                table[name] = np.full(len(chosen), np.nan)
        yield np.array(chosen), table


def shown(value: Any) -> Any:
    """A value as a message shows it: plain JSON, and short."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if math.isfinite(value) and abs(value) <= 2**63 else str(value)[:LONGEST]
    text = value if isinstance(value, str) else repr(value)
    return text.encode("utf-8", "replace").decode() if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


Made = tuple[pd.Series, np.ndarray, dict[int, Any]]  # values, missing, what was wrong


def take(typed: Typed, column: Column, values: pd.Series, missing: np.ndarray, wrong: dict[int, Any]) -> None:
    """Put a column into typed rows."""
    typed.values[column.name], typed.missing[column.name] = values, missing
    if wrong:
        typed.wrong[column.name] = wrong


def from_json(column: Column, given: list[Any]) -> Made:
    """Values of JSON as a column; what does not fit is told, and stands there as missing."""
    missing = np.fromiter((value is None for value in given), bool, len(given))
    wrong = {row: value for row, value in enumerate(given) if value is not None and not _fits(column, value)}
    kept = [None if row in wrong else value for row, value in enumerate(given)] if wrong else given
    if column.kind == "date":
        dates, odd = _dates(column, pd.Series(kept, dtype=TEXT))
        wrong |= {int(row): given[row] for row in np.flatnonzero(odd)}
        return dates.astype(column.dtype), missing, wrong
    if column.is_clock:
        kept, odd = _minutes(column, kept)
        wrong |= {row: given[row] for row in odd}
    if column.dtype in FILLERS:
        kept = [FILLERS[column.dtype] if value is None else value for value in kept]
    elif column.kind != "text":
        kept = [math.nan if value is None else float(value) for value in kept]
    return pd.Series(kept, dtype=TEXT if column.kind == "text" else column.dtype), missing, wrong


def _dates(column: Column, written: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Dates in the file's own format, or in ISO 8601 as rows are handed on in, and a mask of what is neither."""
    dates, odd = fit(written, "date", column.format)
    if not column.format or not odd.any():
        return dates, odd
    more, odd = fit(written.where(odd), "date")
    return dates.where(more.isna(), more), odd


def _minutes(column: Column, given: list[Any]) -> tuple[list[Any], list[int]]:
    """Times of day as minutes, numbers as they are, and the rows of text that is no time."""
    texts = {row: value for row, value in enumerate(given) if isinstance(value, str)}
    values, odd = read_alike(pd.Series(texts, dtype=TEXT), column.kind, Form.read(column.form or {}))
    read = values.to_dict()
    return [read.get(row, value) for row, value in enumerate(given)], [int(row) for row in odd.index[odd]]


def _fits(column: Column, value: Any) -> bool:
    """Whether a value of JSON is of the column's kind: true is no number, and "5" neither."""
    if column.kind in ("text", "date") or (column.is_clock and isinstance(value, str)):
        return isinstance(value, str)
    if column.kind == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if not -1.7e308 <= value <= 1.7e308:
        return False
    whole = isinstance(value, int) or value.is_integer()
    exact = abs(value) <= EXACT or (isinstance(value, int) and column.dtype == "int64" and -(2**63) <= value < 2**63)
    return column.kind == "number" or (whole and exact)
