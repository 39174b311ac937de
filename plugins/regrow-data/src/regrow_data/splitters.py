"""The splitters: which rows are held out, in which fold."""

from functools import partial

import numpy as np
import pandas as pd
from sklearn import model_selection

from regrow import Context, RegrowError
from regrow.plugin.kinds import Splitter
from regrow_data.split_settings import Holdout, KFold
from regrow_data.target import class_counts

NEVER = -1  # the fold of a row that is never held out
MOST_BINS = 10
BIN_MEMBERS = 10


def holdout(settings: Holdout, context: Context) -> Splitter:
    """See `hold_out`."""
    return partial(hold_out, settings, context)


def k_fold(settings: KFold, context: Context) -> Splitter:
    """See `in_folds`."""
    return partial(in_folds, settings, context)


def hold_out(settings: Holdout, context: Context, target: pd.Series) -> np.ndarray:
    """One share of the rows held out once: int64, 0 for those and -1 for the others.

    Raises RegrowError when a side would have no row, or a class is too small to be on both sides.
    """
    rows = np.arange(len(target))
    test_rows = int(np.ceil(settings.test_size * len(rows)))  # as scikit-learn counts them
    if test_rows >= len(rows):
        raise RegrowError(
            f"test_size {settings.test_size} of {len(rows)} rows leaves none to learn from",
            where="split.test_size",
            fix="choose a smaller test_size, or get more rows",
        )
    strata = _strata(target, context.task, test_rows, len(rows) - test_rows) if settings.stratify else None
    if strata is not None:
        _large_enough(strata, 2, "split.stratify", "needs a row on each side")
        smaller = min(test_rows, len(rows) - test_rows)
        if smaller < strata.nunique():
            raise RegrowError(
                f"{smaller} rows on one side cannot hold all {strata.nunique()} classes",
                where="split.test_size",
                fix="choose a test_size nearer to 0.5, get more rows, or set `split.stratify: false`",
            )
    _train, test = model_selection.train_test_split(
        rows, test_size=settings.test_size, random_state=context.random_state, stratify=strata
    )
    folds = np.full(len(rows), NEVER, dtype="int64")
    folds[test] = 0
    return folds


def in_folds(settings: KFold, context: Context, target: pd.Series) -> np.ndarray:
    """Every row held out in one of k folds: (n,) int64, 0 to k-1.

    With `repeats` above 1 it is (n, repeats), a column for each time that rows are dealt out, numbered on: k to 2k-1 in
    the second, as scikit-learn's RepeatedKFold counts them.

    Raises RegrowError when there are fewer rows than folds, or fewer rows of a class than folds.
    """
    if settings.folds > len(target):
        raise RegrowError(
            f"{len(target)} rows cannot make {settings.folds} folds", where="split.folds", fix="choose fewer folds"
        )
    rows_of_fold = len(target) // settings.folds
    strata = _strata(target, context.task, rows_of_fold, rows_of_fold) if settings.stratify else None
    kind = model_selection.KFold if strata is None else model_selection.StratifiedKFold
    if strata is not None:
        _large_enough(strata, settings.folds, "split.folds", f"needs a row in each of {settings.folds} folds")
    folds = np.full((len(target), settings.repeats), NEVER, dtype="int64")
    for repeat in range(settings.repeats):
        seed = context.stream(f"repeat {repeat}") if repeat else context.random_state  # the first: as without repeats
        splitter = kind(settings.folds, shuffle=True, random_state=seed)
        for fold, (_train, test) in enumerate(splitter.split(np.zeros(len(target)), strata)):
            folds[test, repeat] = repeat * settings.folds + fold
    return folds if settings.repeats > 1 else folds[:, 0]


def _strata(target: pd.Series, task: str, *sizes: int) -> pd.Series | None:
    """Classes as they are; for regression, bins of equal size along the sorted target, so that tails are in every part.

    As many bins (at most 10) as leave ten rows of each in the smallest part; with too few rows for two bins, None.
    """
    if task != "regression":
        return target
    bins = min(MOST_BINS, min(sizes) // BIN_MEMBERS)
    if bins < 2:
        return None
    # Ranks rather than values: ties cannot empty a bin.
    return pd.Series((target.rank(method="first") - 1) * bins // len(target)).astype("int64")


def _large_enough(strata: pd.Series, least: int, where: str, why: str) -> None:
    few = [f"{name!r} ({count} rows)" for name, count in class_counts(strata).items() if count < least]
    if few:
        raise RegrowError(
            f"too few rows to stratify: {', '.join(few[:10])}; every class {why}",
            where=where,
            fix="set `data.target.rare: drop` or `merge`, use fewer folds, or set `split.stratify: false`",
        )
