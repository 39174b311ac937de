"""Distances between two samples of one column."""

from collections.abc import Callable

import numpy as np
from scipy.stats import ks_2samp


def ks(_settings: None) -> Callable[[np.ndarray, np.ndarray], float]:
    """The Kolmogorov-Smirnov statistic."""
    return lambda train, held_out: float(ks_2samp(train, held_out).statistic)


def shift(settings: object) -> Callable[[np.ndarray, np.ndarray], float]:
    """How far mean or median moves, in standard deviations of the training rows."""
    statistic = {"mean": np.mean, "median": np.median}[settings.of]
    return lambda train, held_out: float(abs(statistic(held_out) - statistic(train)) / (train.std() or 1.0))
