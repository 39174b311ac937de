"""One limit for all checks, found by resampling the reference: so many alarms without a cause in a year, and no more.

A year without a change is drawn from the reference's rows; so is a reference of as many rows, for the reference itself
is a sample. A year's alarms are the subjects that some check of some window takes beyond the limit.
"""

from dataclasses import dataclass

import numpy as np

from regrow_monitor.signals import Reference, scores, windows, worst

DAYS, POOL, MOST_A_DAY, LEAST_A_DAY = 365, 8192, 64, 8


@dataclass(frozen=True)
class Limit:
    """value: beyond it is an alarm. worst: (years,) the largest number of each drawn year, sorted. rows_a_day: of the
    drawn years."""

    value: float
    worst: np.ndarray
    rows_a_day: int

    def years_as_bad(self, number: float) -> float:
        """The share of years without a change that have as large a number."""
        return float((self.worst >= number).mean())


def rows_a_day(counts: np.ndarray) -> int:
    """Of days that had rows, the middle one of the first four weeks, as the nearest power of two, so that the limit
    stays while days differ; at most 64, as beyond that sums are normal enough."""
    some = counts[counts > 0][:28]
    usual = float(np.median(some)) if len(some) else LEAST_A_DAY
    return int(np.clip(2 ** round(np.log2(max(usual, 1))), LEAST_A_DAY, MOST_A_DAY))


def calibrate(
    reference: Reference, a_day: int, lengths: list[int], false_a_year: int, sure: float, years: int, seed: int
) -> Limit:
    """The limit that a share `sure` of drawn years passes at most `false_a_year` times.

    lengths: of the windows, in days.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    m = len(reference.rows)
    pool = np.stack([reference.rows[rng.integers(0, m, a_day)].sum(axis=0) for _ in range(POOL)])  # days to draw from
    subjects = reference.subjects
    largest = np.zeros((years, len(subjects)))
    for year in range(years):
        drawn = rng.multinomial(m, np.full(m, 1 / m)) @ reference.rows
        days = pool[rng.integers(0, POOL, DAYS)]
        for length in lengths:
            found = scores(reference, windows(days, length), drawn)
            largest[year] = np.maximum(largest[year], worst(reference.checks, found, subjects).max(axis=0))
    ranked = -np.sort(-largest, axis=1)
    allowed = ranked[:, false_a_year] if false_a_year < len(subjects) else np.zeros(years)
    value = round(float(np.quantile(allowed, sure)), 3)
    return Limit(value, np.sort(ranked[:, 0]), a_day)
