"""The user's own table: find it, and read just enough of it to know whether and how regrow can read it."""

import codecs
import csv
import difflib
import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

ENDINGS = (".csv", ".csv.gz", ".parquet")
SEPARATORS = ",;\t|"
MISSING = {"?", "-", "na", "n/a", "#n/a", "nan", "null", "unknown", "unbekannt"}
NUMBER = re.compile(r"[-+$\u20ac\u00a3]*\s?[0-9.,' \u00a0]*[0-9]\.?(?:[eE][-+]?[0-9]+)?\s?(?:%|\u20ac|EUR|USD)?")
BOUND = 10  # a number of more values can be made two classes, by `above` in conf/data/own.yaml
ODD = 0.02  # of a column of numbers, what regrow-data takes for missing
ABOVE, BELOW = 30, 20  # lines that may stand above the header and below the table
SAMPLE = 1 << 20  # bytes, uncompressed: enough to see the header and some hundred rows


@dataclass
class Table:
    """columns of the header, and how the file has to be read."""

    columns: list[str] = field(default_factory=list)
    rows: int = 0  # in the sample
    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    skip_rows: int = 0  # lines above the header
    skip_footer: int = 0  # lines below the table
    comment: str = ""  # what lines begin with that are none of the table


def find(named: str, bases: list[str]) -> Path:
    """The file that an answer names, ~ expanded, relative to the first of `bases` where there is one."""
    path = Path(named).expanduser()
    places = [Path(base, path) for base in bases if base]
    return next((place for place in places if place.exists()), places[0] if places else path)


def ending(file: Path) -> str:
    """The one of ENDINGS that the file's name has, or ""."""
    return next((known for known in ENDINGS if file.name.lower().endswith(known)), "")


def unusable(file: Path, target: str, task: str = "") -> list[tuple[str, str]]:
    """(question, what is wrong): why regrow can't use a file, or its column `target` for the task."""
    if not ending(file):
        return [("data", f"must be 'flights' or a file that ends in {', '.join(ENDINGS)}")]
    if "\\" in file.name or file.name.startswith("~") or re.match("[A-Za-z]:", file.name):
        return [("data", "has a file name that the settings can't name: rename it, without \\, : or ~")]
    if file.is_dir():
        return [("data", "is a folder, not a file")]
    if not file.exists():
        return [("data", f"there is no such file: {file}")]
    if not file.is_file():
        return [("data", "is not an ordinary file")]
    try:
        return _unusable_parquet(file, target) if ending(file) == ".parquet" else _unusable_csv(file, target, task)
    except (OSError, EOFError, zlib.error, ValueError, csv.Error) as error:
        return [("data", f"can't be read: {error}")]


def _unusable_csv(file: Path, target: str, task: str) -> list[tuple[str, str]]:
    table = read(file, target)
    if not table.columns:
        return [("data", "is empty: the first line must name the columns")]
    if not target:
        return [("target", f"name the column to predict: {_listed(table.columns)}")]
    if target not in table.columns:
        close = difflib.get_close_matches(target, table.columns, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
        return [("target", f"is no column of {file.name}; {hint}its columns are {_listed(table.columns)}")]
    if table.columns.count(target) > 1:
        return [("target", f"names {table.columns.count(target)} columns of {file.name}: their names must differ")]
    if len(table.columns) < 2:
        return [("data", "has no column but the target, so there is nothing to predict it from")]
    if not table.rows:
        return [("data", "has a header but no rows")]
    twice = sorted({name for name in table.columns if name and table.columns.count(name) > 1})
    if twice:
        return [("data", f"these column names occur more than once: {_listed(twice)}: rename them in the file")]
    return _unnamed(file, table) or _unfit([cell for (cell,) in _cells(file, table, target)], target, task)


def _cells(file: Path, table: Table, *columns: str | int) -> Iterator[tuple[str, ...]]:
    """Of every row below the header, the cells of these columns, by name or place."""
    places = [table.columns.index(one) if isinstance(one, str) else one for one in columns]
    with (
        gzip.open(file) if ending(file) == ".csv.gz" else file.open("rb") as raw,
        io.TextIOWrapper(raw, table.encoding, newline="") as stream,  # type: ignore[arg-type]
    ):
        rows = csv.reader(_of_table(stream, table), delimiter=table.separator)
        names = next(rows, None)
        for row in rows:
            if len(row) > max(places) and row != names:  # a header may stand again
                yield tuple(row[place].strip() for place in places)


def _of_table(lines: Iterable[str], table: Table) -> Iterator[str]:
    """Without what stands above it, and comments; notes below have too few cells to be taken for rows."""
    for place, line in enumerate(lines):
        if place >= table.skip_rows and not (table.comment and line.startswith(table.comment)):
            yield line


def _unnamed(file: Path, table: Table) -> list[tuple[str, str]]:
    """A column without a name that holds something; the first may if it counts the rows, as an index of pandas."""
    unnamed = [place for place, name in enumerate(table.columns) if not name]
    held = list(zip(*_cells(file, table, *unnamed), strict=True)) if unnamed else []
    odd = [place for place, cells in zip(unnamed, held, strict=True) if any(cells)]
    if odd == [0] and any(list(held[0]) == _counted(len(held[0]), start) for start in (0, 1)):
        return []
    places = ", ".join(str(place + 1) for place in odd)
    return [("data", f"column {places} has no name (counted from 1): name it in the file")] if odd else []


def _counted(rows: int, start: int) -> list[str]:
    return [str(number + start) for number in range(rows)]


def _unfit(cells: list[str], target: str, task: str) -> list[tuple[str, str]]:
    """Why the target's values don't fit the task, as the first stage would say."""
    values = [cell for cell in cells if cell and cell.lower() not in MISSING]
    classes = sorted(set(values))
    shown = ", ".join(classes[:5]) + (", ..." if len(classes) > 5 else "")
    odd = [value for value in values if not NUMBER.fullmatch(value)]
    numeric = len(odd) <= ODD * len(values)
    if not task or not values:
        return [("target", f"{target} has no value in any row")] if task else []
    if task == "regression":
        other = "binary" if len(classes) == 2 else "multiclass"
        wrong = f"{target} holds text ({shown}), and regression predicts a number: choose {other}"
        return [] if numeric else [("task", wrong)]
    if len(classes) < 2:
        return [("target", f"{target} has one value only ({shown}): there is nothing to learn")]
    if task == "binary" and len({_number(value) for value in classes}) > 2 and not (numeric and len(classes) > BOUND):
        other = "multiclass or regression" if numeric else "multiclass"
        case = len({value.casefold() for value in classes}) < len(classes)
        mend = "write them alike in the file (upper and lower case differ), or " if case else ""
        return [("task", f"{target} has {len(classes)} classes ({shown}), and binary means two: {mend}choose {other}")]
    return []


def _number(value: str) -> float | str:
    """1 and 1.0 are one class."""
    try:
        return float(value)
    except ValueError:
        return value


def _unusable_parquet(file: Path, target: str) -> list[tuple[str, str]]:
    with file.open("rb") as stream:
        start = stream.read(4)
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, size - 8))
        length, end = int.from_bytes(stream.read(4), "little"), stream.read(4)
        stream.seek(max(0, size - 8 - length))
        footer = stream.read(length)
    if start != b"PAR1" or end != b"PAR1" or size < length + 12:
        return [("data", "is not a (whole, unencrypted) Parquet file")]
    if not target:
        return [("target", "name the column to predict")]
    if target.encode() not in footer:  # column names stand in the footer as they are
        return [("target", f"is no column of {file.name}")]
    return []


def read(file: Path, target: str) -> Table:
    """How to read a CSV file, from its first rows. Raises OSError, EOFError, ValueError, zlib.error, csv.Error."""
    encoding, head = _encoding(file)
    text = codecs.getincrementaldecoder(encoding)("strict").decode(head).removeprefix("\ufeff")
    lines = io.StringIO(text, newline="").readlines()
    if "\0" in "".join(lines[:1]):
        raise ValueError("it is no text")
    csv.field_size_limit(SAMPLE)
    tables = [_parsed(lines if len(head) < SAMPLE else lines[:-1], separator) for separator in SEPARATORS]
    table = max(tables, key=lambda table: (target in table.columns, len(table.columns)))
    if target and target not in table.columns:
        table = _below_titles(lines if len(head) < SAMPLE else lines[:-1], target) or table
    table.encoding = encoding
    table.skip_footer = _notes_below(file, table)
    return table


def _below_titles(lines: list[str], target: str) -> Table | None:
    """The table whose header is the first line that names the target, below titles or comments; None without one."""
    for place, line in enumerate(lines[:ABOVE]):
        for separator in SEPARATORS:
            names = [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
            if target in names and len(names) > 1:
                signs = {one[0] for one in lines[:place] if one.strip()}
                if signs == {"#"}:
                    kept = [one for one in lines if not one.startswith("#")]
                    return replace(_parsed(kept, separator), comment="#")
                return replace(_parsed(lines[place:], separator), skip_rows=place)
    return None


def _notes_below(file: Path, table: Table) -> int:
    """How many lines below the table have fewer cells than it, such as totals and sources, but for one cut off."""
    if len(table.columns) < 2:
        return 0
    with (
        gzip.open(file) if ending(file) == ".csv.gz" else file.open("rb") as raw,
        io.TextIOWrapper(raw, table.encoding, newline="") as stream,  # type: ignore[arg-type]
    ):
        last = deque(stream, BELOW + 1)
    cells = [len(next(csv.reader([line], delimiter=table.separator), [])) for line in last if line.strip()]
    notes = next((place for place, count in enumerate(reversed(cells)) if count >= len(table.columns)), 0)
    return notes if last and last[-1].endswith(("\n", "\r")) else 0


def _encoding(file: Path) -> tuple[str, bytes]:
    """UTF-8 if the whole file is, else what a spreadsheet probably wrote; and the file's beginning."""
    decoder, utf8 = codecs.getincrementaldecoder("utf-8")("strict"), True
    with gzip.open(file) if ending(file) == ".csv.gz" else file.open("rb") as stream:
        block = head = stream.read(SAMPLE)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", head
        while block:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                utf8 = False
                break
            block = stream.read(SAMPLE)
    return "utf-8" if utf8 else "cp1252", head


def _parsed(lines: list[str], separator: str) -> Table:
    rows = list(csv.reader(lines, delimiter=separator))
    rows = [row for row in rows if row]
    if not rows:
        return Table(separator=separator)
    values = [value for row in rows[1:] for value in row]
    commas = separator != "," and any(re.fullmatch(r"-?\d+,\d+", value) for value in values)
    points = any(re.fullmatch(r"-?\d+\.\d+", value) for value in values)
    return Table([name.strip() for name in rows[0]], len(rows) - 1, separator, "," if commas and not points else ".")


def _listed(columns: list[str]) -> str:
    return ", ".join(columns[:20]) + (f" and {len(columns) - 20} more" if len(columns) > 20 else "")
