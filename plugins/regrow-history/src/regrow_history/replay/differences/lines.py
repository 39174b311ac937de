"""Two files of text, or of anything: which line or byte differs first. Both are read in pieces, whatever their size."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO

from regrow_history.replay.differences import tally
from regrow_history.replay.differences.tally import ABSENT, Tally

CHUNK = 1 << 20
HEX = 8  # bytes shown


def text(recorded: Path, replayed: Path) -> Tally:
    """Line by line."""
    counts, mixed = Tally("lines"), [0, 0]
    numbers = [0, 0]
    with recorded.open("rb") as one, replayed.open("rb") as other:
        for number, pair in enumerate(zip_longest(pieces(one), pieces(other)), 1):
            for side, line in enumerate(pair):
                numbers[side] += line is not None
                if line is not None and pair[0] != pair[1]:
                    mixed[side] = (mixed[side] + scrambled(line)) % 2**64
            counts.total = number
            if pair[0] != pair[1]:
                shown = _shown(pair) if counts.found is None else [ABSENT, ABSENT]
                counts.note(f"line {number}", shown[0], shown[1], tally.TEXT)
    if counts.found and numbers[0] != numbers[1]:
        size = f"{numbers[0]:,} lines recorded, {numbers[1]:,} replayed"
        counts.found = replace(counts.found, magnitude=size)
    elif counts.found and mixed[0] == mixed[1]:
        counts.found = replace(counts.found, kind=tally.ORDER)
    return counts


def _shown(pair: tuple[bytes | None, bytes | None]) -> list[str]:
    """Two lines from a little before where they differ."""
    texts = [None if line is None else line.decode("utf-8", "replace").rstrip("\n") for line in pair]
    at = tally.first_unlike(texts[0] or "", texts[1] or "")
    return [ABSENT if text is None else tally.around(text, at) for text in texts]


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream, a very long one in pieces."""
    while line := stream.readline(CHUNK):
        yield line


def scrambled(data: bytes) -> int:
    """A number that stands for a line; sums of them agree where the same lines are there."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest())


def is_text(path: Path) -> bool:
    """Whether a file begins as UTF-8 text does."""
    with path.open("rb") as stream:
        start = stream.read(CHUNK >> 6)
    try:
        start.decode()
    except UnicodeDecodeError as error:
        return error.start > len(start) - 4 and len(start) == CHUNK >> 6 and b"\0" not in start
    return b"\0" not in start


def binary(recorded: Path, replayed: Path) -> Tally:
    """Byte by byte."""
    import numpy as np

    counts, at = Tally("bytes"), 0
    with recorded.open("rb") as one, replayed.open("rb") as other:
        while True:
            left, right = one.read(CHUNK), other.read(CHUNK)
            if not left and not right:
                break
            size = min(len(left), len(right))
            unlike = np.frombuffer(left, np.uint8, size) != np.frombuffer(right, np.uint8, size)
            differing = int(np.count_nonzero(unlike)) + abs(len(left) - len(right))
            if differing:
                first = int(np.argmax(unlike)) if unlike.any() else size
                shown = [side[first : first + HEX].hex(" ") or "the end" for side in (left, right)]
                counts.note(f"byte {at + first:,}", shown[0], shown[1], tally.BYTES, differing)
            at += max(len(left), len(right))
            counts.total = at
    sizes = [os.path.getsize(path) for path in (recorded, replayed)]  # noqa: PTH202 - as stat, shorter
    if counts.found and sizes[0] != sizes[1]:
        counts.found = replace(counts.found, magnitude=f"{sizes[0]:,} bytes recorded, {sizes[1]:,} replayed")
    return counts


def same(recorded: Path, replayed: Path) -> bool:
    """Whether two files have the same bytes."""
    if recorded.stat().st_size != replayed.stat().st_size:
        return False
    with recorded.open("rb") as one, replayed.open("rb") as other:
        while left := one.read(CHUNK):
            if left != other.read(CHUNK):
                return False
        return not other.read(1)
