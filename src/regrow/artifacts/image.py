"""image: one PNG picture, as bytes or as a matplotlib Figure."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from regrow.artifacts.figure import draw

SIGNATURE = b"\x89PNG\r\n\x1a\n"
NOTES = {b"tIME", b"tEXt", b"zTXt", b"iTXt", b"eXIf"}  # dates, names of programs and cameras; no pixel depends on them


def check(value: Any) -> None:
    """ValueError unless it is a matplotlib Figure, or bytes that are a whole PNG: each part's checksum fits."""
    if hasattr(value, "savefig"):
        return
    if not isinstance(value, bytes):
        raise ValueError(f"must be the bytes of a PNG or a matplotlib Figure, not {type(value).__name__}")
    if not value:
        raise ValueError("is empty")
    names = [name for name, _ in _parts(value)]
    if names[:1] != [b"IHDR"] or b"IDAT" not in names or names[-1] != b"IEND":
        raise ValueError("is not a whole PNG: it lacks its header, its pixels or its end")


def _parts(value: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The name and the whole bytes of each part, in order. ValueError where one is cut off or damaged."""
    if not value.startswith(SIGNATURE):
        raise ValueError("is not PNG: it does not begin with PNG's signature")
    start = len(SIGNATURE)
    while start < len(value):
        part = value[start : start + 12 + int.from_bytes(value[start : start + 4])]
        name, end = part[4:8], part[-4:]
        if len(part) < 12 or len(part) != 12 + int.from_bytes(part[:4]):
            raise ValueError(f"is not a whole PNG: it is cut off at byte {start}")
        if struct.pack(">I", zlib.crc32(part[4:-4])) != end:
            raise ValueError(f"is a damaged PNG: the checksum of {name!r} at byte {start} does not fit")
        yield name, part
        start += len(part)


def write(value: Any, path: Path) -> None:
    """Write it without its notes: date, program, comments."""
    data = value if isinstance(value, bytes) else draw(value, "png")
    path.write_bytes(SIGNATURE + b"".join(part for name, part in _parts(data) if name not in NOTES))


def read(path: Path) -> Any:
    """Read its bytes. ValueError if they are not a whole PNG."""
    data = path.read_bytes()
    check(data)
    return data
