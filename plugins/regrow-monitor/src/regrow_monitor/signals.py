"""What is watched of each row, as sums of days: one form for the reference, for a year drawn from it, and for the log.

A check is a mean, a share, or the shares of levels. Each holds a window's rows against the reference as two samples, so
that a small reference or window makes it careful, and gives a number that is standard normal where nothing changed. One
of the kind SEQUENCE is no window's, but goes from day to day: turned_labels.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

LEAST = 8  # rows of a window below which nothing is said
MEAN, SHARE, LEVELS, SEQUENCE = "mean", "share", "levels", "sequence"
MOST_LEVELS, RARE = 12, 0.02  # of a text column; the rest together are one level
CLIP = 0.1  # probabilities beyond are taken for this in a log loss: no single label may decide


@dataclass(frozen=True)
class Check:
    """subject: the column, or score, decision, guard, fallback, labels. what: location, spread, missing, unseen, ...
    kind: how sums become a number. columns: of its sums. count: of the rows that it is about. names: of levels."""

    subject: str
    what: str
    kind: str
    columns: tuple[int, ...]
    count: int
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Both words."""
        return f"{self.subject}.{self.what}"


@dataclass(frozen=True)
class Sums:
    """values: (rows or days, k). Of rows it is what each adds; of days, what all of a day did."""

    values: np.ndarray

    def by_day(self, day: np.ndarray, days: int) -> np.ndarray:
        """(n,) place of each row's day -> (days, k)."""
        made = np.zeros((days, self.values.shape[1]))
        np.add.at(made, day, self.values)
        return made


@dataclass(frozen=True)
class Reference:
    """checks: what is watched. rows: (m, k) what each reference row adds. sums: (k,). spread: (k,) standard deviation
    of each mean's signal."""

    checks: tuple[Check, ...]
    rows: np.ndarray
    sums: np.ndarray
    spread: np.ndarray

    @property
    def subjects(self) -> list[str]:
        """Each once, in order."""
        return list(dict.fromkeys(one.subject for one in self.checks))


def scores(reference: Reference, window: np.ndarray, sums: np.ndarray | None = None) -> np.ndarray:
    """(t, k) sums of windows -> (t, checks): 0 where there are fewer than LEAST rows. sums: (k,) of the reference, in
    place of its own, as of a drawn one."""
    base = reference.sums if sums is None else sums
    made = np.zeros((len(window), len(reference.checks)))
    for kind, function in OF_KIND.items():
        places = [n for n, check in enumerate(reference.checks) if check.kind == kind]
        if kind == LEVELS:
            for place in places:
                made[:, place] = function(reference, reference.checks[place : place + 1], window, base)[:, 0]
        elif places:
            made[:, places] = function(reference, [reference.checks[n] for n in places], window, base)
    counts = [check.count for check in reference.checks]
    return np.where((window[:, counts] >= LEAST) & (base[counts] >= LEAST), made, 0.0)


def _sizes(checks: Sequence[Check], window: np.ndarray, base: np.ndarray) -> tuple[list[int], np.ndarray, np.ndarray]:
    """Of checks with one column each: these, and the rows of windows and reference, 1 at least."""
    counts = [check.count for check in checks]
    return [check.columns[0] for check in checks], np.maximum(window[:, counts], 1), np.maximum(base[counts], 1)


def _mean(reference: Reference, checks: Sequence[Check], window: np.ndarray, base: np.ndarray) -> np.ndarray:
    columns, n, m = _sizes(checks, window, base)
    spread = reference.spread[columns]
    apart = (window[:, columns] / n - base[columns] / m) / np.sqrt(1 / n + 1 / m)
    made: np.ndarray = np.where(spread > 0, apart / np.where(spread > 0, spread, 1.0), 0.0)
    return made


def _share(reference: Reference, checks: Sequence[Check], window: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Anscombe, The Transformation of Poisson, Binomial and Negative-Binomial Data, Biometrika 35, 1948."""
    columns, n, m = _sizes(checks, window, base)
    angle = np.arcsin(np.sqrt((window[:, columns] + 0.375) / (n + 0.75)))
    other = np.arcsin(np.sqrt((base[columns] + 0.375) / (m + 0.75)))
    apart: np.ndarray = 2 * (angle - other) / np.sqrt(1 / n + 1 / m)
    return apart


def _levels(reference: Reference, checks: Sequence[Check], window: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Freeman and Tukey's goodness of fit (Annals of Mathematical Statistics 21, 1950), as a normal number by Wilson
    and Hilferty's cube root (PNAS 17, 1931)."""
    (check,) = checks
    columns, n, m = list(check.columns), np.maximum(window[:, check.count], 1), max(base[check.count], 1)
    seen, expected = window[:, columns], n[:, None] * base[columns] / m
    parts = np.sqrt(seen) + np.sqrt(seen + 1) - np.sqrt(4 * expected + 1)
    total = (parts**2).sum(axis=1) / (1 + n / m)
    free = len(columns) - 1
    apart = (np.cbrt(total / free) - (1 - 2 / (9 * free))) / np.sqrt(2 / (9 * free))
    return np.maximum(apart, 0.0)[:, None]


OF_KIND = {MEAN: _mean, SHARE: _share, LEVELS: _levels}


def windows(days: np.ndarray, length: int) -> np.ndarray:
    """(t, k) sums of days -> (t, k) of the last `length` days at each."""
    total = np.cumsum(np.vstack([np.zeros(days.shape[1]), days]), axis=0)
    first = np.maximum(np.arange(len(days)) + 1 - length, 0)
    made: np.ndarray = total[1:] - total[first]
    return made


class Builder:
    """Gathers signals column by column, of the reference and of the log at once, so that both mean the same."""

    def __init__(self, reference_rows: int, rows: int) -> None:
        self.sizes = (reference_rows, rows)
        self._checks: list[Check] = []
        self._parts: list[tuple[np.ndarray, np.ndarray]] = []
        self._spread: list[float] = []

    def _add(self, known: np.ndarray, now: np.ndarray, spread: float = 0.0) -> int:
        self._parts.append((known.astype(float), now.astype(float)))
        self._spread.append(spread)
        return len(self._parts) - 1

    def mean(self, subject: str, whats: Sequence[str], known: np.ndarray, now: np.ndarray) -> None:
        """Means of signals. known, now: (m, signals), (n, signals); a row with NaN in the first one does not count."""
        there, here = ~np.isnan(known[:, 0]), ~np.isnan(now[:, 0])
        if there.sum() < LEAST:
            return
        count = self._add(there, here)
        for place, what in enumerate(whats):
            values, others = np.where(there, known[:, place], 0.0), np.where(here, now[:, place], 0.0)
            column = self._add(values, others, float(known[there, place].std()))
            self._checks.append(Check(subject, what, MEAN, (column,), count))

    def sequence(self, subject: str, what: str, known: np.ndarray, now: np.ndarray) -> None:
        """Signals (m, s), (n, s) that turned_labels adds up; a row with NaN in the first one does not count."""
        there, here = ~np.isnan(known[:, 0]), ~np.isnan(now[:, 0])
        count = self._add(there, here)
        columns = [self._add(np.where(there, known[:, place], 0.0), np.where(here, now[:, place], 0.0))
                   for place in range(known.shape[1])]  # fmt: skip
        self._checks.append(Check(subject, what, SEQUENCE, tuple(columns), count))

    def share(
        self, subject: str, what: str, known: np.ndarray, now: np.ndarray, about: tuple[np.ndarray, np.ndarray]
    ) -> None:
        """How many rows are so, of those that it is about."""
        count = self._add(*about)
        column = self._add(known & about[0], now & about[1])
        self._checks.append(Check(subject, what, SHARE, (column,), count))

    def levels(self, subject: str, known: pd.Series, now: pd.Series) -> None:
        """The shares of values; rare ones, and those that the reference has not, are one. Missing ones do not count."""
        shares = known.dropna().value_counts(normalize=True)
        names = sorted(map(str, shares[shares >= RARE].index[:MOST_LEVELS]))
        if not names:
            return
        about = known.notna().to_numpy(dtype=bool), now.notna().to_numpy(dtype=bool)
        count, columns = self._add(*about), []
        both = known.astype("str").to_numpy(dtype=object), now.astype("str").to_numpy(dtype=object)
        left = [mask.copy() for mask in about]
        for name in names:
            hits = [(values == name) & mask for values, mask in zip(both, about, strict=True)]
            left = [mask & ~hit for mask, hit in zip(left, hits, strict=True)]
            columns.append(self._add(*hits))
        columns.append(self._add(*left))
        self._checks.append(Check(subject, "levels", LEVELS, tuple(columns), count, (*names, "(others)")))

    def made(self) -> tuple[Reference, np.ndarray]:
        """The reference, and (n, k) what each row of the log adds."""
        known, now = (np.column_stack([part[side] for part in self._parts]) if self._parts else np.zeros((size, 0))
                      for side, size in enumerate(self.sizes))  # fmt: skip
        return Reference(tuple(self._checks), known, known.sum(axis=0), np.array(self._spread)), now


def ranks(known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(n,) -> (n, 2): the mid-rank among known values, less 1/2; and its square. NaN stays."""
    order = np.sort(known[~np.isnan(known)])
    low, high = np.searchsorted(order, values, "left"), np.searchsorted(order, values, "right")
    middle = np.where(np.isnan(values), np.nan, (low + high) / 2 / max(len(order), 1) - 0.5)
    return np.column_stack([middle, middle**2])


def of_labels(task: str, target: np.ndarray, score: np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """What a label adds. binary: 0/1 targets (n,) and the probability of 1: how far off it was; the log loss. Else: the
    error, and its size. NaN where a label is not there."""
    if task != "binary":
        apart = target - score
        return ("bias", "error"), np.column_stack([apart, np.abs(apart)])
    p = np.clip(score, CLIP, 1 - CLIP)
    off = target - p
    loss = -(target * np.log(p) + (1 - target) * np.log(1 - p))
    return ("bias", "loss"), np.column_stack([off, loss])


def worst(checks: Iterable[Check], values: np.ndarray, subjects: Sequence[str]) -> np.ndarray:
    """(t, checks) -> (t, subjects): the largest size of any of a subject's checks."""
    place = {name: n for n, name in enumerate(subjects)}
    made = np.zeros((len(values), len(subjects)))
    for n, check in enumerate(checks):
        where = place[check.subject]
        made[:, where] = np.maximum(made[:, where], np.abs(values[:, n]))
    return made
