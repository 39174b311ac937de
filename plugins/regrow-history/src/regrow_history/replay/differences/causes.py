"""What a difference looks like it came from, by the two values alone."""

import getpass
import platform
import re
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from regrow_history.replay.differences import tally
from regrow_history.replay.differences.tally import Difference

CLOCK = "clock"
PLACE = "path or host"
ORDER = "order (hash seed, or an unsorted listing)"
SUMS = "threads or CPU: floating-point sums in another order"
ADDRESS = "memory address (the repr of an object)"
RANDOM = "a random name (uuid)"
LIBRARY = "another version of the library that wrote it"

SMALL = 1e-6  # relative difference of numbers up to which sums in another order are the likely cause
DAY = 86400.0
DATE = re.compile(r"\d{4}-\d\d-\d\d")
TIME = re.compile(r"(?<!\d)[0-2]?\d:[0-5]\d:[0-6]\d")
EPOCH = re.compile(r"(?<![\d.])(\d{10})(?:\d{3}|\d{6}|\d{9})?(?:\.\d+)?(?!\d)")
FOLDERS = re.compile(r"(?<![\w:/<.])/(?:[\w.~@+$ -]+/)+|\b[A-Za-z]:\\")
HEX = re.compile(r"\b0x[0-9a-f]{6,}\b")
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
WORDS = {"root", "user", "admin", "runner", "localhost"}  # names that texts hold for other reasons


def likely_cause(difference: Difference, now: float | None = None) -> str:
    """The likely cause in a few words, "" if the values do not tell. now: seconds since 1970, for tests."""
    if difference.kind == tally.ORDER:
        return ORDER
    if difference.place.split(": ")[-1] == "written by":
        return LIBRARY
    sides = (difference.recorded, difference.replayed)
    if all(HEX.search(side) for side in sides) and _apart_from(HEX, sides):
        return ADDRESS
    if all(UUID.search(side) for side in sides) and _apart_from(UUID, sides):
        return RANDOM
    if _is_clock(sides, time.time() if now is None else now):
        return CLOCK
    if _is_place(sides):
        return PLACE
    if difference.relative is not None and difference.relative <= SMALL:
        return SUMS
    return ""


def _apart_from(pattern: re.Pattern[str], sides: tuple[str, str]) -> bool:
    """Whether two texts are the same but for what matches."""
    one, other = (pattern.sub("", side) for side in sides)
    return one == other


def _is_clock(sides: tuple[str, str], now: float) -> bool:
    """Dates or times that differ, the replayed one of today; a time of the day needs no date beside it."""
    recorded, replayed = sides
    days = {datetime.fromtimestamp(now + shift, UTC).date().isoformat() for shift in (-DAY, 0, DAY)}
    if DATE.findall(recorded) != DATE.findall(replayed) and set(DATE.findall(replayed)) & days:
        return True
    if TIME.findall(recorded) and TIME.findall(replayed) and _apart_from(TIME, _without_dates(sides)):
        return TIME.findall(recorded) != TIME.findall(replayed)
    stamps = [EPOCH.findall(side) for side in sides]
    return stamps[0] != stamps[1] and any(abs(float(stamp) - now) < 2 * DAY for stamp in stamps[1])


def _without_dates(sides: tuple[str, str]) -> tuple[str, str]:
    one, other = (re.sub(r"\.\d+", "", DATE.sub("", side)) for side in sides)
    return one, other


def _is_place(sides: tuple[str, str]) -> bool:
    """Folders that differ, or a name of this machine that only one side holds."""
    folders = [FOLDERS.findall(side) for side in sides]
    if all(folders) and folders[0] != folders[1]:
        return True
    return any((_holds(sides[0], name)) != (_holds(sides[1], name)) for name in _here())


def _holds(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _here() -> set[str]:
    """Names of this machine and of this user that no result should hold."""
    found = {platform.node(), tempfile.gettempdir()}
    with suppress(OSError, KeyError, RuntimeError, ImportError):  # a user without a name or a home
        found |= {str(Path.home()), getpass.getuser()}
    return {name for name in found - WORDS if len(name) > 1}
