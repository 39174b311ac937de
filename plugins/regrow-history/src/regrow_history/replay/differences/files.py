"""Two files, or two folders: by their names, how they are compared; what can't be read is compared byte by byte."""

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from regrow_history.replay.differences import lines, models, tables, tally, trees
from regrow_history.replay.differences.tally import ABSENT, Difference, Tally

Compare = Callable[[Path, Path], Tally]
NO_FILE = "neither a file nor a folder"


def first(recorded: Path, replayed: Path, name: str = "") -> Difference:
    """The first difference between two versions of an artifact, files or folders. Never raises for what they hold.

    name: what tells the type by its ending, where the paths do not (DVC's cache); else the replayed path's.
    The kind is "same" where every byte is.
    """
    name = name or replayed.name
    kinds = [_kind(recorded), _kind(replayed)]
    if kinds[0] != kinds[1] or kinds[0] not in {"a file", "a folder"}:
        return Difference("", kinds[0], kinds[1], "", tally.MISSING if ABSENT in kinds else tally.TYPE)
    try:
        if kinds[0] == "a folder":
            return first_of_folders(_below(recorded), _below(replayed))
        return _first(recorded, replayed, name)
    except OSError as error:
        return Difference("", "unreadable", tally.show(str(error.strerror)), "", tally.TYPE)


def first_of_folders(recorded: Mapping[str, Path], replayed: Mapping[str, Path]) -> Difference:
    """The first difference between two folders, given as relative path -> file."""
    every = sorted(recorded.keys() | replayed.keys())
    unlike = [name for name in every if name not in recorded or name not in replayed]
    unlike += [
        name for name in every if name in recorded and name in replayed and not _same(recorded[name], replayed[name])
    ]
    if not unlike:
        return Difference("", "", "", "", tally.SAME)
    name, count = min(unlike), f"in {len(unlike):,} of {len(every):,} files"
    if name not in recorded or name not in replayed:
        sides = ["there" if name in side else ABSENT for side in (recorded, replayed)]
        return Difference(tally.show(name), sides[0], sides[1], count, tally.MISSING)
    one = first(recorded[name], replayed[name], name).within(tally.show(name))
    return replace(one, magnitude=f"{one.magnitude}; {count}" if one.magnitude else count)


def equivalent(recorded: Path, replayed: Path, tolerance: float = 1e-9, name: str = "") -> bool:
    """Whether JSON, CSV, Parquet or a skops model differ in floating-point numbers alone, by no more than `tolerance`.

    Each number is measured relative to the larger of the two, so one that should be zero is never near another.
    Other files are equivalent only if they are the same. A folder is if all its files are. Never raises.
    """
    kinds = [_kind(recorded), _kind(replayed)]
    if kinds == ["a folder", "a folder"]:
        one, other = _below(recorded), _below(replayed)
        return one.keys() == other.keys() and all(equivalent(one[n], other[n], tolerance, n) for n in one)
    if kinds != ["a file", "a file"]:
        return False
    if _same(recorded, replayed):
        return True
    compare = _by_value((name or replayed.name).lower())
    counts = _tried(compare, recorded, replayed) if compare else None
    return isinstance(counts, Tally) and counts.close(tolerance)


def _first(recorded: Path, replayed: Path, name: str) -> Difference:
    if _same(recorded, replayed):
        return Difference("", "", "", "", tally.SAME)
    name = name.lower()
    said = ""
    if compare := _by_value(name):
        counts = _tried(compare, recorded, replayed)
        if isinstance(counts, Tally) and (found := counts.result()):
            return found
        if isinstance(counts, Tally):
            return _form(recorded, replayed, name)
        said = _damaged(compare, recorded, replayed, counts)
    found = _plain(recorded, replayed)
    return replace(found, magnitude="; ".join(part for part in (found.magnitude, said) if part))


def _by_value(name: str) -> Compare | None:
    """How files of a name are compared by what they hold; None where bytes are all that counts."""
    if name.endswith((".csv", ".csv.gz", ".tsv", ".tsv.gz")):
        return lambda one, other: _trees(trees.csv_rows(one, name), trees.csv_rows(other, name))
    if name.endswith(".json"):
        return lambda one, other: _trees(trees.read(one), trees.read(other))
    return {".parquet": tables.compare, ".skops": models.compare}.get(Path(name).suffix)


def _trees(recorded: Any, replayed: Any) -> Tally:
    counts = Tally()
    trees.compare(recorded, replayed, counts)
    return counts


def _tried(compare: Compare, recorded: Path, replayed: Path) -> Tally | Exception:
    try:
        return compare(recorded, replayed)
    except Exception as error:  # whatever a damaged or hostile file makes a library raise
        return error


def _damaged(compare: Compare, recorded: Path, replayed: Path, error: Exception) -> str:
    """Which of two files is not whole, told by comparing each with itself."""
    broken = [side for side, path in (("recorded", recorded), ("replayed", replayed)) if _is_broken(compare, path)]
    if broken and not isinstance(error, ImportError | tally.TooLargeError):
        return f"can't be read as what its name says: {' and '.join(broken)}"
    return f"compared byte by byte: {tally.show(str(error))}"


def _is_broken(compare: Compare, path: Path) -> bool:
    return isinstance(_tried(compare, path, path), Exception)


def _form(recorded: Path, replayed: Path, name: str) -> Difference:
    """Of two files that hold the same: how they are written."""
    told = {".skops": models.dates, ".parquet": tables.writers}
    describe = told.get(Path(name).suffix)
    if describe and (found := describe(recorded, replayed)):
        return found
    return replace(_plain(recorded, replayed), magnitude="the same values, written otherwise", kind=tally.FORM)


def _plain(recorded: Path, replayed: Path) -> Difference:
    """As text, or byte by byte."""
    text = lines.is_text(recorded) and lines.is_text(replayed)
    counts = (lines.text if text else lines.binary)(recorded, replayed)
    return counts.result() or Difference("", "", "", "", tally.SAME)


def _kind(path: Path) -> str:
    """What is there; a pipe or device is never opened."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return ABSENT
    return "a file" if stat.S_ISREG(mode) else "a folder" if stat.S_ISDIR(mode) else NO_FILE


def _same(recorded: Path, replayed: Path) -> bool:
    try:
        return _kind(recorded) == _kind(replayed) == "a file" and lines.same(recorded, replayed)
    except OSError:
        return False


def _below(folder: Path) -> dict[str, Path]:
    """Relative path -> file, for all that a folder holds."""
    return {
        (Path(here) / name).relative_to(folder).as_posix(): Path(here) / name
        for here, _, names in os.walk(folder)
        for name in names
    }
