"""Two CSV files, compressed or not: which cell differs first. They are read row by row, whatever their size."""

import csv
import gzip
import math
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO, cast

from regrow.replay.differences import lines, tally
from regrow.replay.differences.tally import ABSENT, Difference, Tally

MOST = 4 << 30  # bytes after decompression


def compare(recorded: Path, replayed: Path, name: str) -> Tally:
    """Columns, then cells. ValueError, OSError, csv.Error, EOFError or zlib.error for what is no such file."""
    counts = Tally()
    one, other = _rows(recorded, name), _rows(replayed, name)
    header, header_now = next(one, []), next(other, [])
    if header != header_now:
        return headers(header, header_now)
    numbers, mixed = [0, 0], [0, 0]
    for number, pair in enumerate(zip_longest(one, other)):
        for side, row in enumerate(pair):
            numbers[side] += row is not None
            if row is not None and pair[0] != pair[1]:
                mixed[side] = (mixed[side] + lines.scrambled("\x1f".join(row).encode())) % 2**64
        if None in pair:
            counts.note(f"row {number}", pair[0] or ABSENT, pair[1] or ABSENT, tally.SHAPE)
            continue
        counts.total += max(len(row) for row in pair)
        if pair[0] != pair[1]:
            _cells(pair[0], pair[1], header, number, counts)
    if numbers[0] != numbers[1]:
        size = f"{abs(numbers[0] - numbers[1]):,} of {max(numbers):,} rows on one side only"
        counts.found = Difference("rows", f"{numbers[0]:,}", f"{numbers[1]:,}", size, tally.SHAPE)
        return counts
    if counts.found and mixed[0] == mixed[1]:
        counts.found = replace(counts.found, magnitude=f"the same {numbers[0]:,} rows", kind=tally.ORDER)
        counts.only_floats = False
    return counts


def headers(recorded: list[str], replayed: list[str]) -> Tally:
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


def _rows(path: Path, name: str) -> Iterator[list[str]]:
    with path.open("rb") as plain, gzip.open(plain) if name.endswith(".gz") else nullcontext(plain) as stream:
        text = _lines(cast(BinaryIO, stream))
        yield from csv.reader(text, delimiter="\t" if name.endswith((".tsv", ".tsv.gz")) else ",")


def _lines(stream: BinaryIO) -> Iterator[str]:
    read = 0
    for line in lines.pieces(stream):
        read += len(line)
        if read > MOST:
            raise tally.TooLargeError("is too large to be compared cell by cell")
        yield line.decode()


def _cells(recorded: list[str], replayed: list[str], header: list[str], number: int, counts: Tally) -> None:
    for position, (one, other) in enumerate(zip_longest(recorded, replayed)):
        if one == other:
            continue
        column = tally.show(header[position]) if position < len(header) else f"number {position + 1}"
        place = f"column {column}, row {number}"
        if one is None or other is None:
            counts.note(place, one or ABSENT, other or ABSENT, tally.SHAPE)
            continue
        counts.note(place, one, other)
        numbers = [_number(one), _number(other)]
        if numbers[0] is not None and numbers[1] is not None:
            counts.measure(numbers[0], numbers[1], all(any(c in text for c in ".eEn") for text in (one, other)))
        else:
            counts.only_floats = False


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def dates(recorded: Path, replayed: Path) -> Difference | None:
    """The dates inside two gzip files, if they differ."""
    found = []
    for path in (recorded, replayed):
        with path.open("rb") as stream:
            header = stream.read(8)
        if header[:2] != b"\x1f\x8b" or len(header) < 8:
            return None
        stamp = int.from_bytes(header[4:8], "little")
        found.append(datetime.fromtimestamp(stamp, UTC).isoformat() if stamp else "none")
    size = "the same rows"
    return Difference("date in the gzip header", found[0], found[1], size, tally.FORM) if found[0] != found[1] else None
