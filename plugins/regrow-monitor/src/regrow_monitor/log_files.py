"""The parts of a prediction log, read: open ones, and those of sealed days, which have to be as they were sealed.

sealed/2026-11-28/part-0001.jsonl ...   as the server wrote them, half lines cut
sealed/2026-11-28/seal.json             sha256 of each part, and of each thousand lines of it
sealed/bundles/<sha256>.bundle          what answered
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from regrow import RegrowError
from regrow.base.errors import Exit
from regrow_serve.prediction_log import BUNDLES, FORMAT

SEAL, SEALED, BLOCK = "seal.json", "sealed", 1000


@dataclass(frozen=True)
class Part:
    """One server's lines of a day. header: its first line. data: all of it. half: lines that were cut: 0 or 1."""

    file: Path
    header: Mapping[str, Any]
    data: bytes
    half: int

    @classmethod
    def read(cls, file: Path) -> "Part | None":
        """One as a server left it, without the half line of one that was killed; None where nothing whole is there.

        Raises RegrowError for a file that is no part of a log.
        """
        raw = file.read_bytes()
        data = raw[: raw.rfind(b"\n") + 1]
        if not data:
            return None
        try:
            header = orjson.loads(data[: data.index(b"\n")])
            known = header["regrow_log"] == FORMAT and len(header["bundle"]) and len(header["day"])
        except (ValueError, KeyError, TypeError):
            known = False
        if not known:
            fix = "keep nothing else in the folder of the log"
            raise RegrowError("is no part of a prediction log", where=str(file), fix=fix, code=Exit.UNSAFE)
        return cls(file, header, data, int(len(raw) > len(data)))

    @property
    def lines(self) -> list[bytes]:
        """Of rows, without the header."""
        return self.data.splitlines()[1:]

    def rows(self) -> Iterator[dict[str, Any]]:
        """What each line says. Raises RegrowError, with its number, for one that is no row."""
        for number, line in enumerate(self.lines, 2):
            try:
                said = orjson.loads(line)
                said["id"], said["at"], said["answer"]
            except (ValueError, KeyError, TypeError):
                raise RegrowError(
                    "is no row of a log", where=f"{self.file}, line {number}", code=Exit.MISMATCH
                ) from None
            yield said

    def seal(self) -> dict[str, Any]:
        """What seal.json says of it."""
        return {
            "name": self.file.name,
            "bundle": self.header["bundle"],
            "sha256": hashlib.sha256(self.data).hexdigest(),
            "bytes": len(self.data),
            "rows": len(self.lines),
            "half_lines": self.half,
            "blocks": blocks(self.data),
        }


def blocks(data: bytes) -> list[str]:
    """sha256 of each thousand lines, to say where a file was changed."""
    lines = data.splitlines(keepends=True)
    return [hashlib.sha256(b"".join(lines[n : n + BLOCK])).hexdigest()[:16] for n in range(0, len(lines), BLOCK)]


def days(folder: Path, until: str | None = None) -> list[str]:
    """The sealed days up to one, in order."""
    found = sorted(file.parent.name for file in folder.glob(f"*/{SEAL}"))
    return [day for day in found if until is None or day <= until]


def sealed(folder: Path, day: str) -> tuple[dict[str, Any], list[Part]]:
    """What was sealed of a day, and its parts, once each is as it was sealed.

    Raises RegrowError (exit code MISMATCH) with the file and its lines for one that is not, and for one more or less.
    """
    place = folder / day
    if not (place / SEAL).is_file():
        known = ", ".join(days(folder)[-3:]) or "none"
        fix = f"seal it: regrow seal {day}; the last that are: {known}"
        raise RegrowError(f"the day {day} is not sealed", where=str(folder), fix=fix, code=Exit.DATA_MISSING)
    said: dict[str, Any] = json.loads((place / SEAL).read_text(encoding="utf-8"))
    named, there = {one["name"] for one in said["parts"]}, {file.name for file in place.glob("part-*.jsonl")}
    if named != there:
        odd = sorted(named ^ there)[0]
        wrong = "was sealed and is not there" if odd in named else "is there and was not sealed"
        raise RegrowError(wrong, where=str(place / odd), fix=f"dvc checkout {folder}", code=Exit.MISMATCH)
    parts = []
    for one in said["parts"]:
        file = place / one["name"]
        require_as_sealed(file, file.read_bytes(), one)
        part = Part.read(file)
        if part is not None:
            parts.append(part)
    return said, parts


def require_as_sealed(file: Path, data: bytes, said: Mapping[str, Any]) -> None:
    """RegrowError (exit code MISMATCH) unless a part has the bytes that were sealed; it says which lines have not."""
    if hashlib.sha256(data).hexdigest() == said["sha256"]:
        return
    now = blocks(data)
    changed = [n for n, one in enumerate(said["blocks"]) if n >= len(now) or now[n] != one]
    first = (changed[0] if changed else len(said["blocks"])) * BLOCK + 1
    wrong = f"is not as it was sealed: the first other byte is in lines {first} to {first + BLOCK - 1}"
    raise RegrowError(wrong, where=str(file), fix="git checkout and dvc checkout bring it back", code=Exit.MISMATCH)


def bundle_file(folder: Path, digest: str) -> Path:
    """The bundle that answered, kept beside the log. RegrowError where it is not there."""
    file = folder / BUNDLES / f"{digest}.bundle"
    if not file.is_file():
        fix = f"put it there: it has the sha256 {digest}"
        raise RegrowError("the bundle that answered is not there", where=str(file), fix=fix, code=Exit.DATA_MISSING)
    return file
