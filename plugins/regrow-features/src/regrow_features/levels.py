"""Categories by how often they are met: counted, rare ones merged, or hashed into few columns. Own classes, stored as
lists and arrays; a row's result depends on it alone."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.utils import murmurhash3_32
from sklearn.utils.validation import check_is_fitted

from regrow import Context
from regrow_features.learning_settings import CountLevels, HashLevels, RareLevels
from regrow_features.transformers import on_columns


class LevelCounter(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Each category becomes the number, or the share, of its training rows; 0 for one met later. Missing is one."""

    def __init__(self, share: bool = False) -> None:
        self.share = share

    def fit(self, X: pd.DataFrame, y: Any = None) -> "LevelCounter":
        """X: (n, columns)."""
        _names(self, X)
        counted = [X[name].value_counts(sort=False).sort_index() for name in X]
        self.levels_ = [one.index.tolist() for one in counted]
        scale = len(X) if self.share else 1
        missing = X.isna().sum().tolist()
        pairs = zip(counted, missing, strict=True)
        self.counts_ = [np.append(one.to_numpy(dtype="float64"), gone) / scale for one, gone in pairs]
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """(n, columns) float64."""
        check_is_fitted(self)
        made = {}
        for name, levels, counts in zip(X, self.levels_, self.counts_, strict=True):
            code = places(X[name], levels)
            gone = X[name].isna().to_numpy()
            made[name] = np.where(gone, counts[-1], np.where(code < 0, 0.0, counts[code]))
        return pd.DataFrame(made, index=X.index)


class RareLevelMerger(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Categories of fewer training rows, and those first met later, become one; missing stays missing."""

    def __init__(self, min_frequency: float = 10, name: str = "other") -> None:
        self.min_frequency = min_frequency
        self.name = name

    def fit(self, X: pd.DataFrame, y: Any = None) -> "RareLevelMerger":
        """X: (n, columns) of text."""
        _names(self, X)
        least = self.min_frequency if self.min_frequency >= 1 else self.min_frequency * len(X)
        counted = [X[name].astype("str").value_counts(sort=False).sort_index() for name in X]
        self.levels_ = [one.index[one >= least].tolist() for one in counted]
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """(n, columns) text."""
        check_is_fitted(self)
        made = {}
        for name, levels in zip(X, self.levels_, strict=True):
            text = X[name].astype("str")
            made[name] = text.where(text.isna() | text.isin(levels), self.name)
        return pd.DataFrame(made, index=X.index)


class LevelHasher(TransformerMixin, BaseEstimator):
    """Each column's category adds 1 or -1 to one of few columns, by its hash: Weinberger et al., ICML 2009."""

    def __init__(self, buckets: int = 16, name: str = "hash") -> None:
        self.buckets = buckets
        self.name = name

    def fit(self, X: pd.DataFrame, y: Any = None) -> "LevelHasher":
        """X: (n, columns). Nothing is learnt but their names."""
        _names(self, X)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """(n, buckets) float64, of whole numbers; a missing value adds nothing."""
        check_is_fitted(self)
        made = np.zeros((len(X), self.buckets))
        for name in X:
            codes, levels = pd.factorize(X[name])
            hashed = np.array([murmurhash3_32(f"{name}={level}", seed=0) for level in levels.tolist()], dtype="int64")
            rows = np.flatnonzero(codes >= 0)
            chosen = hashed[codes[rows]] if len(rows) else hashed[:0]
            np.add.at(made, (rows, np.abs(chosen) % self.buckets), np.where(chosen < 0, -1.0, 1.0))
        return pd.DataFrame(made, index=X.index, columns=self.get_feature_names_out())

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """(buckets,) names."""
        return np.array([f"{self.name}_{place}" for place in range(self.buckets)], dtype=object)


def places(column: pd.Series, levels: list[Any]) -> np.ndarray:
    """(n,) the place of each value among the levels, -1 for others and missing ones."""
    if not levels:
        return np.full(len(column), -1)
    index = pd.Index(levels, dtype=column.dtype) if isinstance(column.dtype, pd.StringDtype) else pd.Index(levels)
    return index.get_indexer(pd.Index(column))


def _names(made: Any, X: pd.DataFrame) -> None:
    made.feature_names_in_ = np.array(X.columns, dtype=object)
    made.n_features_in_ = X.shape[1]


def count(settings: CountLevels, context: Context) -> ColumnTransformer:
    """Categories become how many training rows they have; 0 for one first met later."""
    return on_columns(LevelCounter(settings.share), settings.columns)


def rare_levels(settings: RareLevels, context: Context) -> ColumnTransformer:
    """Rare categories, and those first met later, become one; put an encoder after it."""
    return on_columns(RareLevelMerger(settings.min_frequency, settings.name), settings.columns)


def hash_levels(settings: HashLevels, context: Context) -> ColumnTransformer:
    """Any number of levels in few columns, without a list of them."""
    return on_columns(LevelHasher(settings.buckets, settings.name), settings.columns)
