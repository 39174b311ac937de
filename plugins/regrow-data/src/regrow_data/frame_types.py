"""One small family of column types for everything that a reader may hand over, whatever library backs it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from regrow import RegrowError
from regrow.base.errors import Problem
from regrow.plugin.components import nearest
from regrow_data.exports import Form, clock_form, marks_said, read, read_alike, without_marks
from regrow_data.settings import ColumnType
from regrow_data.text_types import EXACT, KINDS, TEXT, as_text, fit

FIRST_ROWS = 5
UNNAMED = re.compile(r"(?:Unnamed: 0)?")  # as pandas reads its own index


def _say_nothing(column: str, words: str) -> None:
    """Where nobody listens."""


def typed(
    frame: pd.DataFrame, overrules: dict[str, ColumnType], where: str, say: Callable[[str, str], None] = _say_nothing
) -> tuple[pd.DataFrame, dict[str, str], dict[str, Form]]:
    """The table with every column in the family integer, number, boolean, date, text, each column's kind, and the form
    of those whose text was read as an export's.

    In pandas: int64 (float64 when values are missing), float64, bool (float64 when missing), datetime64[us] in UTC,
    str. Text as written (see `readers.mark_as_text`) is read by `exports.read`; other columns keep what they are, but
    for infinite numbers, which become missing. `overrules` wins. say(column, words): what was done to a column's
    values. An unnamed column that counts the rows or is empty is left out, and so are columns whose values no table
    holds, such as nested ones.
    Raises RegrowError on bad or repeated column names, and on values that do not fit an overrule: column, count and
    first rows, for all such columns at once.
    """
    untyped, decimal = bool(frame.attrs.get("untyped")), str(frame.attrs.get("decimal", "."))
    frame = _without_unnamed(_without_index(frame, overrules, say), say)
    names = checked_names(list(frame.columns), where)
    for name in overrules:
        if name not in names:
            raise RegrowError(
                f"there is no column {name!r} in {where}", where=f"data.types.{name}", fix=nearest(name, names)
            )
    if untyped:
        frame = _without_headers(frame, names, say)
    columns: dict[str, pd.Series] = {}
    kinds: dict[str, str] = {}
    forms: dict[str, Form | None] = {}
    problems = []
    for position, name in enumerate(names):
        column = frame.iloc[:, position].reset_index(drop=True).rename(name)
        if asked := overrules.get(name):
            kinds[name] = "number" if asked.type == "time" else asked.type
            written = column.astype(TEXT) if untyped else _written(column, asked, where)
            columns[name], wrong, said, forms[name] = _asked(written, asked, decimal if untyped else ".")
            if wrong.any() and asked.coerce:
                columns[name] = columns[name].mask(wrong)
                said = "; ".join(filter(None, (said, _coerced(asked, written, wrong))))
            elif wrong.any():
                problems.append(_misfit(name, asked, written, wrong, where))
        elif untyped:
            made = read(column.astype(TEXT), decimal)
            columns[name], kinds[name], said = made.values.rename(name), made.kind, made.said
            forms[name] = made.form
        elif (whole := usable(column)) is None:
            say(name, f"holds values of type {_type_name(column)}, which no table of regrow can hold: left out")
            continue
        else:
            columns[name], kinds[name], said = _finite(*whole)
        if said:
            say(name, said)
    if problems:
        raise RegrowError.of(problems)
    return pd.DataFrame(columns), kinds, {name: form for name, form in forms.items() if form}


def _without_index(frame: pd.DataFrame, overrules: Mapping[str, Any], say: Callable[[str, str], None]) -> pd.DataFrame:
    """The table without the first column, if that has no name of its own and counts the rows: an index, written."""
    first = str(frame.columns[0]).strip() if frame.shape[1] > 1 else "a name"
    if not UNNAMED.fullmatch(first) or first in overrules:
        return frame
    counted = pd.to_numeric(frame.iloc[:, 0], errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    if not any(np.array_equal(counted, np.arange(len(frame)) + start) for start in (0, 1)):
        return frame
    say(first or "the first column", "counts the rows, as an index that pandas wrote: left out")
    return frame.iloc[:, 1:]


def _without_unnamed(frame: pd.DataFrame, say: Callable[[str, str], None]) -> pd.DataFrame:
    """The table without columns that have neither a name nor a value, as a separator at the end of each line makes."""
    places = [place for place, name in enumerate(frame.columns) if not str(name).strip()]
    empty = [place for place in places if frame.iloc[:, place].isna().all()]
    for place in empty:
        say(f"column {place + 1}", "has neither a name nor a value: left out")
    return frame.iloc[:, [place for place in range(frame.shape[1]) if place not in empty]] if empty else frame


def _without_headers(frame: pd.DataFrame, names: list[str], say: Callable[[str, str], None]) -> pd.DataFrame:
    """The table, rows that hold the names once more made missing: files that were put together have them."""
    again = np.ones(len(frame), dtype=bool)
    for place, name in enumerate(names):
        again &= (frame.iloc[:, place] == name).to_numpy(dtype=bool, na_value=False)
        if not again.any():
            return frame
    say("the header", f"stands again, {int(again.sum())} x, first in row {again.argmax()}: read as missing")
    return frame.mask(pd.Series(again, index=frame.index), axis=0)


def _asked(written: pd.Series, asked: ColumnType, decimal: str) -> tuple[pd.Series, pd.Series, str, Form | None]:
    """Text as the type asked for, what does not fit, what was taken for missing, and the form if exports' way was
    needed."""
    if asked.type == "text":
        return *fit(written, "text"), "", None
    if asked.type != "time":
        made, wrong = fit(written, asked.type, asked.format, decimal)
        form = Form(format=asked.format) if asked.format else None
        if not asked.decimal and not wrong.any():
            return made, wrong, "", form
    bare, marks = without_marks(written)
    if asked.type == "time":
        form = Form(clock=clock_form(bare))
    elif asked.type in ("integer", "number"):
        form = Form(asked.decimal or decimal)
    else:
        form = Form(format=asked.format or "")
    return *read_alike(written, asked.type, form), marks_said(marks), form


def _finite(values: pd.Series, kind: str) -> tuple[pd.Series, str, str]:
    """Numbers with missing for infinite, and what is said of these."""
    infinite = np.isinf(values) if values.dtype == "float64" else pd.Series(False, index=values.index)
    if not infinite.any():
        return values, kind, ""
    return (
        values.mask(infinite),
        kind,
        f"{int(infinite.sum())} infinite read as missing, the first in row {infinite.argmax()}",
    )


def checked_names(names: list[Any], where: str) -> list[str]:
    """Column names as trimmed text. Raises RegrowError naming those that are empty or occur twice."""
    trimmed = [str(name).strip() for name in names]
    if empty := [str(i + 1) for i, name in enumerate(trimmed) if not name]:
        raise RegrowError(
            f"column {', '.join(empty)} has no name (counted from 1)",
            where=where,
            fix="name it in the file; pandas writes such a column unless told `index=False`",
        )
    if twice := sorted({name for name in trimmed if trimmed.count(name) > 1}):
        raise RegrowError(
            f"these column names occur more than once: {', '.join(twice)}", where=where, fix="rename them in the file"
        )
    return trimmed


def normalise(column: pd.Series, where: str) -> tuple[pd.Series, str]:
    """A column of any dtype in the family's, and its kind. Raises RegrowError for nested and binary values."""
    if made := usable(column):
        return made
    raise RegrowError(
        f"column {column.name!r} holds values of type {_type_name(column)}, which no table of regrow can hold",
        where=where,
        fix="write it as text or numbers, or leave it out (`exclude: [...]` of the reader parquet)",
    )


def usable(column: pd.Series) -> tuple[pd.Series, str] | None:
    """A column of any dtype in the family's, and its kind; None for nested and binary values."""
    try:
        return _family(_arrow(column), column)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return None


def _arrow(column: pd.Series) -> pa.Array:
    """The column as one Arrow array, dictionaries (categories) and other wrappers undone."""
    if isinstance(column.dtype, pd.SparseDtype):
        column = column.sparse.to_dense()
    if isinstance(column.dtype, pd.PeriodDtype | pd.IntervalDtype):
        column = column.map(str, na_action="ignore")
    array = pa.array(column, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if types.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    return array.dictionary_decode() if types.is_dictionary(array.type) else array


def _family(array: pa.Array, column: pd.Series) -> tuple[pd.Series, str]:
    kind = array.type
    if types.is_boolean(kind):
        return _made(array.cast(pa.float64()) if array.null_count else array, column, None), "boolean"
    if types.is_integer(kind):
        return _integers(array, column)
    if types.is_floating(kind) or types.is_decimal(kind) or types.is_null(kind):
        return _made(array.cast(pa.float64()), column, "float64"), "number"
    if types.is_date(kind) or types.is_timestamp(kind):
        naive = array.cast(pa.timestamp("us", "UTC" if getattr(kind, "tz", None) else None), safe=False)
        return _made(naive.cast(pa.timestamp("us")), column, "datetime64[us]"), "date"
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return _made(array.cast(pa.string()), column, TEXT), "text"
    if types.is_time(kind):
        return _minutes(_made(array.cast(pa.string()), column, TEXT)), "number"
    if types.is_duration(kind):
        return _made(_seconds(array), column, "float64"), "number"
    raise TypeError(kind)


def _integers(array: pa.Array, column: pd.Series) -> tuple[pd.Series, str]:
    """int64; float64 with missing values; text where either would change a digit."""
    present = array.drop_null().to_numpy(zero_copy_only=False)
    if present.dtype == np.uint64 and (present > np.uint64(2**63 - 1)).any():
        return _made(array.cast(pa.string()), column, TEXT), "text"
    if not array.null_count:
        return _made(array.cast(pa.int64()), column, "int64"), "integer"
    if len(present) and (np.abs(present.astype("int64")) > EXACT).any():
        return _made(array.cast(pa.string()), column, TEXT), "text"
    return _made(array.cast(pa.int64()).cast(pa.float64()), column, "float64"), "integer"


def _minutes(written: pd.Series) -> pd.Series:
    """Times of day as the text of a CSV would be read."""
    return read_alike(written, "number", Form(clock="24 h"))[0]


def _seconds(array: pa.Array) -> pa.Array:
    per_second = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[array.type.unit]
    return pc.divide(array.cast(pa.int64()).cast(pa.float64(), safe=False), per_second)


def _made(array: pa.Array, column: pd.Series, dtype: Any) -> pd.Series:
    made = pd.Series(array.to_pandas(), dtype=dtype)
    return made.set_axis(column.index).rename(column.name)


def _written(column: pd.Series, asked: ColumnType, where: str) -> pd.Series:
    """The values as text, for an overrule; a date that is one already needs no format to be read again."""
    plain, kind = normalise(column, where)
    text = as_text(plain)
    if kind == "date" and asked.format:
        return pd.Series(plain.dt.strftime(asked.format), dtype=TEXT)
    return text


def _first(written: pd.Series, wrong: pd.Series) -> str:
    return ", ".join(f"row {row}: {written[row]!r}" for row in wrong[wrong].index[:FIRST_ROWS])


def _coerced(asked: ColumnType, written: pd.Series, wrong: pd.Series) -> str:
    return f"{int(wrong.sum())} values are no {asked.type} and became missing: {_first(written, wrong)}"


def _misfit(name: str, asked: ColumnType, written: pd.Series, wrong: pd.Series, where: str) -> Problem:
    first = _first(written, wrong)
    as_what = f"{asked.type} of the format {asked.format!r}" if asked.format else asked.type
    return Problem(
        f"column {name!r} of {where}: {int(wrong.sum())} values are not {as_what}: {first} (rows counted from 0)",
        f"data.types.{name}",
        "mend the values, list them under `missing` of the reader, let them become missing (`coerce: true`), or use "
        f"another type ({', '.join((*KINDS, 'time'))})",
    )


def _type_name(column: pd.Series) -> str:
    if column.dtype != object:
        return str(column.dtype)
    return " and ".join(sorted({type(value).__name__ for value in column.dropna()}))
