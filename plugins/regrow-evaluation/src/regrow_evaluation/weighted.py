"""Metrics as functions of row weights: rows are prepared once, and each set of weights costs a few passes over them.

Each function takes a `Predicted` and returns a `Weighted`, which takes (n,) float64 weights, whole numbers of 0 and
more, in the order of the rows, and returns what the metric gives when every row stands there so many times. NaN where
it is undefined.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from regrow_evaluation.predicted import Predicted

Weighted = Callable[[np.ndarray], float]
Counts = Callable[[np.ndarray], float]  # of a (k, k) matrix, rows true, columns predicted
Prepare = Callable[[Predicted], Weighted]
LEAST = float(np.finfo(np.float64).eps)  # to which scikit-learn clips probabilities


class Once:
    """A function of weights that several metrics of the same rows ask in each round: it is computed once a round."""

    def __init__(self, function: Callable[[np.ndarray], Any]) -> None:
        self.function, self.weights, self.value = function, None, None

    def __call__(self, weights: np.ndarray) -> Any:
        """Of these weights."""
        if weights is not self.weights:
            self.weights, self.value = weights, self.function(weights)  # type: ignore[assignment]
        return self.value


def shared(p: Predicted, key: object, make: Callable[[], Any]) -> Any:
    """What metrics of the same rows have in common, kept with these rows."""
    kept = vars(p).setdefault("prepared", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]


def ranked_by(p: Predicted, k: int) -> "Ranked":
    """The rows by their score of class k."""
    score = p.score if k == p.positive else p.probability[:, k]  # type: ignore[index]
    made: Ranked = shared(p, ("ranked", k), lambda: Ranked(score, p.target == k))
    return made


class Ranked:
    """Rows sorted once by score, equal scores together."""

    def __init__(self, score: np.ndarray, positive: np.ndarray) -> None:
        order = np.argsort(score, kind="stable")
        self.order = None if np.array_equal(order, np.arange(len(order))) else order
        ranked = score[order]
        self.starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1])) if len(ranked) else order
        self.positive = positive[order].astype(float)
        self.tied = len(self.starts) < len(ranked)
        self.sums = Once(self._sums)

    def _sums(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Weight of positives and of all rows at each score, ascending."""
        given = weights if self.order is None else weights[self.order]
        found = given * self.positive
        if not self.tied:
            return found, given
        return np.add.reduceat(found, self.starts), np.add.reduceat(given, self.starts)

    def from_above(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Positives at each score, and positives and all rows at or above it, descending."""
        found, given = self.sums(weights)
        return found[::-1], np.cumsum(found[::-1]), np.cumsum(given[::-1])


def of_positive(p: Predicted) -> Ranked:
    """The rows by their score of the positive class."""
    assert p.positive is not None
    return ranked_by(p, p.positive)


def area(ranked: Ranked) -> Weighted:
    """Area under the ROC curve: the share of pairs in the right order, ties counting half."""

    def value(weights: np.ndarray) -> float:
        found, given = ranked.sums(weights)
        other = given - found
        below = np.cumsum(other)
        pairs = found.sum() * below[-1]
        return float((found @ below - 0.5 * (found @ other)) / pairs) if pairs else np.nan

    return value


def roc_auc(p: Predicted) -> Weighted:
    """Of the positive class."""
    return area(of_positive(p))


def roc_auc_ovr(p: Predicted) -> Weighted:
    """Each class against the rest, averaged."""
    each = [area(ranked_by(p, k)) for k in range(len(p.classes))]
    return lambda weights: float(np.mean([one(weights) for one in each]))


def average_precision(p: Predicted) -> Weighted:
    """Precision at each score, weighed by the recall that it adds."""

    def value(gained: np.ndarray, found: np.ndarray, given: np.ndarray) -> float:
        total = found[-1]
        np.maximum(given, 1, out=given)
        np.divide(found, given, out=given)
        return float(gained @ given / total)

    return _from_above(p, value)


def recall_at(precision: float) -> Prepare:
    """The largest recall of a threshold with at least this precision; 0 where none has it."""

    def value(gained: np.ndarray, found: np.ndarray, given: np.ndarray) -> float:
        right = found >= precision * np.maximum(given, 1)
        return float(found[right].max() / found[-1]) if right.any() else 0.0

    return lambda p: _from_above(p, value)


def lift(share: float) -> Prepare:
    """Rows of one score are taken in part, so that their order plays no role."""

    def value(gained: np.ndarray, found: np.ndarray, given: np.ndarray) -> float:
        taken = np.interp(share * given[-1], np.append(0, given), np.append(0, found))
        return float(taken / found[-1] / share)

    return lambda p: _from_above(p, value)


def _from_above(p: Predicted, value: Callable[[np.ndarray, np.ndarray, np.ndarray], float]) -> Weighted:
    """`value` of what `Ranked.from_above` gives; NaN where no row is positive."""
    ranked = of_positive(p)

    def weighted(weights: np.ndarray) -> float:
        gained, found, given = ranked.from_above(weights)
        return value(gained, found, given) if found[-1] else np.nan

    return weighted


def mean(of_row: Callable[[Predicted], np.ndarray], after: Callable[[float], float] = float) -> Prepare:
    """The mean of a number of each row."""

    def prepare(p: Predicted) -> Weighted:
        each = of_row(p)

        def value(weights: np.ndarray) -> float:
            total = weights.sum()
            return after(float(weights @ each / total)) if total else np.nan

        return value

    return prepare


def log_losses(p: Predicted) -> np.ndarray:
    """(n,) of each row, in nats, clipped as scikit-learn does."""
    assert p.probability is not None
    given = np.clip(p.probability, LEAST, 1 - LEAST)
    given = given / given.sum(axis=1, keepdims=True)
    return -np.log(given[np.arange(len(p.target)), p.target])


def squared_distances(p: Predicted) -> np.ndarray:
    """(n,) of each row: the squared error of the positive class; of several classes, their sum."""
    if p.positive is not None:
        return (p.score - p.is_positive) ** 2
    assert p.probability is not None
    return ((p.probability - np.eye(len(p.classes))[p.target]) ** 2).sum(axis=1)


def errors(p: Predicted) -> np.ndarray:
    """(n,) absolute, in the target's unit."""
    return np.abs(p.target - p.prediction)


def pinball_losses(quantile: float) -> Callable[[Predicted], np.ndarray]:
    """(n,) of each row."""
    return lambda p: np.maximum(quantile * (p.target - p.prediction), (quantile - 1) * (p.target - p.prediction))


def quantile_of_errors(quantile: float) -> Prepare:
    """The absolute error that this share of the rows stays within."""

    def prepare(p: Predicted) -> Weighted:
        error = errors(p)
        order = np.argsort(error, kind="stable")
        ranked = error[order]

        def value(weights: np.ndarray) -> float:
            upto = np.cumsum(weights[order])
            return float(ranked[np.searchsorted(upto, quantile * upto[-1])]) if upto[-1] else np.nan

        return value

    return prepare


def r2(p: Predicted) -> Weighted:
    """Share of the target's variance explained."""
    squares = (p.target - p.prediction) ** 2

    def value(weights: np.ndarray) -> float:
        total = weights.sum()
        if not total:
            return np.nan
        around = (weights * (p.target - (weights * p.target).sum() / total) ** 2).sum()
        return float(1 - (weights * squares).sum() / around) if around > 0 else np.nan

    return value


def relative_error(p: Predicted) -> Weighted:
    """Absolute errors over absolute targets, each summed."""
    error, size = errors(p), np.abs(p.target)

    def value(weights: np.ndarray) -> float:
        whole = (weights * size).sum()
        return float((weights * error).sum() / whole) if whole else np.nan

    return value


def calibration_error(bins: int) -> Prepare:
    """Groups are of the rows as they are, whatever their weights."""

    def prepare(p: Predicted) -> Weighted:
        said, came = said_and_came(p)
        group = grouped(said, bins)
        distance = said - came

        def value(weights: np.ndarray) -> float:
            total = weights.sum()
            apart = np.abs(np.bincount(group, weights=weights * distance, minlength=bins)).sum()
            return float(apart / total) if total else np.nan

        return value

    return prepare


def said_and_came(p: Predicted) -> tuple[np.ndarray, np.ndarray]:
    """(n,) the probability that was said, and whether it came true: of the positive class, or of the most probable."""
    if p.positive is not None:
        return p.score, p.is_positive.astype(float)
    assert p.probability is not None
    return p.probability.max(axis=1), (p.probability.argmax(axis=1) == p.target).astype(float)


def grouped(values: np.ndarray, bins: int) -> np.ndarray:
    """(n,) the quantile group of each value; equal values are in one group."""
    edges = np.percentile(values, np.linspace(0, 100, bins + 1))
    return np.searchsorted(edges[1:-1], values)


def counts(said: Callable[[Predicted], np.ndarray], of: Counts, binary: bool = False) -> Prepare:
    """A metric of the confusion matrix. said: (n,) the predicted class. binary: 1 is the positive class, 0 not."""

    def prepare(p: Predicted) -> Weighted:
        size = 2 if binary else len(p.classes)
        true = p.is_positive.astype("int64") if binary else p.target
        place = true * size + said(p)

        def matrix() -> Callable[[np.ndarray], np.ndarray]:
            if size > 2:
                return lambda weights: np.bincount(place, weights, size * size).reshape(size, size)
            inside = (place == np.arange(4)[:, None]).astype(float)  # sums of whole numbers: exact in any order
            return lambda weights: (inside @ weights).reshape(2, 2)

        table = shared(p, ("counts", place.tobytes()), lambda: Once(matrix()))
        return lambda weights: of(table(weights))

    return prepare


def accuracy(c: np.ndarray) -> float:
    """Share on the diagonal."""
    return float(np.trace(c) / c.sum()) if c.sum() else np.nan


def balanced_accuracy(c: np.ndarray) -> float:
    """Recall averaged over the classes that occur."""
    true = c.sum(axis=1)
    return float((np.diag(c)[true > 0] / true[true > 0]).mean()) if true.any() else np.nan


def f1(c: np.ndarray) -> float:
    """Undefined when positives are neither there nor predicted."""
    size = c[1].sum() + c[:, 1].sum()
    return float(2 * c[1, 1] / size) if size else np.nan


def precision(c: np.ndarray) -> float:
    """0 when no positive is predicted."""
    return float(c[1, 1] / c[:, 1].sum()) if c[:, 1].sum() else 0.0


def recall(c: np.ndarray) -> float:
    """Undefined when no positive occurs."""
    return float(c[1, 1] / c[1].sum()) if c[1].sum() else np.nan


def f1_macro(c: np.ndarray) -> float:
    """Over the classes that occur or are predicted."""
    size = c.sum(axis=1) + c.sum(axis=0)
    return float((2 * np.diag(c)[size > 0] / size[size > 0]).mean()) if size.any() else np.nan


def matthews(c: np.ndarray) -> float:
    """Gorodkin's R_K for any number of classes (Computational Biology and Chemistry 28, 2004); 0 for a constant."""
    true, said, total = c.sum(axis=1), c.sum(axis=0), c.sum()
    spread = (total**2 - (true**2).sum()) * (total**2 - (said**2).sum())
    return float((np.trace(c) * total - (true * said).sum()) / np.sqrt(spread)) if spread > 0 else 0.0
