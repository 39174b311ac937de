"""What a split says of rows: which fold holds each out, and which of them the model that is kept learns from."""

import numpy as np
import pandas as pd

from regrow import RegrowError

NEVER_HELD_OUT = -1
AGAIN = "fold_"  # fold_2, fold_3, ...: the folds of the second repeat, the third, ...
PAST = "past"  # a column of splits in which a fold is predicted from earlier ones alone


def of(split: pd.DataFrame, rows: int) -> np.ndarray:
    """(rows,) int64: each row's fold, in the order of the rows; -1 is never held out, -2 not learnt from either.

    Raises RegrowError if the split is of another table.
    """
    ordered = split.sort_values("row", kind="stable")
    if not np.array_equal(ordered["row"].to_numpy(), np.arange(rows)):
        wrong = f"the split is of {len(split)} rows, the features have {rows}: they do not belong together"
        raise RegrowError(wrong, where="split", fix="run the whole pipeline again: dvc repro")
    fold = ordered["fold"].to_numpy(dtype="int64")
    if not (fold >= 0).any():
        raise RegrowError("holds out no row, so nothing could be evaluated", where="split", fix="see split.test_size")
    if len(np.unique(fold)) < 2:
        raise RegrowError("leaves no row to train on", where="split", fix="see split.test_size or split.folds")
    return fold


def repeats(split: pd.DataFrame) -> list[np.ndarray]:
    """Where rows are dealt out to folds several times: (rows,) int64 for each time after the first, as of `of`."""
    ordered = split.sort_values("row", kind="stable")
    names = sorted((name for name in split if name.startswith(AGAIN)), key=lambda name: int(name.removeprefix(AGAIN)))
    return [ordered[name].to_numpy(dtype="int64") for name in names]


def is_rolling(split: pd.DataFrame) -> bool:
    """Whether each fold is predicted from those before it."""
    return PAST in split


def learnt_from(split: pd.DataFrame, fold: np.ndarray) -> np.ndarray:
    """(n,) bool: the rows that the model which is kept is fitted on. Under hold-out those that are never held out;
    where every row is held out once, or folds roll, all but those of fold -2."""
    never = fold == NEVER_HELD_OUT
    return never if never.any() and not is_rolling(split) else fold >= NEVER_HELD_OUT
