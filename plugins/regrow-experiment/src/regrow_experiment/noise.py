"""The noise floor, and whether a gain lies beyond it.

Scores of folds of one table are not independent: their training rows overlap. Nadeau and Bengio (Inference for the
Generalization Error, Machine Learning 52, 2003) add the ratio of test to training rows to 1 / n in a mean's variance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

CONFIDENCE = 0.95


def floor(repeats: Sequence[Sequence[float]], share: float) -> float | None:
    """The smallest difference of two mean scores that means something, in the metric's unit.

    repeats: of the same settings under several seeds, the folds' scores. share: test rows over training rows. None with
    fewer than two seeds. t times the corrected standard error of a mean over the folds of one seed.
    """
    scores = np.array([score for folds in repeats for score in folds], dtype=float)
    if len(repeats) < 2 or len(scores) < 3:
        return None
    error = np.sqrt((1 / len(repeats[0]) + share) * scores.var(ddof=1))
    return float(_t(len(scores) - 1) * error)


@dataclass(frozen=True)
class Gain:
    """mean: how much better, above 0, whichever way is better. low, high: its interval. beyond: whether it is
    larger than the floor, and the interval lies above 0."""

    mean: float
    low: float
    high: float
    beyond: bool


def gain(new: Sequence[float], old: Sequence[float], share: float, higher: bool, least: float | None) -> Gain:
    """The gain of one model over another on the same folds, paired, by the corrected resampled t-test.

    least: the noise floor, None where there is none.
    """
    differences = (np.array(new, dtype=float) - np.array(old, dtype=float)) * (1 if higher else -1)
    count, mean = len(differences), float(differences.mean())
    width = float(_t(count - 1) * np.sqrt((1 / count + share) * differences.var(ddof=1))) if count > 1 else np.inf
    low, high = mean - width, mean + width
    return Gain(mean, low, high, bool(low > 0 and mean > (least or 0.0)))


def _t(freedom: int) -> float:
    return float(t.ppf((1 + CONFIDENCE) / 2, freedom))
