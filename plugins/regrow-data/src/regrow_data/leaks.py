"""What looks like a leak: rows that stand on both sides of the split, and columns that tell the target alone."""

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

ROWS = 3_000  # training rows that each column is tried on, spread evenly
LEAST = 100  # fewer tell nothing
COPY = 0.98  # of all there is to know: the column is the target in other words
GOOD, FAR = 0.7, 0.5  # from which on a column may be too good, if it leaves so small a part of the next one's error
KIN = 0.97  # rank correlation: such columns are one in other words
NEVER_LEARNT = -2


def told_alone(table: pd.DataFrame, target: str, task: str, hidden: Collection[str]) -> Iterator[dict[str, Any]]:
    """A finding for each column that predicts the target too well alone, by a small tree, cross-validated.

    table: of training rows. Scores are shares of what there is to know: 0 is a guess, 1 is all (2 AUC - 1, or R2).
    Too well: nearly all; or most, and far more than any other column that is no kin of it.
    """
    some, values = _some(table, target, hidden)
    scores = scores_alone(table, target, task, hidden)
    names = list(scores)
    for name, score in scores.items():
        others = [scores[other] for other in names if other != name and not _kin(values, name, other, scores)]
        following = max([0.0, *others])
        if score < COPY and (score < GOOD or 1 - score > FAR * (1 - following)):
            continue
        said = "all there is to know" if score >= COPY else f"{score:.0%} of all there is to know"
        yield {
            "code": f"leak.{name}",
            "title": f"The column {name} does not tell the target alone",
            "severity": "major" if score >= COPY else "minor",
            "verdict": "failed",
            "seen": f"{name} alone tells {said} of {target}, the next column {following:.0%}; if it is not known when "
            f"a prediction is made: data.leaks: [{name}]",
            "numbers": {"alone": round(score, 4), "next": round(following, 4)},
            "n": len(some),
        }


def scores_alone(table: pd.DataFrame, target: str, task: str, hidden: Collection[str]) -> dict[str, float]:
    """Column -> what it tells of the target alone, from 0 to 1; {} for too few rows, or a target without variety."""
    some, values = _some(table, target, hidden)
    if len(some) < LEAST or some[target].nunique() < 2:
        return {}
    return {name: _score(values[[name]].to_numpy(), some[target], task) for name in values}


def _some(table: pd.DataFrame, target: str, hidden: Collection[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Some rows, and their columns as numbers."""
    some = table.iloc[np.unique(np.linspace(0, len(table) - 1, ROWS).astype("int64"))]
    names = [name for name in some if name != target and name not in hidden]
    return some, pd.DataFrame({name: _numbers(some[name]) for name in names}, index=some.index)


def _numbers(column: pd.Series) -> np.ndarray:
    """Categories and dates in their order as numbers; missing stays missing."""
    if types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype="float64")
    codes = pd.factorize(column, sort=True)[0].astype("float64")
    return np.where(codes < 0, np.nan, codes)


def _kin(values: pd.DataFrame, name: str, other: str, scores: dict[str, float]) -> bool:
    """Whether two columns say nearly the same; asked of those only that matter."""
    if scores[name] < GOOD or scores[other] < GOOD * FAR:
        return False
    return bool(abs(values[name].corr(values[other], method="spearman")) >= KIN)


def _score(values: np.ndarray, target: pd.Series, task: str) -> float:
    """What a small tree on one column tells, (n, 1), of each half of the rows, learnt from the other half."""
    halves = np.arange(len(values)) % 2 == 0
    if task == "regression":
        y = target.to_numpy(dtype="float64")
        tree = DecisionTreeRegressor(max_depth=5, min_samples_leaf=10, random_state=0)
        made = np.where(halves, tree.fit(values[~halves], y[~halves]).predict(values), 0.0)
        made = np.where(halves, made, tree.fit(values[halves], y[halves]).predict(values))
        return max(0.0, float(r2_score(y, made)))
    y = target.astype("str").to_numpy()
    areas: list[tuple[float, int]] = []
    for here in (halves, ~halves):
        fitted = DecisionTreeClassifier(max_depth=5, min_samples_leaf=10, random_state=0).fit(values[~here], y[~here])
        made, known = fitted.predict_proba(values[here]), y[here]
        for place, label in enumerate(fitted.classes_):
            if 0 < (count := int((known == label).sum())) < len(known):
                areas.append((float(roc_auc_score(known == label, made[:, place])), count))
    if not areas:
        return 0.0
    found, rows = np.array(areas).T
    return max(0.0, 2 * float(np.average(found, weights=rows)) - 1)


def shared_rows(table: pd.DataFrame, folds: np.ndarray, left_out: Collection[str]) -> int:
    """How many held-out rows are equal, in all columns but those left out, to a row of another fold."""
    kept = table.drop(columns=[name for name in table if name in left_out])
    if kept.columns.empty:
        return 0  # rows of no columns are all equal, which says nothing
    numbers = [name for name in kept if types.is_float_dtype(kept[name].dtype)]
    for columns in ([numbers] if numbers else []) + [list(kept)]:  # numbers alone mostly rule it out, and are quick
        hashes = pd.Series(pd.util.hash_pandas_object(kept[columns], index=False).to_numpy())
        here = pd.Series(folds).where(folds != NEVER_LEARNT)
        repeated = hashes.duplicated(keep=False) & here.notna()
        if not repeated.any():
            return 0
    of_hash = here[repeated].groupby(hashes[repeated])
    both = of_hash.transform("min") != of_hash.transform("max")
    return int((both & (here[repeated] >= 0)).sum())
