"""What is checked before a fit: every step does its work, and what reaches the estimator are numbers it can take."""

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils import get_tags

from regrow import RegrowError
from regrow.base.errors import Problem
from regrow.plugin.components import nearest

ROWS, EACH = 20_000, 50


def check_some(build: Callable[[], Any], X: pd.DataFrame, y: np.ndarray) -> None:
    """`check_pipeline` on some of many rows, among them some without a value and with an infinite one of each column;
    on all rows before anything is refused. What only other rows show, the fit itself fails on. Raises RegrowError."""
    rows = _some(X)
    if len(rows) < len(X):
        try:
            return check_pipeline(build(), X.iloc[rows], y[rows])
        except RegrowError:
            pass
    return check_pipeline(build(), X, y)


def _some(X: pd.DataFrame) -> np.ndarray:
    """Places, sorted: about ROWS of them spread evenly, and EACH with a gap and with an infinite value, by column."""
    if len(X) <= 2 * ROWS:
        return np.arange(len(X))
    places = [np.linspace(0, len(X) - 1, ROWS).astype("int64")]
    for name in X:
        places.append(np.flatnonzero(X[name].isna().to_numpy())[:EACH])
        if types.is_float_dtype(X[name].dtype):
            places.append(np.flatnonzero(np.isinf(X[name].to_numpy()))[:EACH])
    return np.unique(np.concatenate(places))


def check_pipeline(pipeline: Any, X: pd.DataFrame, y: np.ndarray) -> None:
    """Fits the steps before the estimator on training rows, one by one, and looks at what the estimator would get.

    `pipeline` is used up. Raises RegrowError that names the step or the columns.
    """
    pipeline = getattr(pipeline, "pipeline", pipeline)  # of models that are one for each group
    for name, step in pipeline.steps[:-1]:
        where = f"features.steps.{name}"
        _check_names(step, X, where)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the fit itself gives them again, and tells them
                X = step.fit_transform(X, y)
        except (ValueError, TypeError, KeyError) as error:
            raise _collision(step, where) or RegrowError(
                f"could not be fitted: {_first_line(error)}", where=where, fix=_advice(error)
            ) from error
        if not isinstance(X, pd.DataFrame):
            fix = "a transformer component must give DataFrames: regrow_features.transformers.on_columns makes it do so"
            raise RegrowError(f"made a {type(X).__name__}, not a DataFrame", where=where, fix=fix)
    check_columns(pipeline.steps[-1][1], X, "training rows")


def check_columns(estimator: Any, X: pd.DataFrame, rows: str) -> None:
    """Raises RegrowError, all columns at once, where text, dates, infinite or missing values reach the estimator."""
    numeric = [name for name in X if types.is_numeric_dtype(X[name].dtype)]
    left = [name for name in X if name not in set(numeric)]
    problems = []
    if left:
        wrong = f"no step turned {_quoted(left)} into numbers"
        fix = (
            f"add one_hot or ordinal to features.steps (columns: [{', '.join(left)}]), or list them in features.exclude"
        )
        problems.append(Problem(wrong, "features.steps", fix))
    infinite = [name for name in numeric if np.isinf(X[name].to_numpy(dtype="float64")).any()]
    if infinite:
        fix = "clean them where the data are read, or list them in features.exclude"
        problems.append(Problem(f"infinite values in {_quoted(infinite)}", "features", fix))
    missing = [name for name in numeric if X[name].isna().any()]
    if missing and not get_tags(estimator).input_tags.allow_nan:
        wrong = f"{rows} lack values in {_quoted(missing)}, which {type(estimator).__name__} can't take"
        fix = "add impute_median (numbers) or impute_constant to features.steps, before steps that need whole columns"
        problems.append(Problem(wrong, "features.steps", fix))
    if problems:
        raise RegrowError.of(problems)


def _check_names(step: Any, X: pd.DataFrame, where: str) -> None:
    """Raises RegrowError with the nearest names where a step asks for columns that do not reach it."""
    wanted = [spec[2] for spec in step.transformers] if isinstance(step, ColumnTransformer) else []
    names = [name for spec in wanted if isinstance(spec, list) for name in spec]
    unknown = [name for name in names if name not in X.columns]
    if unknown:
        hints = [f"{name!r}: {nearest(name, list(X.columns))}" for name in unknown]
        raise RegrowError(f"no column {_quoted(unknown)} reaches this step", where=where, fix="\n".join(hints))


def _collision(step: Any, where: str) -> RegrowError | None:
    """The error for an encoder that gives one name to two columns, naming both; None if it does not."""
    for _, encoder, _ in getattr(step, "transformers_", ()):
        if not isinstance(encoder, OneHotEncoder):
            continue
        made: dict[str, list[str]] = {}
        for column, categories in zip(encoder.feature_names_in_, encoder.categories_, strict=True):
            for category in categories:
                made.setdefault(f"{column}_{category}", []).append(f"{column} = {_shown(category)}")
        if twice := {name: pairs for name, pairs in made.items() if len(pairs) > 1}:
            told = "; ".join(f"{' and '.join(pairs)} would both be {name!r}" for name, pairs in list(twice.items())[:3])
            fix = "set `distinct: true` on this step, so that their names differ"
            return RegrowError(f"two columns of one name: {told}", where=where, fix=fix)
    return None


def _shown(category: Any) -> str:
    return repr(category) if isinstance(category, str) else "missing" if category != category else str(category)


def _advice(error: Exception) -> str:
    text = str(error)
    if "not unique" in text:
        return "a column it makes has the name of another: rename that one, or put it into features.exclude"
    if "could not be cast" in text or "cannot be cast" in text:
        return "`fill` must be of the columns' type: text for text, a whole number for whole numbers"
    if "non-numeric" in text or "could not convert string" in text:
        return "this step is for numbers: name numeric columns, or say `columns: numeric`"
    return "see that `columns` names columns that this step is made for"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))
