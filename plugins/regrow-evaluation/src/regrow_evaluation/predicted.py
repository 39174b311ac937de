"""The table of predictions as arrays that metrics and curves take, checked once."""

from dataclasses import replace

import numpy as np
import pandas as pd

from regrow import RegrowError
from regrow.plugin.predicted import Predicted, class_name
from regrow_evaluation.catalogue import BINARY, REGRESSION

PREFIX = "probability_"


def read(table: pd.DataFrame, task: str, positive: object = None) -> Predicted:
    """Predictions (columns row, fold, target, prediction, probability_<class>...) as arrays.

    A class that occurs among the held-out rows but has no probability column was unknown to the model: it gets
    probability 0. Raises RegrowError on a missing column or value, too many classes, or an unknown positive class.
    """
    missing = [column for column in ("row", "fold", "target", "prediction") if column not in table]
    if missing:
        raise RegrowError(f"no column {', '.join(missing)}", where="predictions", fix="the stage that trains makes it")
    for column in ("target", "prediction"):
        if empty := int(table[column].isna().sum()):
            raise RegrowError(
                f"{empty} of {len(table)} rows have no {column}",
                where=f"predictions, column {column}",
                fix="every held-out row needs both; look at the stage that trains",
            )
    fold, row = (table[column].to_numpy(np.int64) for column in ("fold", "row"))
    if task == REGRESSION:
        target, prediction = (_finite(table[[column]])[:, 0] for column in ("target", "prediction"))
        return Predicted(task, target, prediction, None, (), None, fold, row)
    return _classified(table, task, positive, fold, row)


def _classified(table: pd.DataFrame, task: str, positive: object, fold: np.ndarray, row: np.ndarray) -> Predicted:
    given = [column for column in table.columns if column.startswith(PREFIX)]
    seen = np.union1d(table["target"].unique(), table["prediction"].unique())  # sorted as scikit-learn sorts classes
    known = [column.removeprefix(PREFIX) for column in given]
    classes = (*known, *(text for text in map(str, seen) if text not in known))
    position = {text: index for index, text in enumerate(classes)}
    target, prediction = (
        table[column].map(str).map(position).to_numpy(np.int64) for column in ("target", "prediction")
    )
    probability = None
    if given:
        probability = np.zeros((len(table), len(classes)))
        probability[:, : len(given)] = _finite(table[given])
    chosen = _positive(classes, positive) if task == BINARY else None
    return Predicted(task, target, prediction, probability, classes, chosen, fold, row)


def _positive(classes: tuple[str, ...], positive: object) -> int:
    """Position of the positive class: the one named, else the last. Raises RegrowError if there is no such class."""
    listed = ", ".join(map(repr, classes))
    if len(classes) > 2:
        raise RegrowError(
            f"a binary target has two classes, but there are {len(classes)}: {listed}",
            where="data.task",
            fix="set data.task=multiclass, or make the target binary with data.target.above",
        )
    if positive is None:
        return len(classes) - 1
    name = class_name(positive)
    if name not in classes:
        raise RegrowError(
            f"the positive class {name!r} is not among the classes {listed}",
            where="data.target.positive",
            fix=f"set it to one of them, or leave it out: then it is {classes[-1]!r}, the last in sorted order",
        )
    return classes.index(name)


def _finite(columns: pd.DataFrame) -> np.ndarray:
    """The columns as float64. Raises RegrowError if one holds a number that is missing or infinite, or no numbers."""
    try:
        values = columns.to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        name = ", ".join(columns.columns)
        fix = "for a target of classes set data.task to binary or multiclass"
        raise RegrowError("holds something that is no number", where=f"predictions, column {name}", fix=fix) from error
    for name, bad in zip(columns.columns, (~np.isfinite(values)).sum(axis=0), strict=True):
        if bad:
            fix = "the model overflowed or was fitted on missing values; look at its settings and at features.steps"
            raise RegrowError(f"{bad} rows are not finite", where=f"predictions, column {name}", fix=fix)
    return values


def constant(predicted: Predicted) -> Predicted:
    """A guess from these rows' targets alone: the most frequent class with every class' share, or the mean."""
    rows = len(predicted.target)
    if predicted.task == REGRESSION:
        return replace(predicted, prediction=np.full(rows, predicted.target.mean()))
    share = np.bincount(predicted.target, minlength=len(predicted.classes)) / rows
    probability = None if predicted.probability is None else np.tile(share, (rows, 1))
    return replace(predicted, prediction=np.full(rows, share.argmax()), probability=probability)


def as_table(p: Predicted) -> pd.DataFrame:
    """The table that `read` reads, classes as text."""
    made = {"row": p.row, "fold": p.fold, "target": p.target, "prediction": p.prediction}
    if p.task == REGRESSION:
        return pd.DataFrame(made)
    names = np.array(p.classes, dtype=object)
    made |= {"target": names[p.target], "prediction": names[p.prediction]}
    shares = {} if p.probability is None else {PREFIX + name: p.probability[:, k] for k, name in enumerate(p.classes)}
    return pd.DataFrame({**made, **shares})
