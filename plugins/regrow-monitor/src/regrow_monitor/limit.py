"""One limit for all checks, found by resampling the reference: so many alarms without a cause in a year, and no more.

A year without a change is drawn from the reference's rows; so is a reference of as many rows, for the reference itself
is a sample. A year's alarms are the subjects that some check of some window takes beyond the limit. The check for
turned labels gets a limit of its own first, by its share of the budget; the others' is what that leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regrow_monitor.settings import Alarms
from regrow_monitor.signals import Reference, scores, windows, worst
from regrow_monitor.turned_labels import MOST_A_DAY, check_of, worst_of_a_year

DAYS, POOL, LEAST_A_DAY = 365, 8192, 8


@dataclass(frozen=True)
class Limit:
    """value: beyond it is an alarm. worst: (years,) the largest number of each drawn year, sorted. rows_a_day: of the
    drawn years. turned: nats of evidence for turned labels that are as much as `value`; 0 where nothing checks it."""

    value: float
    worst: np.ndarray
    rows_a_day: int
    turned: float

    def number(self, nats: np.ndarray) -> np.ndarray:
        """Evidence for turned labels on the scale of the other numbers, so that one limit is everybody's."""
        return nats * (self.value / self.turned) if self.turned else np.zeros_like(nats)


def rows_a_day(counts: np.ndarray) -> int:
    """Of days that had rows, the middle one of the first four weeks, as the nearest power of two, so that the limit
    stays while days differ."""
    some = counts[counts > 0][:28]
    usual = float(np.median(some)) if len(some) else LEAST_A_DAY
    return max(2 ** round(np.log2(max(usual, 1))), LEAST_A_DAY)


def calibrate(reference: Reference, a_day: int, alarms: Alarms, seed: int) -> Limit:
    """The limit that a share `alarms.sure` of drawn years passes at most `alarms.false_a_year` times.

    a_day: rows. Sums of more than MOST_A_DAY are normal enough: those are drawn in place of more.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    m, drawn = len(reference.rows), min(a_day, MOST_A_DAY)
    pool = np.stack([reference.rows[rng.integers(0, m, drawn)].sum(axis=0) for _ in range(POOL)])  # days to draw from
    subjects, turned = reference.subjects, check_of(reference)
    largest, nats = np.zeros((alarms.years, len(subjects))), np.zeros(alarms.years)
    for year in range(alarms.years):
        known = rng.multinomial(m, np.full(m, 1 / m)) @ reference.rows
        days = pool[rng.integers(0, POOL, DAYS)]
        for length in alarms.windows:
            found = scores(reference, windows(days, length), known)
            largest[year] = np.maximum(largest[year], worst(reference.checks, found, subjects).max(axis=0))
        if turned:
            nats[year] = worst_of_a_year(turned, reference, DAYS, a_day, rng)
    place = subjects.index(turned.subject) if turned else None
    return _limit(largest, nats, place, alarms, a_day)


def _limit(largest: np.ndarray, nats: np.ndarray, place: int | None, alarms: Alarms, a_day: int) -> Limit:
    """largest: (years, subjects). nats: (years,). place: of the subject that the nats are evidence about."""
    own = 0.0 if place is None else _rounded(nats, 1 - _share(alarms))
    hit = nats > own if own else np.zeros(len(nats), dtype=bool)
    allowed = np.where(hit, _nth(largest, alarms.false_a_year - 1, place), _nth(largest, alarms.false_a_year))
    value = _rounded(allowed, alarms.sure)
    numbers = largest.max(axis=1)
    if own:
        numbers = np.maximum(numbers, nats * (value / own))
    return Limit(value, np.sort(numbers), a_day, own)


def _share(alarms: Alarms) -> float:
    """Of years in which labels may alarm: where no alarm at all is allowed, half of what `sure` leaves."""
    return alarms.labels if alarms.false_a_year else min(alarms.labels, (1 - alarms.sure) / 2)


def _rounded(values: np.ndarray, share: float) -> float:
    """The value that a share of them does not pass."""
    return round(float(np.quantile(values, share, method="higher")), 3)


def _nth(largest: np.ndarray, n: int, without: int | None = None) -> np.ndarray:
    """(years,) what the limit has to be for n alarms at most, of all subjects but one: beyond all where n is less."""
    if n < 0:
        return np.full(len(largest), np.inf)
    kept: Sequence[int] = [each for each in range(largest.shape[1]) if each != without]
    ranked = -np.sort(-largest[:, kept], axis=1)
    return ranked[:, n] if n < len(kept) else np.zeros(len(largest))
