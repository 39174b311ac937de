"""`model.per: COLUMN`: one model for each group of rows that is large enough, and one of all rows for the others."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.pipeline import Pipeline
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from regrow import RegrowError
from regrow.plugin.components import nearest
from regrow_experiment.scoring import BLOCK

#: Why a group has no model of its own.
SMALL, ONE_CLASS, REFUSED = "too few rows", "one class alone", "could not be fitted"


class _Grouped(BaseEstimator):
    """What both have.

    pipeline: unfitted; its steps are fitted on all rows, once, its last step for all rows and for each group.
    column: a column of X that says which group a row is of. least: the fewest training rows for a model of its own.
    everyone_: the pipeline, fitted on all rows. names_: the groups with a model of their own, as text, sorted; models_:
    these, in that order. sizes_: every group's training rows. without_: why a group has no model of its own.
    """

    def __init__(self, pipeline: Any, column: str, least: int = 100) -> None:
        self.pipeline = pipeline
        self.column = column
        self.least = least

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> "_Grouped":
        """Fit on rows (n, columns) and their targets (n,). Raises RegrowError where the column is not there."""
        groups = self.groups(X)
        self.everyone_ = clone(self.pipeline).fit(X, y)
        self.feature_names_in_, self.n_features_in_ = np.array(list(map(str, X.columns)), dtype=object), X.shape[1]
        reaching = self._reaching(X)
        rows = {name: np.flatnonzero(groups == name) for name in sorted({*groups} - {None})}
        self.sizes_ = {name: len(one) for name, one in rows.items()}
        self.without_ = {name: why for name, one in rows.items() if (why := self._lack(y[one]))}
        tried = [name for name in rows if name not in self.without_]
        fit = delayed(_fitted)
        made = Parallel()(fit(clone(self._last), reaching.iloc[rows[name]], y[rows[name]]) for name in tried)
        self.without_ |= {name: one for name, one in zip(tried, made, strict=True) if isinstance(one, str)}
        own = [(name, one) for name, one in zip(tried, made, strict=True) if not isinstance(one, str)]
        self.names_, self.models_ = [name for name, _ in own], [one for _, one in own]
        return self

    @property
    def _last(self) -> Any:
        return self.pipeline.steps[-1][1]

    def _reaching(self, X: pd.DataFrame) -> pd.DataFrame:
        """What comes out of the steps before the model."""
        return self.everyone_[:-1].transform(X) if len(self.everyone_) > 1 else X

    def groups(self, X: pd.DataFrame) -> np.ndarray:
        """(n,) object: each row's group as text, None where it is missing."""
        if self.column not in X.columns:
            fix = f"{nearest(self.column, list(map(str, X.columns)))}; features.exclude takes columns away"
            raise RegrowError(f"no column {self.column!r} reaches the model", where="model.per", fix=fix)
        values = X[self.column].astype("object")
        return np.array(
            [None if missing else str(value) for value, missing in zip(values, values.isna(), strict=True)],
            dtype=object,
        )

    def _lack(self, y: np.ndarray) -> str:
        return SMALL if len(y) < self.least else ""

    def group_of(self, X: pd.DataFrame) -> np.ndarray:
        """(n,) object: each row's group where that has a model of its own, else None."""
        known = {*self.names_}
        return np.array([one if one in known else None for one in self.groups(X)], dtype=object)

    def _asked(self, X: pd.DataFrame) -> Iterator[tuple[np.ndarray, Any, pd.DataFrame]]:
        """(which rows, the model that answers for them, what it gets)."""
        check_is_fitted(self)
        groups, reaching = self.group_of(X), self._reaching(X)
        models = {None: self.everyone_.steps[-1][1], **dict(zip(self.names_, self.models_, strict=True))}
        for name, model in models.items():
            rows = np.flatnonzero(
                [one == name for one in groups] if name is not None else [one is None for one in groups]
            )
            if len(rows):
                yield rows, model, _padded(reaching.iloc[rows])

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """(n,) of each row's own model; of the one of all rows for groups that have none, and for unknown ones."""
        made = self._room(len(X))
        for rows, model, given in self._asked(X):
            made[rows] = model.predict(given)[: len(rows)]
        return made

    def _room(self, rows: int) -> np.ndarray:
        return np.empty(rows)

    def report(self) -> list[tuple[str, int, str]]:
        """(group, its training rows, "" or why it has no model of its own), the largest first."""
        order = sorted(self.sizes_, key=lambda name: (-self.sizes_[name], name))
        return [(name, self.sizes_[name], self.without_.get(name, "")) for name in order]


class GroupedRegressor(RegressorMixin, _Grouped):
    """Values, by one model for each group."""


class GroupedClassifier(ClassifierMixin, _Grouped):
    """Classes, by one model for each group. classes_: of all rows; what a group never met has probability 0 there."""

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> "GroupedClassifier":
        """As any classifier; a group of one class alone has no model of its own."""
        super().fit(X, y)
        self.classes_ = np.unique(y)
        return self

    def _lack(self, y: np.ndarray) -> str:
        return super()._lack(y) or (ONE_CLASS if len(np.unique(y)) < 2 else "")

    def _room(self, rows: int) -> np.ndarray:
        return np.empty(rows, dtype=self.classes_.dtype)

    @available_if(lambda self: hasattr(self.pipeline, "predict_proba"))
    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """(n, classes in the order of classes_)."""
        made = np.zeros((len(X), len(self.classes_)))
        for rows, model, given in self._asked(X):
            said = model.predict_proba(given)[: len(rows)]
            made[rows[:, None], np.searchsorted(self.classes_, model.classes_)] = said
        return made


def _fitted(model: Any, X: pd.DataFrame, y: np.ndarray) -> Any:
    """The model, fitted; why not, where the rows are such that it can't be."""
    try:
        return model.fit(X, y)
    except (ValueError, ArithmeticError) as error:
        return f"{REFUSED}: {str(error).strip().splitlines()[0][:200]}"


def _padded(X: pd.DataFrame) -> pd.DataFrame:
    """With the last row repeated up to a multiple of 16: `regrow_experiment.scoring` says why."""
    rows = len(X)
    return X.iloc[np.minimum(np.arange(rows + -rows % BLOCK), rows - 1)]


def grouped(pipeline: Pipeline, per: Any, task: str) -> Any:
    """The pipeline, a model for each group. per: `regrow_experiment.settings.Per`."""
    made = GroupedRegressor if task == "regression" else GroupedClassifier
    return made(pipeline, per.column, per.least)
