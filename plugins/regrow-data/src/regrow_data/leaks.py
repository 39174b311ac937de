"""What looks like a leak: rows that stand on both sides of the split, and columns that tell the target alone."""

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.preprocessing import LabelEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

ROWS = 4_000  # training rows that each column is tried on, spread evenly
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
    rows = np.unique(np.linspace(0, len(table) - 1, ROWS).astype("int64"))
    some = table.iloc[rows]
    if len(some) < LEAST or some[target].nunique() < 2:
        return
    names = [name for name in some if name != target and name not in hidden]
    values = pd.DataFrame({name: _numbers(some[name]) for name in names}, index=some.index)
    scores = {name: _score(values[[name]], some[target], task) for name in names}
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


def _score(values: pd.DataFrame, target: pd.Series, task: str) -> float:
    folds = 4
    if task == "regression":
        tree = DecisionTreeRegressor(max_depth=5, min_samples_leaf=10, random_state=0)
        return max(0.0, float(r2_score(target, cross_val_predict(tree, values, target, cv=folds))))
    y = LabelEncoder().fit_transform(target.astype(str))
    y = np.where(np.bincount(y)[y] < folds, np.bincount(y).argmax(), y)
    labels, y = np.unique(y, return_inverse=True)
    if len(labels) < 2:
        return 0.0
    classifier = DecisionTreeClassifier(max_depth=5, min_samples_leaf=10, random_state=0)
    made = cross_val_predict(classifier, values, y, cv=folds, method="predict_proba")
    areas = [roc_auc_score(y == label, made[:, label]) for label in range(len(labels))]
    return max(0.0, 2 * float(np.average(areas, weights=np.bincount(y))) - 1)


def shared_rows(table: pd.DataFrame, folds: np.ndarray, left_out: Collection[str]) -> int:
    """How many held-out rows are equal, in all columns but those left out, to a row of another fold."""
    kept = table.drop(columns=[name for name in table if name in left_out])
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
