"""What is usual in a row's group, learnt from training rows."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from regrow import Context
from regrow_features.columns import require
from regrow_features.learning_settings import Aggregate
from regrow_features.levels import places


class GroupAggregates(TransformerMixin, BaseEstimator):
    """Adds statistics of the training rows of each row's group; those of all training rows for a group of none."""

    def __init__(
        self, by: list[str], columns: list[str], statistics: list[str] | None = None, difference: bool = False
    ) -> None:
        self.by = by
        self.columns = columns
        self.statistics = statistics
        self.difference = difference

    def fit(self, X: pd.DataFrame, y: Any = None) -> "GroupAggregates":
        """X: (n, columns). Raises RegrowError for a column that is not there."""
        require(X, [*self.by, *self.columns], "the columns of this step")
        self.feature_names_in_ = np.array(X.columns, dtype=object)
        self.n_features_in_ = X.shape[1]
        self.levels_ = [sorted(X[name].dropna().unique().tolist()) for name in self.by]
        group = self._group(X)
        self.groups_ = np.unique(group)
        learnt = self._learnt()
        self.values_, self.usual_ = [], []
        for name in self.columns:
            column = X[name].astype("float64").reset_index(drop=True)
            found = column.groupby(group).agg(learnt).reindex(self.groups_)
            usual = np.array([getattr(column, one)() for one in learnt], dtype="float64")
            self.values_.append(np.where(found.isna(), usual, found.to_numpy(dtype="float64")))
            self.usual_.append(usual)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """The same columns, and the new ones at the end."""
        check_is_fitted(self)
        group = self._group(X)
        place = np.minimum(np.searchsorted(self.groups_, group), len(self.groups_) - 1)
        known = self.groups_[place] == group
        new, learnt = {}, self._learnt()
        for name, values, usual in zip(self.columns, self.values_, self.usual_, strict=True):
            taken = np.where(known[:, None], values[place], usual)
            for one in self.statistics or ["mean"]:
                new[f"{name}_{one}_by_{'_'.join(self.by)}"] = taken[:, learnt.index(one)]
            if self.difference:
                away = X[name].to_numpy(dtype="float64") - taken[:, learnt.index("mean")]
                new[f"{name}_above_{'_'.join(self.by)}"] = away
        return pd.concat([X, pd.DataFrame(new, index=X.index)], axis=1)

    def set_output(self, *, transform: str | None = None) -> "GroupAggregates":
        """It gives DataFrames, whatever is asked."""
        return self

    def _learnt(self) -> list[str]:
        """The statistics that are kept, the mean among them where the difference needs it."""
        return list(dict.fromkeys([*(self.statistics or ["mean"]), *(["mean"] if self.difference else [])]))

    def _group(self, X: pd.DataFrame) -> np.ndarray:
        """(n,) a number for each combination of levels; one more level of each is `missing or new`."""
        group = np.zeros(len(X), dtype="int64")
        for name, levels in zip(self.by, self.levels_, strict=True):
            group = group * (len(levels) + 1) + places(X[name], levels) + 1
        return group


def aggregate(settings: Aggregate, context: Context) -> GroupAggregates:
    """Adds `<column>_<statistic>_by_<group>`, of the training rows; a group that has none gets those of all rows."""
    return GroupAggregates(settings.by, settings.columns, list(settings.statistics), settings.difference)
