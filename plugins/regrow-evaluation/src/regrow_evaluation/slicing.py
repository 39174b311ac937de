"""Sub-populations: which there are, and which are worse than chance explains."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from scipy import stats

from regrow.plugin.context import column_types
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.weighted import LEAST, errors, log_losses

LEVELS = 20  # values of a text column that are looked at: the most frequent
FEW_VALUES = 8  # of a number, up to which each value is a slice
PERMUTED = 20_000  # rows up to which chance is found by permuting; beyond, by the normal distribution
ROUNDS = 399


@dataclass(frozen=True)
class Slice:
    """Rows that have something in common."""

    name: str
    #: (n,) bool
    rows: np.ndarray
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Signal:
    """A number of each row whose mean is the same everywhere if nothing is wrong."""

    name: str
    #: (n,)
    values: np.ndarray
    #: whether a mean below the others' is wrong, too
    both_ways: bool
    #: the difference from which on it counts
    effect: float


def singles(frame: pd.DataFrame, bins: int, least: int) -> list[Slice]:
    """Of each column: its values, or stretches of its order; and the rows that lack one."""
    made = []
    for name, kind in column_types(frame).items():
        values = frame[name]
        missing = values.isna().to_numpy()
        parts = _stretches(values, bins) if kind in ("number", "date") else _levels(values)
        made += [Slice(f"{name} {said}", rows, (name,)) for said, rows in parts]
        made.append(Slice(f"{name} is missing", missing, (name,)))
    return [one for one in made if least <= one.rows.sum() <= len(frame) - least]


def _levels(values: pd.Series) -> Iterator[tuple[str, np.ndarray]]:
    counts = values.value_counts()
    if len(counts) > len(values) / 2:
        return  # nearly a value a row: an identifier
    for level in sorted(counts.index[:LEVELS], key=str):
        yield f"is {level}", (values == level).fillna(False).to_numpy(dtype=bool)


def _stretches(values: pd.Series, bins: int) -> Iterator[tuple[str, np.ndarray]]:
    known = values.dropna()
    if known.nunique() <= FEW_VALUES:
        yield from _levels(values)
        return
    number = values.astype("int64") if known.dtype.kind == "M" else values.astype(float)
    number = number.where(values.notna()).to_numpy(dtype=float)
    edges = np.unique(np.nanquantile(number, np.linspace(0, 1, bins + 1)))
    for low, high in pairwise(edges):
        rows = (number >= low) & ((number < high) | (high == edges[-1]))
        ends = [_written(values, one) for one in (low, high)]
        yield f"from {ends[0]} {'to' if high == edges[-1] else 'to below'} {ends[1]}", np.nan_to_num(rows).astype(bool)


def _written(values: pd.Series, edge: float) -> str:
    if values.dtype.kind == "M":
        return str(values.iloc[[int(np.nanargmin(np.abs(values.astype("int64") - edge)))]].dt.date.iloc[0])
    return f"{edge:.6g}"


def slices(frame: pd.DataFrame, bins: int, least: int, most: int, pairs: bool) -> list[Slice]:
    """Singles, then pairs of them; at most `most`, the largest of each. Which those are says nothing of the model."""
    alone = singles(frame, bins, least)
    kept = sorted(alone, key=lambda one: -int(one.rows.sum()))[:most]
    room = most - len(kept)
    if not pairs or room <= 0 or len(frame) > 10 * PERMUTED:
        return kept
    matrix = np.array([one.rows for one in kept], dtype=np.float32)
    both = matrix @ matrix.T
    found = [(int(both[i, j]), i, j) for i, j in combinations(range(len(kept)), 2)
             if kept[i].columns != kept[j].columns and least <= both[i, j]
             and both[i, j] < min(both[i, i], both[j, j])]  # fmt: skip
    found.sort(key=lambda one: (-one[0], one[1], one[2]))
    return kept + [_both(kept[i], kept[j]) for _, i, j in found[:room]]


def _both(one: Slice, other: Slice) -> Slice:
    return Slice(f"{one.name} and {other.name}", one.rows & other.rows, (*one.columns, *other.columns))


def signals(p: Predicted, effect: float) -> list[Signal]:
    """What should have the same mean in all slices.

    Classes with probabilities: the log loss beyond what the probabilities themselves expect, which is 0 on average
    where they are right, however hard the rows are; and, for two classes, how far the share that came true lies from
    the one predicted. Without probabilities, errors. Numbers: absolute errors, and what is left over.
    """
    if p.task == REGRESSION:
        error = errors(p)
        rest, spread = p.target - p.prediction, float(p.target.std())
        return [
            Signal("a larger error", error, False, effect * float(error.mean())),
            Signal("predictions that are off on average", rest, True, effect * spread),
        ]
    if p.probability is None:
        wrong = (p.target != p.prediction).astype(float)
        return [Signal("more wrong answers", wrong, False, effect * float(wrong.mean()))]
    given = np.clip(p.probability, LEAST, 1)
    loss = log_losses(p)
    excess = loss + (given * np.log(given)).sum(axis=1)
    made = [Signal("a larger loss than its probabilities claim", excess, False, effect * float(loss.mean()))]
    if p.positive is not None:
        rest, spread = p.is_positive - p.score, float(p.is_positive.std())
        made.append(Signal("probabilities that are off on average", rest, True, effect * spread))
    return made


@dataclass(frozen=True)
class Judged:
    """A slice and a signal."""

    slice: Slice
    signal: Signal
    #: mean inside minus mean outside
    apart: float
    statistic: float
    #: adjusted for all slices and signals that were looked at
    chance: float

    @property
    def counts(self) -> bool:
        """Whether it is so far apart that it matters."""
        return (abs(self.apart) if self.signal.both_ways else self.apart) >= self.signal.effect


def judge(found: Sequence[Slice], told: Sequence[Signal], seed: int) -> list[Judged]:
    """Each slice by each signal, the least likely first.

    Welch's t of inside against outside. Chance is that of the largest statistic of all when rows are permuted
    (Westfall and Young, Resampling-Based Multiple Testing, 1993); of many rows, Bonferroni's bound.
    """
    if not found or not told:
        return []
    rows = len(told[0].values)
    inside = np.array([one.rows for one in found], dtype=np.float32)
    values = [(one.values - one.values.mean()).astype(np.float32) for one in told]
    apart, statistic = zip(*(_welch(inside, one[:, None]) for one in values), strict=True)
    sized = [_one_sided(t[:, 0], s) for t, s in zip(statistic, told, strict=True)]
    if rows <= PERMUTED:
        largest = _largest(inside, values, told, seed)
        chances = [(1 + (largest[:, None] >= t[None, :]).sum(axis=0)) / (1 + len(largest)) for t in sized]
    else:
        tests = len(found) * len(told)
        chances = [
            np.minimum(1, tests * stats.norm.sf(t) * (1 + s.both_ways)) for t, s in zip(sized, told, strict=True)
        ]
    made = [
        Judged(one, signal, float(apart[k][i, 0]), float(sized[k][i]), float(chances[k][i]))
        for k, signal in enumerate(told)
        for i, one in enumerate(found)
    ]
    return sorted(made, key=lambda one: (one.chance, -one.statistic, one.slice.name))


def _one_sided(t: np.ndarray, signal: Signal) -> np.ndarray:
    return np.abs(t) if signal.both_ways else t


def _largest(inside: np.ndarray, values: Sequence[np.ndarray], told: Sequence[Signal], seed: int) -> np.ndarray:
    """(ROUNDS,) the largest statistic of each permutation, the same for all signals."""
    rng = np.random.Generator(np.random.PCG64(seed))
    orders = np.array([rng.permutation(len(values[0])) for _ in range(ROUNDS)]).T
    each = [_one_sided(_welch(inside, one[orders])[1], s).max(axis=0) for one, s in zip(values, told, strict=True)]
    return np.max(each, axis=0)


def _welch(inside: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(slices, columns of values): difference of means, and t; variances have one row's worth of the whole's added,
    so that few equal rows are no certainty."""
    n = inside.sum(axis=1)[:, None]
    rest = inside.shape[1] - n
    total, squares = values.sum(axis=0), (values**2).sum(axis=0)
    own, own_squares = inside @ values, inside @ values**2
    whole = squares / inside.shape[1]
    mean, other = own / n, (total - own) / rest
    spread = np.maximum((own_squares - n * mean**2 + whole) / n, 1e-12)
    spread_rest = np.maximum((squares - own_squares - rest * other**2 + whole) / rest, 1e-12)
    return mean - other, (mean - other) / np.sqrt(spread / n + spread_rest / rest)
