"""Classes of the plugin's own that a model file holds."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin


class Centre(TransformerMixin, BaseEstimator):
    """Numbers less their mean; other columns as they are."""

    def fit(self, X, y=None):
        """The means."""
        numbers = X.select_dtypes("number")
        self.names_ = np.array(list(numbers), dtype=object)
        self.means_ = numbers.mean().to_numpy(dtype=float)
        return self

    def transform(self, X):
        """A DataFrame of the same columns."""
        less = {name: X[name] - mean for name, mean in zip(self.names_, self.means_, strict=True)}
        return X.assign(**less)


class Share(ClassifierMixin, BaseEstimator):
    """A share of how far the first number lies on the side of the positives, and the base rate for the rest."""

    def __init__(self, weight=1.0):
        self.weight = weight

    def fit(self, X, y):
        """Base rate, and the middle of the first column."""
        self.classes_ = np.unique(y)
        self.rate_ = float(np.mean(y == self.classes_[1]))
        self.middle_ = float(np.median(np.asarray(X, dtype=float)[:, 0]))
        return self

    def predict_proba(self, X):
        """(n, 2) shares."""
        above = (np.asarray(X, dtype=float)[:, 0] > self.middle_).astype(float)
        positive = self.weight * above + (1 - self.weight) * self.rate_
        return np.column_stack([1 - positive, positive])

    def predict(self, X):
        """(n,) classes."""
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(int)]
