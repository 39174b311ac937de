"""The target as scikit-learn takes it, and errors where it does not suit the task."""

from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from regrow import RegrowError
from regrow.plugin.components import nearest


def as_target(column: pd.Series, task: str) -> np.ndarray:
    """The target, (n,): float64 for regression; text, bool or int64 classes for classification.

    Raises RegrowError for missing values, numbers with fractions as classes, and text or booleans as a quantity.
    """
    where = f"target {column.name}"
    if column.isna().any():
        fix = "rows without a target are dropped when the data are read: look at the stage that made `features`"
        raise RegrowError(f"is missing in {column.isna().sum()} rows", where=where, fix=fix)
    return _quantity(column, where) if task == "regression" else _classes(column, where, task)


def _quantity(column: pd.Series, where: str) -> np.ndarray:
    if types.is_bool_dtype(column.dtype) or not types.is_numeric_dtype(column.dtype):
        fix = "set data.task: binary or multiclass, or take a numeric column as data.target.column"
        raise RegrowError(f"is {column.dtype}, but data.task is regression", where=where, fix=fix)
    return column.to_numpy(dtype="float64")


def _classes(column: pd.Series, where: str, task: str) -> np.ndarray:
    if types.is_bool_dtype(column.dtype):
        return column.to_numpy(dtype="bool")
    if types.is_numeric_dtype(column.dtype):
        numbers = column.to_numpy(dtype="float64")
        if not (numbers == np.floor(numbers)).all():
            fix = "set data.task: regression, or data.target.above: NUMBER to make two classes of it"
            raise RegrowError(f"holds numbers with fractions, but data.task is {task}", where=where, fix=fix)
        return column.to_numpy(dtype="int64")
    if types.infer_dtype(column) != "string":
        fix = "classes are all text, all whole numbers, or all booleans; set data.types for the column"
        raise RegrowError(f"holds {types.infer_dtype(column)} values as classes", where=where, fix=fix)
    return column.to_numpy(dtype=str)


def check_classes(y: np.ndarray, task: str, name: str, rows: str) -> None:
    """Raises RegrowError if training rows hold fewer than two values, or more than two classes in a binary task."""
    values = np.unique(y)
    if len(values) < 2:
        fix = "there is nothing to learn: check data.target, or split otherwise (stratify: true, fewer folds)"
        raise RegrowError(f"all {len(y)} {rows} have the value {values[0]}", where=f"target {name}", fix=fix)
    if task == "binary" and len(values) > 2:
        some = ", ".join(str(value) for value in values[:5])
        fix = "set data.task: multiclass, or data.target.above: NUMBER to make two classes of a number"
        raise RegrowError(f"{len(values)} classes ({some}, ...) in a binary task", where=f"target {name}", fix=fix)


def weigh_classes(pipeline: Any, y: np.ndarray) -> Any:
    """The same pipeline; a class_weight that names classes by their text names them as they are in the target, (n,).

    Raises RegrowError for a class that does not occur.
    """
    model = getattr(pipeline, "pipeline", pipeline)[-1]
    while hasattr(model, "estimator"):  # what holds another weighs no classes itself
        model = model.estimator
    weights = getattr(model, "class_weight", None)
    if isinstance(weights, dict):
        classes = {str(value): value.item() if hasattr(value, "item") else value for value in np.unique(y)}
        if odd := [name for name in weights if name not in classes]:
            fix = nearest(odd[0], list(classes))
            raise RegrowError(f"{odd[0]!r} is not a class of the target", where="model.class_weight", fix=fix)
        model.set_params(class_weight={classes[name]: weight for name, weight in weights.items()})
    return pipeline
