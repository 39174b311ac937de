"""Missing numbers by a regression of each column on the others, so that a row comes out the same in any company."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - without it the import below is refused
from sklearn.impute import IterativeImputer
from sklearn.linear_model import BayesianRidge

from regrow import Context
from regrow_features.learning_settings import ImputeIterative
from regrow_features.transformers import on_columns


class ColumnwiseRidge(BayesianRidge):
    """BayesianRidge that adds up column by column: a matrix product has another last bit for another number of rows."""

    def predict(self, X: np.ndarray, return_std: bool = False) -> Any:
        """(n,) the mean."""
        X = np.asarray(X)
        total = np.full(len(X), float(self.intercept_))
        for place, weight in enumerate(np.ravel(self.coef_)):
            total = total + X[:, place] * weight
        return (total, np.zeros(len(X))) if return_std else total


class ChainedImputer(IterativeImputer):
    """scikit-learn's, on an array of its own: the one that it takes out of a pandas table can't be written to."""

    def fit_transform(self, X: pd.DataFrame, y: Any = None, **params: Any) -> np.ndarray:
        """Learn from training rows, and fill them. X: (n, columns)."""
        self.names_ = list(X.columns)
        return np.asarray(super().fit_transform(_writable(X), y, **params))

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Fill other rows."""
        return np.asarray(super().transform(_writable(X)))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """(columns out,) names, those of indicators at the end."""
        return super().get_feature_names_out(np.array(self.names_, dtype=object))


def _writable(X: pd.DataFrame) -> np.ndarray:
    return np.array(X, dtype="float64", order="F")


def impute_iterative(settings: ImputeIterative, context: Context) -> ColumnTransformer:
    """Missing numbers become what a ridge regression on the other columns says, in rounds, in a fixed order."""
    imputer = ChainedImputer(
        ColumnwiseRidge(),
        max_iter=settings.rounds,
        keep_empty_features=True,
        add_indicator=settings.indicator,
        random_state=context.random_state,
    )
    return on_columns(imputer, settings.columns)
