"""Two Parquet files: which column and row differs first. They are read column by column."""

from pathlib import Path
from typing import Any

from regrow_history.replay.differences import arrays, tally
from regrow_history.replay.differences.tally import ABSENT, Difference, Tally

MOST = 500 << 20  # bytes of one column


def compare(recorded: Path, replayed: Path) -> Tally:
    """Columns, types and rows first, then values. ValueError or OSError for what is no Parquet, or too large."""
    one, other = _open(recorded), _open(replayed)
    names, names_now = one.schema_arrow.names, other.schema_arrow.names
    if names != names_now:
        return _headers(names, names_now)
    counts = Tally("columns", total=len(names))
    for name, before, now in zip(names, one.schema_arrow.types, other.schema_arrow.types, strict=True):
        if before != now:
            counts.note(f"column {tally.show(name)}, type", str(before), str(now), tally.TYPE)
    rows = [file.metadata.num_rows for file in (one, other)]
    if rows[0] != rows[1]:
        counts.only_floats = False
        size = f"{abs(rows[0] - rows[1]):,} of {max(rows):,} rows on one side only"
        counts.found = Difference("rows", f"{rows[0]:,}", f"{rows[1]:,}", size, tally.SHAPE)
        return counts
    return counts if counts.found else _values(one, other)


def _headers(recorded: list[str], replayed: list[str]) -> Tally:
    """The difference of two lists of columns that are not the same."""
    counts = Tally("columns", total=max(len(recorded), len(replayed)))
    gone = [name for name in recorded if name not in replayed]
    new = [name for name in replayed if name not in recorded]
    if gone or new:
        for name in gone:
            counts.note(f"column {tally.show(name)}", "there", ABSENT, tally.SHAPE)
        for name in new:
            counts.note(f"column {tally.show(name)}", ABSENT, "there", tally.SHAPE)
        return counts
    moved = sum(one != other for one, other in zip(recorded, replayed, strict=False))
    kind = tally.ORDER if sorted(recorded) == sorted(replayed) else tally.SHAPE
    counts.note("columns", ", ".join(recorded), ", ".join(replayed), kind, moved or 1)
    return counts


def _open(path: Path) -> Any:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    about = file.metadata
    sizes = [0] * about.num_columns
    for group in range(about.num_row_groups):
        for column in range(about.num_columns):
            sizes[column] += about.row_group(group).column(column).total_uncompressed_size
    if about.num_rows * 8 > MOST or max(sizes, default=0) > MOST:
        raise tally.TooLargeError("is too large to be compared column by column")
    return file


def _column(file: Any, position: int) -> Any:
    """A column as one array; `columns` matches by the start of dotted names, so it is taken by position among them."""
    import pyarrow as pa

    name = file.schema_arrow.names[position]
    column = file.read(columns=[name]).column(name)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _values(one: Any, other: Any) -> Tally:
    import numpy as np

    names, counts = one.schema_arrow.names, Tally()
    first: tuple[int, int, Any, Any] | None = None
    for position in range(len(names)):
        before, now = _column(one, position), _column(other, position)
        unlike = _differing(before, now)
        counts.total += len(unlike)
        if not unlike.any():
            continue
        row = int(np.argmax(unlike))
        counts.differing += int(np.count_nonzero(unlike))
        _measure(before, now, unlike, counts)
        if first is None or row < first[0]:
            first = (row, position, before[row].as_py(), now[row].as_py())
    if first is not None:
        row, position, left, right = first
        place, kind = f"column {tally.show(names[position])}, row {row}", tally.VALUE
        if _in_another_order(one, other):
            kind, counts.only_floats = tally.ORDER, False
        size = f"the same {one.metadata.num_rows:,} rows" if kind == tally.ORDER else ""
        counts.found = Difference(place, tally.show(left), tally.show(right), size, kind)
    return counts


def _differing(before: Any, now: Any) -> Any:
    """Which rows of a column differ; a missing value is the same as another, and as nothing else."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    missing = [side.is_null().to_numpy(zero_copy_only=False) for side in (before, now)]
    there = ~(missing[0] | missing[1])
    if pa.types.is_floating(before.type):
        sides = [side.to_numpy(zero_copy_only=False) for side in (before, now)]
        unlike = arrays.differing(sides[0], sides[1])
    elif pa.types.is_nested(before.type):
        pairs = zip(before.to_pylist(), now.to_pylist(), strict=True)
        unlike = np.array([repr(left) != repr(right) for left, right in pairs], dtype=bool)
    else:
        unlike = pc.fill_null(pc.not_equal(before, now), False).to_numpy(zero_copy_only=False)
    return (unlike & there) | (missing[0] != missing[1])


def _measure(before: Any, now: Any, unlike: Any, counts: Tally) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_floating(before.type) or pa.types.is_integer(before.type)):
        counts.only_floats = False
        return
    chosen = [side.filter(pa.array(unlike)) for side in (before, now)]
    if chosen[0].null_count or chosen[1].null_count:
        counts.only_floats = False
        both = pc.and_(chosen[0].is_valid(), chosen[1].is_valid())
        chosen = [side.filter(both) for side in chosen]
    if len(chosen[0]):
        sides = [side.to_numpy(zero_copy_only=False) for side in chosen]
        arrays.measure(sides[0], sides[1], counts)


def _in_another_order(one: Any, other: Any) -> bool:
    """Whether both hold the same rows, by hashes of them."""
    import numpy as np

    sums = []
    for file in (one, other):
        rows = np.zeros(file.metadata.num_rows, dtype=np.uint64)
        for position in range(len(file.schema_arrow.names)):
            rows = rows * np.uint64(1_000_003) + _hashes(_column(file, position))
        sums.append(np.sort(rows))
    return bool(np.array_equal(sums[0], sums[1]))


def _hashes(column: Any) -> Any:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    missing = column.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_integer(column.type):
        column = column.fill_null(0)  # pandas would make floats of them
    values = column.to_pandas()
    if pa.types.is_nested(column.type):
        values = values.map(repr)
    return pd.util.hash_pandas_object(values, index=False).to_numpy() * np.uint64(2) + missing.astype(np.uint64)


def writers(recorded: Path, replayed: Path) -> Difference | None:
    """The libraries that wrote two files of the same values, or what they noted beside them, if that differs."""
    one, other = _open(recorded), _open(replayed)
    sides = [str(file.metadata.created_by) for file in (one, other)]
    if sides[0] != sides[1]:
        return Difference("written by", tally.show(sides[0]), tally.show(sides[1]), "the same values", tally.FORM)
    notes = [file.schema_arrow.metadata or {} for file in (one, other)]
    for key in sorted(notes[0].keys() | notes[1].keys()):
        texts = [note.get(key, b"absent").decode("utf-8", "replace") for note in notes]
        if texts[0] != texts[1]:
            at = tally.first_unlike(texts[0], texts[1])
            place = f"metadata {tally.show(key.decode('utf-8', 'replace'))}"
            shown = [tally.around(text, at) for text in texts]
            return Difference(place, shown[0], shown[1], "the same values", tally.FORM)
    return None
