"""Intervals of any number of metrics, by a bootstrap with Poisson weights.

Each round gives every row, or every group of rows that belong together, a weight drawn from Poisson(1) (Chamandy et
al., Estimating Uncertainty for Massive Data Streams, 2012), the same weights for all metrics. Rows are sorted once,
so that a round is a few passes over them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regrow_evaluation.asked import Asked
from regrow_evaluation.catalogue import BINARY
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.weighted import Weighted

ENOUGH = 0.9  # of the rounds have to give a number
DRAWS = 2**16
TAIL, USUAL = 5, 0.025  # rounds beyond an end that tell where it is; the share beyond one of the usual 95 %


def _poisson() -> np.ndarray:
    """(65536,) uint8: Poisson(1) by a uniform 16-bit number."""
    upto = np.cumsum([math.exp(-1) / math.factorial(k) for k in range(12)])
    return np.searchsorted(upto, (np.arange(DRAWS) + 0.5) / DRAWS).astype("uint8")


@dataclass(frozen=True)
class Replicates:
    """What each round gave: (rounds, metrics), NaN where one was undefined."""

    values: np.ndarray
    confidence: float

    def interval(self, place: int) -> tuple[float, float] | None:
        """The percentile interval of a metric; None where too many rounds gave no number."""
        return interval(self.values[:, place], self.confidence)


def interval(values: np.ndarray, confidence: float) -> tuple[float, float] | None:
    """(rounds,) values -> their middle part; None where less than `ENOUGH` of them are numbers.

    Where fewer than `TAIL` rounds lie beyond an end, as with many looks at the rows, it is stretched from one that they
    can tell.
    """
    known = values[np.isfinite(values)]
    if not len(values) or len(known) < ENOUGH * len(values):
        return None
    tail = (1 - confidence) / 2
    told = max(tail, min(TAIL / len(known), USUAL))
    low, high = np.quantile(known, [told, 1 - told])
    if told > tail:
        low, high = _stretched((low, high), float(np.median(known)), tail, told)
    return float(low), float(high)


def _stretched(ends: tuple[float, float], middle: float, tail: float, told: float) -> tuple[float, float]:
    """Ends that lie further out than the rounds can tell, by as much as those of a normal distribution would."""
    from scipy.special import ndtri

    by = float(ndtri(tail) / ndtri(told))
    return middle - (middle - ends[0]) * by, middle + (ends[1] - middle) * by


@dataclass(frozen=True)
class Bootstrap:
    """How rows are drawn."""

    rounds: int
    confidence: float
    seed: int
    #: (n,) the group of each row; None where rows are independent
    group: np.ndarray | None = None

    def weights(self, rows: int) -> "Draws":
        """Round by round, (rows,) float64."""
        return Draws(self, rows)

    def of(self, functions: Sequence[Weighted], rows: int) -> Replicates:
        """Of functions of the weights of some rows."""
        draws = self.weights(rows)
        values = np.array([[one(weights) for one in functions] for weights in draws]).reshape(-1, len(functions))
        return Replicates(values, self.confidence)

    def of_metrics(self, metrics: Sequence[Asked], predicted: Predicted, like: Predicted | None = None) -> Replicates:
        """Of metrics, each the mean over the folds of `predicted`.

        like: what another model predicts for the same rows in the same order; every round then draws the same rows as
        for that one, so that the differences of both belong together.
        """
        ordered, group = _ordered(predicted, self.group, like or predicted)
        folds = [np.flatnonzero(ordered.fold == fold) for fold in np.unique(ordered.fold)]
        parts = [ordered.rows(fold) for fold in folds] if len(folds) > 1 else [ordered]
        functions = [_over_folds(metric, parts, folds) for metric in metrics]
        return Bootstrap(self.rounds, self.confidence, self.seed, group).of(functions, len(ordered.target))

    def of_repeats(
        self, metrics: Sequence[Asked], several: Sequence[Predicted], like: Sequence[Predicted] | None = None
    ) -> Replicates:
        """The same over the folds of several repeats, which have the same rows in the same order.

        like: of another model, as for `of_metrics`.
        """
        if len(several) == 1:
            return self.of_metrics(metrics, several[0], like[0] if like else None)
        folds = [(p, np.flatnonzero(p.fold == fold)) for p in several for fold in np.unique(p.fold)]
        parts, places = [p.rows(place) for p, place in folds], [place for _, place in folds]
        return self.of([_over_folds(metric, parts, places) for metric in metrics], len(several[0].target))


class Draws:
    """The weights of each round."""

    def __init__(self, of: Bootstrap, rows: int) -> None:
        self.of, self.rows = of, rows
        self.units = rows if of.group is None else int(of.group.max(initial=-1)) + 1

    def __iter__(self):  # type: ignore[no-untyped-def]
        table, rng = _poisson(), np.random.Generator(np.random.PCG64(self.of.seed))
        for _ in range(self.of.rounds):
            drawn = table[rng.integers(0, DRAWS, self.units, dtype=np.uint16)].astype(float)
            yield drawn if self.of.group is None else drawn[self.of.group]


def groups(values: pd.Series, blocks: int | None) -> np.ndarray:
    """(n,) int64: rows of one value together; or, with `blocks`, rows in as many stretches of the values' order.

    Missing values are a group of their own.
    """
    codes = pd.factorize(values, sort=True, use_na_sentinel=False)[0]
    if blocks is None:
        return codes.astype("int64")
    place = np.searchsorted(np.sort(codes), codes)  # rows of one value are in one block
    return pd.factorize(place * blocks // len(codes))[0].astype("int64")


def _ordered(p: Predicted, group: np.ndarray | None, like: Predicted) -> tuple[Predicted, np.ndarray | None]:
    """In the order in which most metrics want the rows of `like`: so they need not gather weights in every round."""
    by = like.score if like.task == BINARY else np.arange(len(like.target))
    order = np.lexsort((by, like.fold))
    return p.rows(order), None if group is None else group[order]


def _over_folds(metric: Asked, parts: Sequence[Predicted], folds: Sequence[np.ndarray]) -> Weighted:
    each = [weigh(metric, part) for part in parts]
    if len(folds) == 1:
        return each[0]
    pairs = list(zip(folds, each, strict=True))
    return lambda weights: float(np.mean([one(weights[fold]) for fold, one in pairs]))


def weigh(metric: Asked, p: Predicted) -> Weighted:
    """A metric of some rows as a function of their weights."""
    prepare = getattr(metric.of(p), "prepare", None)
    if prepare is not None:
        found: Weighted = prepare(p)
        return found

    def again(weights: np.ndarray) -> float:
        several = p.rows(np.repeat(np.arange(len(p.target)), weights.astype("int64")))
        try:
            return metric.of(several)(several) if len(several.target) else np.nan
        except ValueError:
            return np.nan

    return again
