"""The splitters that look at a column: by time, so that nothing is learnt from the future, and by group."""

from functools import partial

import numpy as np
import pandas as pd
from pandas.api import types
from sklearn import model_selection

from regrow import Context, RegrowError
from regrow.plugin.kinds import Splitter
from regrow_data.split_settings import Group, Rolling, Time
from regrow_data.splitters import NEVER

LEFT_OUT = -2  # the fold of a row that is neither held out nor learnt from
DAY = 86_400  # seconds


def time(settings: Time, context: Context) -> Splitter:
    """See `by_time`."""
    return partial(by_time, settings, context)


def rolling(settings: Rolling, context: Context) -> Splitter:
    """See `in_blocks`."""
    made = partial(in_blocks, settings, context)
    made.rolling = True  # type: ignore[attr-defined]
    return made


def group(settings: Group, context: Context) -> Splitter:
    """See `by_group`."""
    return partial(by_group, settings, context)


def by_time(settings: Time, context: Context, target: pd.Series) -> np.ndarray:
    """(n,) int: 0 for the latest rows, -2 for those in the gap before them, -1 for the earlier ones.

    Rows of one moment are on one side. Raises RegrowError where a side would have no row.
    """
    when = _moments(settings.column, context)
    first = np.sort(when)[len(when) - int(np.ceil(settings.test_size * len(when)))]
    folds = np.where(when >= first, 0, np.where(when > first - settings.gap, LEFT_OUT, NEVER))
    if not (folds == NEVER).any():
        fix = "choose a smaller test_size or gap"
        raise RegrowError("no row lies before the held-out ones", where="split", fix=fix)
    return folds.astype("int64")


def in_blocks(settings: Rolling, context: Context, target: pd.Series) -> np.ndarray:
    """(n,) int: -1 for the earliest rows, then 0 to folds - 1; blocks of about one size, a moment in one block."""
    when = _moments(settings.column, context)
    # a moment's block is that of its first row
    places = np.searchsorted(np.sort(when), when) * (settings.folds + 1) // len(when)
    blocks = np.unique(places, return_inverse=True)[1]
    if blocks.max() < settings.folds:
        wrong = f"{len(np.unique(when))} moments in {settings.column!r} can't make {settings.folds} folds and a start"
        raise RegrowError(wrong, where="split.folds", fix="choose fewer folds")
    return (blocks - 1).astype("int64")


def by_group(settings: Group, context: Context, target: pd.Series) -> np.ndarray:
    """(n,) int: the fold of a row's group, 0 and -1 without `folds`. Stratified: classes in proportion, as far as whole
    groups allow it. Raises RegrowError for too few groups, and for rows of no group.
    """
    values = _column(settings.column, context)
    groups = pd.factorize(values, sort=True)[0]
    folds = settings.folds or max(2, round(1 / settings.test_size))
    if (there := int(groups.max()) + 1) < folds:
        wrong = f"{there} groups in {settings.column!r} can't make {folds} parts"
        raise RegrowError(wrong, where="split.column", fix="choose fewer folds, a larger test_size, or another column")
    made: model_selection.StratifiedGroupKFold | model_selection.GroupKFold
    if settings.stratify and context.task != "regression":
        made = model_selection.StratifiedGroupKFold(folds, shuffle=True, random_state=context.random_state)
    else:
        made = model_selection.GroupKFold(folds, shuffle=True, random_state=context.random_state)
    found = np.full(len(groups), NEVER, dtype="int64")
    for fold, (_train, test) in enumerate(made.split(np.zeros(len(groups)), target, groups)):
        if settings.folds or fold == 0:
            found[test] = fold
    return found


def _column(name: str, context: Context) -> pd.Series:
    values = context.rows[name] if context.rows is not None else pd.Series(dtype="float64")
    if missing := int(values.isna().sum()):
        fix = "take another column, or mend the data"
        raise RegrowError(f"{missing} rows have no value in {name!r}", where="split.column", fix=fix)
    return values


def _moments(name: str, context: Context) -> np.ndarray:
    """(n,) float64: days, or the numbers themselves."""
    values = _column(name, context)
    if types.is_datetime64_any_dtype(values.dtype):
        return values.dt.as_unit("us").astype("int64").to_numpy() / (DAY * 1e6)
    if types.is_numeric_dtype(values.dtype) and not types.is_bool_dtype(values.dtype):
        return values.to_numpy(dtype="float64")
    fix = f"take a column of dates or numbers, or set `data.types.{name}: date`"
    raise RegrowError(f"{name!r} is neither a date nor a number", where="split.column", fix=fix)
