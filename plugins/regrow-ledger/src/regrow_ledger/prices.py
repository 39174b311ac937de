"""What a feature costs beside what it brings: columns, memory, the drift to be watched, privacy."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, TypeVar

import numpy as np
import pandas as pd

NUMBER = 8  # bytes of a number, and of the place of a text
FEW = 16
Said = TypeVar("Said")


def said(patterns: Mapping[str, Said], name: str) -> Said | None:
    """What the first pattern that fits the name says; None where none does."""
    return next((value for pattern, value in patterns.items() if fnmatchcase(name, pattern)), None)


def columns(model: Any, X: pd.DataFrame) -> dict[str, int]:
    """Feature -> columns that it becomes before the estimator; 0 where a step dropped it. 1 each without steps."""
    names = list(map(str, X.columns))
    if not hasattr(model, "steps") or len(model) < 2:
        return dict.fromkeys(names, 1)
    counted = dict.fromkeys(names, 0)
    for made in map(str, model[:-1].transform(X.iloc[:FEW]).columns):
        owners = [name for name in names if made == name or made.startswith((f"{name}_", f"{name} "))]
        if owners:
            counted[max(owners, key=len)] += 1
    return counted


def memory(column: pd.Series) -> int:
    """Bytes as a table of numbers and UTF-8 text holds it, on any machine."""
    if column.dtype.kind in "biuf":
        return int(column.dtype.itemsize * len(column))
    return NUMBER * len(column) + sum(len(str(one).encode()) for one in column.dropna().tolist())


def drift(column: pd.Series, held_out: np.ndarray) -> float:
    """How far held-out rows lie from the others, 0 to 1: the largest distance of the two distributions (Kolmogorov and
    Smirnov) of numbers, half the sum of the differences of shares of texts; missing is a value of its own."""
    here, there = column[~held_out], column[held_out]
    if here.empty or there.empty:
        return 0.0
    if column.dtype.kind not in "biuf":
        shares = [part.astype("str").fillna("\0").value_counts(normalize=True) for part in (here, there)]
        return float(shares[0].sub(shares[1], fill_value=0.0).abs().sum() / 2)
    gap = abs(float(here.isna().mean()) - float(there.isna().mean()))
    one, other = (np.sort(part.dropna().to_numpy(dtype="float64")) for part in (here, there))
    if not len(one) or not len(other):
        return gap
    at = np.concatenate([one, other])
    steps = [np.searchsorted(values, at, side="right") / len(values) for values in (one, other)]
    return max(gap, float(np.abs(steps[0] - steps[1]).max()))
