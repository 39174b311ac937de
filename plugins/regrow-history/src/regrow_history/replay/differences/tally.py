"""What is found on the way through two versions: the first difference, and how many there are, and how large."""

import math
from dataclasses import dataclass, replace
from typing import Any

SHOWN = 80  # characters of a value
ABSENT = "absent"

# What kind of difference it is.
SAME, VALUE, SHAPE, TYPE, ORDER, FORM, TEXT, BYTES, MISSING = (
    *("same", "value", "shape", "type", "order", "form", "text", "bytes", "missing"),
)


class TooLargeError(ValueError):
    """Raised for what would take too much memory to compare by value."""


@dataclass(frozen=True)
class Difference:
    """The first difference between two versions.

    place: key, column and row, line or byte. recorded, replayed: what is there, fit for a terminal.
    magnitude: how large and how many, in words. kind: "same" (none), "value", "shape" (rows, columns, sizes), "type",
    "order" (the same things in another order), "form" (the same values, written otherwise), "text",
    "bytes" or "missing" (on one side). relative: the largest relative difference of numbers, if they are all that
    differs.
    """

    place: str
    recorded: str
    replayed: str
    magnitude: str = ""
    kind: str = VALUE
    relative: float | None = None

    def within(self, place: str) -> "Difference":
        """The same difference, seen from what holds the file."""
        return replace(self, place=f"{place}: {self.place}" if self.place else place)


@dataclass
class Tally:
    """Counts what was compared. only_floats: whether nothing but floating-point numbers differs so far."""

    what: str = "values"
    total: int = 0
    differing: int = 0
    largest: float = 0.0
    relative: float = 0.0
    measured: bool = False
    only_floats: bool = True
    found: Difference | None = None

    def note(self, place: str, recorded: Any, replayed: Any, kind: str = VALUE, count: int = 1) -> None:
        """A difference; the first one noted is the one that is told."""
        self.differing += count
        self.only_floats &= kind == VALUE
        if self.found is None:
            self.found = Difference(place, show(recorded), show(replayed), "", kind)

    def measure(self, recorded: float, replayed: float, floats: bool = True) -> None:
        """How far two numbers, noted as different, are apart."""
        self.only_floats &= floats
        delta = abs(recorded - replayed)
        if math.isnan(delta):  # a number against none
            self.only_floats = False
            return
        self.measured = True
        self.largest = max(self.largest, delta)
        scale = max(abs(recorded), abs(replayed))
        self.relative = max(self.relative, 1.0 if math.isinf(delta) else delta / scale if scale else 0.0)

    def magnitude(self) -> str:
        """Such as "max |Δ| 2.2e-16, relative 1e-15, in 3 of 12,480 values"."""
        if not self.differing:
            return ""
        size = f"max |Δ| {self.largest:.2g}, relative {self.relative:.2g}, " if self.measured else ""
        return f"{size}in {self.differing:,} of {max(self.total, self.differing):,} {self.what}"

    def close(self, tolerance: float) -> bool:
        """Whether nothing differs but floating-point numbers, by no more than the relative tolerance."""
        return self.found is None or (self.only_floats and self.relative <= tolerance)

    def result(self) -> Difference | None:
        """The first difference, with the size of all of them; None if there is none."""
        if self.found is None:
            return None
        relative = self.relative if self.only_floats and self.measured else None
        return replace(self.found, magnitude=self.found.magnitude or self.magnitude(), relative=relative)


def show(value: Any) -> str:
    """A value on one line of a terminal, nothing in it that a terminal would obey."""
    text = value if isinstance(value, str) else repr(value)
    text = text[: SHOWN * 4]
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return shown if len(shown) <= SHOWN else shown[: SHOWN - 1] + "…"


def around(text: str, at: int) -> str:
    """A long text from a little before position `at`."""
    start = max(0, at - SHOWN // 4) if len(text) > SHOWN else 0
    return show(("…" if start else "") + text[start : start + SHOWN * 4])


def first_unlike(one: Any, other: Any) -> int:
    """How far two texts, or two pieces of bytes, are the same."""
    for position, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return position
    return min(len(one), len(other))
