"""`regrow predict`: the rows of a file, piece by piece, in the order in which they stand there."""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from regrow import RegrowError
from regrow_data.lines import around, table_lines
from regrow_data.reader_settings import MISSING
from regrow_serve.bundle import Bundle, Scored
from regrow_serve.frames import of_frame
from regrow_serve.guard import ODD, REFUSED

PIECE = 1 << 16  # rows
MOST_COLUMNS = 10_000
PARQUET = (".parquet", ".pq")
Tell = Callable[[int], None]


@dataclass
class Counts:
    """Rows read, and of these those answered, odd (and answered), and refused."""

    rows: int = 0
    answered: int = 0
    odd: int = 0
    refused: int = 0


def predict(bundle: Bundle, source: Path, out: Path, *, inputs: bool = False, tell: Tell | None = None) -> Counts:
    """Score a CSV or Parquet file into one of either kind: row, prediction, probability_<class>, guard and, if asked,
    the inputs.

    What the guard refuses goes, a line of JSON a remark, to the file of `refused_file(out)`. tell: called with the
    number of rows done. Either both files are written or none. Raises RegrowError for a file that can't be read, and
    for a name of another kind.
    """
    counts, side, write = Counts(), refused_file(out), _writer(out)
    parts = [file.with_name(f".{file.name}.part") for file in (out, side)]
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with parts[1].open("w", encoding="utf-8") as refused:
            writer = None
            for frame, decimal in pieces(source, bundle):
                scored = bundle.score(of_frame(bundle.schema, frame, decimal))
                table = _table(bundle, scored, frame, counts.rows, inputs)
                if writer is None:
                    schema, writer = table.schema, write(parts[0], table.schema)
                writer.write_table(table.cast(schema))
                refused.writelines(_refused(scored, counts.rows))
                _count(counts, scored, len(frame))
                if tell:
                    tell(counts.rows)
            if writer is None:
                raise RegrowError("holds no rows", where=str(source))
            writer.close()
        parts[0].replace(out)
        if counts.refused:
            parts[1].replace(side)
        else:
            side.unlink(missing_ok=True)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    return counts


def _writer(out: Path) -> Callable[[Path, pa.Schema], Any]:
    """What writes tables into a file of the kind that its name says."""
    if out.suffix.lower() in PARQUET:
        return lambda file, schema: pq.ParquetWriter(file, schema, compression="zstd")
    if out.suffix.lower() == ".csv":
        write: Callable[[Path, pa.Schema], Any] = pa.csv.CSVWriter
        return write
    raise RegrowError(f"is named {out.suffix or 'without an ending'}", where=str(out), fix="use .parquet or .csv")


def refused_file(out: Path) -> Path:
    """Where refused rows of a batch are told."""
    return out.with_name(f"{out.stem}.refused.jsonl")


def pieces(source: Path, bundle: Bundle) -> Iterator[tuple[pd.DataFrame, str]]:
    """A file's rows, and the decimal sign where all of them are text, "" where they have types."""
    if not source.is_file():
        raise RegrowError("there is no such file", where=str(source))
    try:
        if source.suffix.lower() in PARQUET:
            yield from ((frame, "") for frame in _parquet(source))
        else:
            reader = json.loads(bundle.members["serving.json"])["reader"]
            yield from ((frame, reader.get("decimal", ".")) for frame in _csv(source, reader))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise RegrowError(f"can't be read: {str(error).splitlines()[0]}", where=str(source)) from None


def _parquet(source: Path) -> Iterator[pd.DataFrame]:
    """By row groups; a large one in pieces."""
    with pq.ParquetFile(source) as file:
        for batch in file.iter_batches(PIECE):
            if batch.num_rows:
                yield batch.to_pandas(types_mapper=pd.ArrowDtype)


def _csv(source: Path, reader: Mapping[str, Any]) -> Iterator[pd.DataFrame]:
    """Cells as text, as the reader `csv` of ingest takes them: trimmed, and missing where empty or listed."""
    missing = ["", *(text.strip() for text in reader.get("missing", MISSING))]
    options = pa.csv.ReadOptions(
        autogenerate_column_names=True, encoding="utf-8" if around(reader) else reader.get("encoding", "utf-8"),
        use_threads=False, block_size=1 << 24,
    )  # fmt: skip
    separator = {"\\t": "\t", "tab": "\t"}.get(reader.get("separator", ","), reader.get("separator", ","))
    parse = pa.csv.ParseOptions(delimiter=separator, newlines_in_values=True)
    types = {f"f{place}": pa.string() for place in range(MOST_COLUMNS)}
    convert = pa.csv.ConvertOptions(column_types=types, strings_can_be_null=False)
    names: list[str] = []
    with pa.csv.open_csv(_text(source, reader), options, parse, convert) as stream:
        for batch in stream:
            frame = batch.to_pandas(types_mapper=lambda _: pd.StringDtype(na_value=np.nan))
            if not names:
                names = [str(cell).strip().removeprefix("\ufeff") for cell in frame.iloc[0]]
                frame = frame.iloc[1:]
            if len(set(names)) < len(names):
                raise RegrowError("has a column twice in its first line", where=str(source))
            cells = frame.set_axis(names, axis=1).apply(lambda column: column.str.strip()).reset_index(drop=True)
            if len(cells):
                yield cells.mask(cells.isin(missing))


def _text(source: Path, reader: Mapping[str, Any]) -> Any:
    """The file; where settings say that lines of it are no rows, its text without these, in UTF-8."""
    if not (without := around(reader)):
        return source
    raw = source.read_bytes()
    raw = gzip.decompress(raw) if source.suffix.lower() == ".gz" else raw
    text = raw.decode(reader.get("encoding", "utf-8")).removeprefix("\ufeff").encode()
    return pa.BufferReader(table_lines(text, **without))


def _table(bundle: Bundle, scored: Scored, frame: pd.DataFrame, before: int, inputs: bool) -> Any:
    made = bundle.table(scored)
    if inputs:
        made = pd.concat([made, frame.iloc[scored.rows].reset_index(drop=True)], axis=1)
    made["row"] += before
    table = pa.Table.from_pandas(made, preserve_index=False)
    if not len(made):  # nothing tells what the answers would have been
        dtype = bundle.model.predict(bundle.features(_example(bundle))).dtype
        place = table.schema.get_field_index("prediction")
        table = table.set_column(place, "prediction", pa.array(np.array([], dtype=dtype)))
    return table


def _example(bundle: Bundle) -> pd.DataFrame:
    from regrow_serve.schema import frame

    return next(iter(frame(bundle.schema.of_rows([bundle.examples()[0]["row"]]), np.arange(1))))[1]


def _refused(scored: Scored, before: int) -> Iterator[str]:
    for row, remarks in sorted(scored.judgement.remarks.items()):
        for one in remarks:
            if one.verdict == REFUSED:
                yield json.dumps({"row": row + before, **one.as_json()}, ensure_ascii=False) + "\n"


def _count(counts: Counts, scored: Scored, rows: int) -> None:
    verdicts = [scored.judgement.of(int(row)) for row in scored.rows]
    counts.rows += rows
    counts.answered += len(scored.rows)
    counts.odd += verdicts.count(ODD)
    counts.refused += rows - len(scored.rows)
