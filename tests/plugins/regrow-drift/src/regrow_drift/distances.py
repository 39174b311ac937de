"""Distances between two samples of one column."""

from typing import Any, Protocol

import numpy as np
from scipy.stats import ks_2samp

from regrow import Context
from regrow_drift.settings import Shift


class Distance(Protocol):
    """What a factory of the kind `distance` makes."""

    def __call__(self, train: np.ndarray, held_out: np.ndarray) -> float:
        """(n,) and (m,) values -> 0 or more; 0 for the same."""


def check(distance: Distance, kit: Any) -> float:
    """The contract kit's try: the kit's table is no distance from itself, and some from another."""
    amount = kit.table["amount"].dropna().to_numpy()
    if distance(amount, amount) != 0:
        raise ValueError("a sample lies away from itself")
    return distance(amount, amount + 1)


def ks(settings: None, context: Context) -> Distance:
    """The Kolmogorov-Smirnov statistic."""
    return lambda train, held_out: float(ks_2samp(train, held_out).statistic)


def shift(settings: Shift, context: Context) -> Distance:
    """How far mean or median moves, in standard deviations of the training rows."""
    statistic = {"mean": np.mean, "median": np.median}[settings.of]
    return lambda train, held_out: float(abs(statistic(held_out) - statistic(train)) / (train.std() or 1.0))
