"""The estimator `reweighed`: rows weigh so that groups and classes are independent of one another in training."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if

from regrow import Context, RegrowError, nearest
from regrow_fairness.settings import Reweighed


def reweighed(settings: Reweighed, context: Context) -> BaseEstimator:
    """The estimator inside, fitted on weighed rows. Kamiran and Calders, Knowledge and Information Systems 33, 2012."""
    inside = settings.of.make(replace(context, random_state=context.stream("of")))
    return ReweighedClassifier(inside, list(settings.by), settings.seen)


class ReweighedClassifier(ClassifierMixin, BaseEstimator):
    """A classifier whose training rows of group g and class y weigh P(g) P(y) / P(g, y).

    estimator: unfitted; it takes `sample_weight`. by: columns that say the group, as they come out of the steps; those
    that one-hot encoding makes of `sex`, `sex_a` and `sex_b`, go by `sex`. seen: whether the estimator sees them; else
    predicting needs no group. estimator_: fitted.
    """

    def __init__(self, estimator: Any, by: list[str], seen: bool = False) -> None:
        self.estimator = estimator
        self.by = by
        self.seen = seen

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> "ReweighedClassifier":
        """Fit on rows (n, columns) and classes (n,). Raises RegrowError for a group's column that is not there."""
        y = np.asarray(y)
        said = [self._columns(X, name) for name in self.by]
        groups = pd.MultiIndex.from_frame(X[[one for each in said for one in each]]).factorize()[0]
        self.hidden_ = [] if self.seen else sorted({one for each in said for one in each})
        if len(self.hidden_) == X.shape[1]:
            wrong = "no column is left to learn from but those that say the group"
            raise RegrowError(wrong, where="model.by", fix="set model.seen to true")
        weights = weights_of(groups, np.unique(y, return_inverse=True)[1])
        self.estimator_ = clone(self.estimator).fit(self._shown(X), y, sample_weight=weights)
        self.classes_ = self.estimator_.classes_
        return self

    def _columns(self, X: pd.DataFrame, name: str) -> list[str]:
        known = [str(one) for one in X.columns]
        found = [name] if name in known else [one for one in known if one.startswith(f"{name}_")]
        if not found:
            raise RegrowError(f"there is no column {name!r} among the features", where="model.by",
                              fix=nearest(name, known))  # fmt: skip
        return found

    def _shown(self, X: pd.DataFrame) -> pd.DataFrame:
        return X.drop(columns=self.hidden_)

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Classes (n,)."""
        return np.asarray(self.estimator_.predict(self._shown(X)))

    @available_if(lambda self: hasattr(self.estimator, "predict_proba"))
    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """(n, classes in the order of classes_)."""
        return np.asarray(self.estimator_.predict_proba(self._shown(X)))


def weights_of(groups: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """(n,) codes from 0 on -> (n,) weights, which sum to n: within each group every class has its share of all rows."""
    both = np.zeros((groups.max() + 1, classes.max() + 1))
    np.add.at(both, (groups, classes), 1)
    expected = np.outer(both.sum(axis=1), both.sum(axis=0)) / len(groups)
    return (expected[groups, classes] / both[groups, classes]).astype("float64")
