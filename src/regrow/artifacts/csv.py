"""csv: a pandas DataFrame in one compressed CSV file, for whoever does not read Parquet.

CSV says no types, so text stands in quotes; numbers, truth values and what is missing do not. What CSV can't tell apart
comes back as the simplest of its kind: integers as int64 and decimals as float64, of the same value; categories, dates
and times as text; integers and truth values with gaps as pandas' Int64 and boolean; only missing values as text.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from regrow.artifacts import table

LEVEL = 6
ROWS = 100_000  # turned into text at a time
BLOCK = 2**26  # bytes parsed at a time; no row may be longer
FIELD = re.compile(r'("(?:[^"]|"")*"|[^",\n]*)([,\n])')


def check(value: Any) -> None:
    """ValueError unless `table` takes it, and every column holds one of text, numbers, truth values and dates."""
    table.check(value)
    for name in value.columns:
        _kind(value[name])
    if len(value.columns) == 1 and value.iloc[:, 0].isna().any():
        raise ValueError("has missing values in its only column, and readers of CSV skip empty lines: add a column")


def _kind(column: Any) -> str:
    """How a column is written. ValueError naming it for what CSV can't hold."""
    from pandas.api import types

    plain = not isinstance(column.dtype, types.CategoricalDtype)
    if plain and (types.is_bool_dtype(column) or types.is_integer_dtype(column)):
        if not types.is_bool_dtype(column) and column.max() >= 2**63:
            raise ValueError(f"has an integer of more than 64 bits in column {column.name!r}")
        return "whole"
    if plain and types.is_float_dtype(column):
        return "decimal"
    if plain and (types.is_datetime64_any_dtype(column) or types.is_timedelta64_dtype(column)):
        return "date"
    odd = next((one for one in column.dropna() if not isinstance(one, str)), None)
    if odd is not None:
        wrong = f"has a {type(odd).__name__} in column {column.name!r}, whose type is {column.dtype}"
        raise ValueError(f"{wrong}: CSV holds text, numbers, truth values or dates, one kind a column")
    return "text"


def _fields(column: Any) -> Iterable[str]:
    """A column as it stands in the file."""
    kind = _kind(column)
    values = (column.astype("float64") if kind == "decimal" else column).tolist()
    as_text: dict[str, Callable[[Any], str]] = {
        "whole": str,
        "decimal": repr,
        "date": lambda one: _quoted(one.isoformat()),
        "text": _quoted,
    }
    return ["" if missing else as_text[kind](one) for one, missing in zip(values, column.isna(), strict=True)]


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def write(value: Any, path: Path) -> None:
    """Write gzip without a date or a name. pyarrow packs it: its zlib is locked with it, Python's differs by build."""
    import pyarrow as pa

    parts = [",".join(map(_quoted, value.columns)) + "\n"]
    for start in range(0, len(value), ROWS):
        some = value.iloc[start : start + ROWS]
        rows = zip(*(_fields(some[name]) for name in some.columns), strict=True)
        parts.append("".join(",".join(row) + "\n" for row in rows))
    data = pa.Codec("gzip", LEVEL).compress("".join(parts).encode(), asbytes=True)
    path.write_bytes(data[:9] + b"\xff" + data[10:])  # that byte names the operating system


def read(path: Path) -> Any:
    """Read it. ValueError or OSError if the file is not whole, or no CSV as `write` writes it."""
    import pandas as pd
    import pyarrow as pa
    from pyarrow import csv

    data = _unpacked(path)
    text = data.decode()
    header = _first_line(text)
    names = [field[1:-1].replace('""', '"') for field in header]
    columns = csv.read_csv(
        pa.BufferReader(data),
        csv.ReadOptions(column_names=names, skip_rows_after_names=1, block_size=BLOCK),
        csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    quoted = _quoted_columns(text, [column.null_count == len(column) for column in columns.columns])
    made = zip(names, map(_typed, columns.columns, quoted), strict=True)
    frame = pd.DataFrame(dict(made))
    check(frame)
    return frame


def _unpacked(path: Path) -> bytes:
    import gzip
    import zlib

    try:
        data = gzip.decompress(path.read_bytes())
    except (EOFError, zlib.error) as error:
        raise ValueError(f"is not whole gzip: {error}") from None
    if not data.endswith(b"\n"):
        raise ValueError("is not a whole CSV table: its last line has no end")
    return data


def _first_line(text: str) -> list[str]:
    """The header's fields, in their quotes."""
    fields: list[str] = []
    for match in FIELD.finditer(text):
        fields.append(match[1])
        if match[2] == "\n":
            break
    if "" in fields or len({*fields}) < len(fields) or not all(field.startswith('"') for field in fields):
        raise ValueError("is no CSV of regrow's: its header is not of names in quotes, each once")
    return fields


def _quoted_columns(text: str, known: list[bool]) -> list[bool]:
    """Which columns hold text; known: those that are known to, having no values. As far as the first value tells."""
    found = {number: True for number, empty in enumerate(known) if empty}
    for place, match in enumerate(FIELD.finditer(text)):
        number = place % len(known)
        if place >= len(known) and match[1] and number not in found:
            found[number] = match[1].startswith('"')
        if len(found) == len(known):
            break
    return [found.get(number, True) for number in range(len(known))]


def _typed(column: Any, is_text: bool) -> Any:
    """A column of texts as what it stands for. ValueError (pyarrow's ArrowInvalid is one) if it is no number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if is_text:
        return column.to_pandas().astype("str")
    gaps = column.null_count > 0
    if pc.all(pc.is_in(column.drop_null(), pa.array(["True", "False"]))).as_py():
        truth = pc.equal(column, "True").to_pandas()
        return truth.astype("boolean") if gaps else truth
    if pc.all(pc.match_substring_regex(column, r"^-?\d+$")).as_py():
        whole = pc.cast(column, pa.int64())
        return whole.to_pandas(types_mapper={pa.int64(): _nullable()}.get) if gaps else whole.to_pandas()
    return pc.cast(column, pa.float64()).to_pandas()


def _nullable() -> Any:
    import pandas as pd

    return pd.Int64Dtype()
