"""Baselines: what any model has to beat. As estimators that settings can name, and beside every model."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.validation import check_is_fitted

from regrow import Context
from regrow_experiment.wrapper_settings import Dummy, LastValue, SingleFeature

FEWEST = 20  # rows of a leaf, at least, and a hundredth of all
LOOKED_AT = 20_000  # training rows by which the single column is chosen


def dummy(settings: Dummy, context: Context) -> BaseEstimator:
    """The shares of the classes, or the mean."""
    return DummyRegressor() if context.task == "regression" else DummyClassifier(strategy="prior")


def last_value(settings: LastValue, context: Context) -> BaseEstimator:
    """What the last training rows said: the naive forecast, where rows are ordered by time."""
    return (LastValueRegressor if context.task == "regression" else LastValueClassifier)(settings.rows)


def single_feature(settings: SingleFeature, context: Context) -> BaseEstimator:
    """A tree of a few leaves on one column. Holte, Machine Learning 11, 1993."""
    made = SingleFeatureRegressor if context.task == "regression" else SingleFeatureClassifier
    return made(settings.leaves, context.random_state)


class LastValueRegressor(RegressorMixin, BaseEstimator):
    """The mean of the last `rows` training rows, for every row."""

    def __init__(self, rows: int = 1) -> None:
        self.rows = rows

    def fit(self, X: Any, y: np.ndarray) -> "LastValueRegressor":
        """X is not looked at; y (n,), in the order of the table."""
        self.value_ = float(np.mean(np.asarray(y, dtype=float)[-self.rows :]))
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(n,) the same value."""
        check_is_fitted(self)
        return np.full(len(X), self.value_)


class LastValueClassifier(ClassifierMixin, BaseEstimator):
    """The shares of the classes among the last `rows` training rows, each class counted once more."""

    def __init__(self, rows: int = 1) -> None:
        self.rows = rows

    def fit(self, X: Any, y: np.ndarray) -> "LastValueClassifier":
        """X is not looked at; y (n,), in the order of the table."""
        self.classes_, codes = np.unique(y, return_inverse=True)
        counts = np.bincount(codes[-self.rows :], minlength=len(self.classes_)) + 1.0
        self.shares_ = counts / counts.sum()
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """(n, classes in the order of classes_)."""
        check_is_fitted(self)
        return np.tile(self.shares_, (len(X), 1))

    def predict(self, X: Any) -> np.ndarray:
        """(n,) the most frequent of them."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


class _SingleFeature(BaseEstimator):
    """A tree on one column of numbers. column_: its name, or its place; tree_: fitted on it."""

    def __init__(self, leaves: int = 8, random_state: int = 0) -> None:
        self.leaves = leaves
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _new(self, rows: int) -> Any:
        least = min(max(FEWEST, rows // 100), max(1, rows // 3))
        made = DecisionTreeRegressor if isinstance(self, RegressorMixin) else DecisionTreeClassifier
        return made(max_leaf_nodes=self.leaves, min_samples_leaf=least, random_state=self.random_state)

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> "_SingleFeature":
        """Fit on numbers (n, columns), missing ones too, and targets (n,): a tree for each column, the best is kept."""
        names = list(X.columns) if hasattr(X, "columns") else list(range(X.shape[1]))
        some = slice(None, None, max(1, len(y) // LOOKED_AT))
        losses = []
        for name in names:
            column = self._column(X, name)[some]
            fitted = self._new(len(column)).fit(column, y[some])
            tree = fitted.tree_
            ends = tree.children_left == -1
            losses.append(float((tree.impurity * tree.weighted_n_node_samples)[ends].sum()))
        self.column_ = names[int(np.argmin(losses))]
        self.tree_ = self._new(len(y)).fit(self._column(X, self.column_), y)
        self.n_features_in_ = X.shape[1]
        return self

    def _column(self, X: Any, name: Any) -> np.ndarray:
        column = X[name] if hasattr(X, "columns") else X[:, name]
        return np.asarray(column, dtype="float64").reshape(-1, 1)

    def predict(self, X: Any) -> np.ndarray:
        """(n,) classes or values."""
        check_is_fitted(self)
        return np.asarray(self.tree_.predict(self._column(X, self.column_)))


class SingleFeatureRegressor(RegressorMixin, _SingleFeature):
    """Values by one column."""


class SingleFeatureClassifier(ClassifierMixin, _SingleFeature):
    """Classes by one column."""

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> "SingleFeatureClassifier":
        """As any classifier."""
        super().fit(X, y)
        self.classes_ = self.tree_.classes_
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """(n, classes in the order of classes_)."""
        check_is_fitted(self)
        return np.asarray(self.tree_.predict_proba(self._column(X, self.column_)))


def beside(task: str) -> dict[str, Any]:
    """Name -> baseline, unfitted, that takes `as_numbers`: those that every model is compared with."""
    if task == "regression":
        made: dict[str, Any] = {"dummy": DummyRegressor(), "last value": LastValueRegressor()}
        return {**made, "single feature": SingleFeatureRegressor()}
    shares = {"dummy": DummyClassifier(strategy="prior"), "last value": LastValueClassifier(FEWEST)}
    return {**shares, "single feature": SingleFeatureClassifier()}


def as_numbers(learnt: pd.DataFrame, X: pd.DataFrame) -> pd.DataFrame:
    """X with text as the places of its values among the training rows' sorted ones; what is neither is left out."""
    made = {}
    for name in X.columns:
        column = X[name]
        if pd.api.types.is_numeric_dtype(column.dtype):
            made[name] = column.to_numpy(dtype="float64", na_value=np.nan)
        elif isinstance(column.dtype, pd.StringDtype) or column.dtype == object:
            known = sorted({str(one) for one in learnt[name].dropna().unique()})
            codes = {one: float(place) for place, one in enumerate(known)}
            made[name] = column.map(lambda one, codes=codes: codes.get(one, np.nan)).to_numpy(dtype="float64")
    return pd.DataFrame(made, index=X.index)
