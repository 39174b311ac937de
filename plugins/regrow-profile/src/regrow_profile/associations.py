"""How columns go with each other: rank correlation of numbers, Cramer's V of categories; on a sample of the rows."""

from itertools import combinations

import numpy as np
import pandas as pd

from regrow_profile.columns import as_numbers, kind

ROWS, COLUMNS, SHOWN = 4_000, 60, 15
LEVELS = 50  # above which a category is not looked at
LEAST = 0.3  # below which an association is not listed


def sample(table: pd.DataFrame) -> pd.DataFrame:
    """At most ROWS rows, spread evenly."""
    return table.iloc[np.unique(np.linspace(0, len(table) - 1, ROWS).astype("int64"))]


def strongest(table: pd.DataFrame) -> list[tuple[str, str, float]]:
    """The SHOWN strongest pairs among the first COLUMNS columns of one kind each, strongest first; from LEAST on."""
    some = sample(table)
    names = list(some.columns[:COLUMNS])
    numbers = {name: _ranks(some[name]) for name in names if kind(some[name]) in ("number", "date")}
    texts = {name: pd.factorize(some[name])[0] for name in names if kind(some[name]) in ("text", "boolean")}
    texts = {name: codes for name, codes in texts.items() if 1 <= codes.max() < LEVELS}
    found = [(a, b, _correlation(numbers[a], numbers[b])) for a, b in combinations(numbers, 2)]
    found += [(a, b, cramers_v(texts[a], texts[b])) for a, b in combinations(texts, 2)]
    strong = [one for one in found if abs(one[2]) >= LEAST]
    return sorted(strong, key=lambda one: (-abs(one[2]), one[:2]))[:SHOWN]


def _ranks(column: pd.Series) -> np.ndarray:
    values = np.full(len(column), np.nan)
    present = column.notna().to_numpy()
    values[present] = pd.Series(as_numbers(column[present])).rank().to_numpy()
    return values


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    both = ~np.isnan(one) & ~np.isnan(other)
    a, b = one[both], other[both]
    if len(a) < 20 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0
    return float(np.corrcoef(a, b)[0, 1])


def cramers_v(one: np.ndarray, other: np.ndarray) -> float:
    """Of codes, -1 for missing; 0 for independent, 1 for one that follows from the other (Cramer, 1946)."""
    both = (one >= 0) & (other >= 0)
    counts = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(counts, (one[both], other[both]), 1)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    least, total = min(counts.shape) - 1, counts.sum()
    if least < 1 or total < 20:
        return 0.0
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total
    return float(np.sqrt(((counts - expected) ** 2 / expected).sum() / (total * least)))
