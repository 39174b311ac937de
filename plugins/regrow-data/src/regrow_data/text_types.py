"""From text to types: a column is one type as a whole, found by rules that are written here and nowhere else.

A type is only inferred when nothing is lost by it: "00123" and "+49 30" stay text, as do whole numbers that a float
could not hold. `fit` is what a person asks for by name, and is therefore more lenient.
"""

import re
from typing import Any

import numpy as np
import pandas as pd

KINDS = ("integer", "number", "text", "boolean", "date")
TEXT = pd.StringDtype(na_value=np.nan)
EXACT = 2**53  # the largest whole number up to which a float64 is exact

_DIGITS = r"-?(?:0|[1-9][0-9]*)"
_WHOLE = re.compile(_DIGITS)
NUMBER = re.compile(rf"(?:{_DIGITS}(?:\.[0-9]*)?|-?\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
_ZONE = r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
_LOCAL_DATE = re.compile(rf"{_DAY}(?:{_TIME})?")
_ZONED_DATE = re.compile(rf"{_DAY}{_TIME}{_ZONE}")
_ANY_DATE = re.compile(rf"{_DAY}(?:{_TIME}{_ZONE}?)?")

_ASKED_WHOLE = re.compile(r"[+-]?[0-9]{1,19}(?:\.0*)?")
_ASKED_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ASKED_BOOLEAN = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def infer(column: pd.Series, decimal: str = ".") -> tuple[pd.Series, str]:
    """A text column (missing cells NaN) as the one type that all its values have, and that type's name.

    Rules, in this order: no value at all -> number; true/false -> boolean; whole numbers -> integer; numbers -> number;
    ISO 8601 dates, all with or all without a time zone -> date; anything else -> text.
    """
    values = column.dropna()
    if values.empty:
        return column.astype("float64"), "number"
    if _all_match(_BOOLEAN, values):
        return _booleans(column.str.lower().map(_ASKED_BOOLEAN)), "boolean"
    if _all_match(_WHOLE, values):
        return _whole_or_text(column, values)
    written = _with_point(values, decimal)
    if _all_match(NUMBER, written):
        numbers = _with_point(column, decimal).astype("float64")
        return (numbers, "number") if np.isfinite(numbers.dropna()).all() else (column, "text")
    if _all_match(_LOCAL_DATE, values) or _all_match(_ZONED_DATE, values):
        dates = _dates(column, None)
        return (dates, "date") if dates.notna().sum() == len(values) else (column, "text")
    return column, "text"


def fit(
    column: pd.Series, kind: str, date_format: str | None = None, decimal: str = "."
) -> tuple[pd.Series, pd.Series]:
    """A text column as the type asked for, and a boolean mask of the values that do not fit it (NaN in the result).

    Lenient where meaning is clear: leading zeros and + in numbers, 5.0 for a whole number, yes/no and 1/0 for boolean,
    dates with and without a zone together (without one they are UTC).
    """
    present = column.notna()
    if kind == "text":
        return column.astype(TEXT), ~present & False
    if kind == "boolean":
        made = column.str.lower().map(_ASKED_BOOLEAN)
        wrong = present & made.isna()
        return _booleans(made), wrong
    if kind == "date":
        dates = _dates(column if date_format else column.where(_matches(_ANY_DATE, column)), date_format)
        return dates, present & dates.isna()
    written = _with_point(column, decimal)
    right = _matches(_ASKED_WHOLE if kind == "integer" else _ASKED_NUMBER, written)
    numbers = written.where(right).astype("float64")
    right &= np.isfinite(numbers)
    if kind == "integer":
        return _asked_whole(written.where(right), numbers, present)
    return numbers, present & ~right


def restore(column: pd.Series, kind: str) -> pd.Series:
    """A column without missing values (any more) in its kind's own dtype: the float that stood in for it is undone."""
    own = {"integer": "int64", "boolean": "bool"}.get(kind)
    return column.astype(own) if own and column.dtype == "float64" and column.notna().all() else column


def as_text(column: pd.Series) -> pd.Series:
    """A typed column as one would write it: 5 (not 5.0), true, 2013-01-31T10:00:00. Missing stays missing."""
    if isinstance(column.dtype, pd.StringDtype):
        return column
    written: list[Any] = [None if pd.isna(value) else _as_written(value) for value in column]
    return pd.Series(written, index=column.index, name=column.name, dtype=TEXT)


def _as_written(value: Any) -> str:
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if float(value).is_integer() and abs(value) <= EXACT else repr(float(value))
    return str(value)


def _matches(pattern: re.Pattern[str], column: pd.Series) -> pd.Series:
    return column.str.fullmatch(pattern.pattern).fillna(False).astype(bool)


def _all_match(pattern: re.Pattern[str], values: pd.Series) -> bool:
    """The first values alone rule most types out; only then is the whole column read."""
    return bool(_matches(pattern, values.iloc[:64]).all() and _matches(pattern, values).all())


def _with_point(column: pd.Series, decimal: str) -> pd.Series:
    """Numbers with the decimal sign `decimal` as numbers with a point; what has a point already is then no number."""
    if decimal == ".":
        return column
    return (
        column.where(~column.str.contains(".", regex=False).fillna(False).astype(bool), "no number")
        .str.replace(decimal, ".", regex=False)
        .where(column.notna())
    )


def _booleans(column: pd.Series) -> pd.Series:
    """bool, or float64 (1.0, 0.0, NaN) when values are missing, as with integers: Parquet keeps both, and every
    scikit-learn step takes both, where object columns of True, False and None pass neither."""
    return column.astype("float64") if column.isna().any() else column.astype(bool)


def _whole_or_text(column: pd.Series, values: pd.Series) -> tuple[pd.Series, str]:
    """int64; float64 with missing values; text when either would change a digit (long identifiers)."""
    if values.str.len().max() > 18:
        return column, "text"
    if len(values) == len(column):
        return column.astype("int64"), "integer"
    if values.astype("int64").abs().max() > EXACT:
        return column, "text"
    return column.astype("float64"), "integer"


def _asked_whole(written: pd.Series, numbers: pd.Series, present: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Whole numbers as int64 if none is missing and all fit, else as float64 as far as that is exact."""
    right = written.notna()
    if right.all():
        whole = [int(text.partition(".")[0]) for text in written]
        if all(-(2**63) <= number < 2**63 for number in whole):
            return pd.Series(whole, index=written.index, name=written.name, dtype="int64"), ~right
    right &= numbers.abs() <= EXACT
    return numbers.where(right), present & ~right


def _dates(column: pd.Series, date_format: str | None) -> pd.Series:
    """datetime64[us] in UTC without a zone: one type for all, so that any two date columns compare and join."""
    dates = pd.to_datetime(column.astype(object), format=date_format or "ISO8601", errors="coerce", utc=True)
    return dates.dt.tz_convert(None).dt.as_unit("us")
