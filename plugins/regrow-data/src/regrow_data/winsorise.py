"""A step that learns: numbers beyond a quantile of the training rows become that quantile."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from regrow import Context
from regrow_data.clean_settings import Winsorise


class Winsoriser(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """columns: names, or "numeric". share: of the training rows, at either end."""

    def __init__(self, columns: Any = "numeric", share: float = 0.01) -> None:
        self.columns = columns
        self.share = share

    def fit(self, X: pd.DataFrame, y: Any = None) -> "Winsoriser":
        """Learn the bounds. Raises ValueError for a column that is not there."""
        validate_data(self, X, skip_check_array=True)
        names = list(X.select_dtypes("number")) if isinstance(self.columns, str) else list(self.columns)
        if unknown := [name for name in names if name not in X]:
            raise ValueError(f"there is no column {unknown[0]!r}")
        self.places_ = np.array([X.columns.get_loc(name) for name in names], dtype="int64")
        values = X[names].to_numpy(dtype="float64")
        known = [column[np.isfinite(column)] for column in values.T]
        ends = [np.quantile(one, [self.share, 1 - self.share]) if len(one) else [-np.inf, np.inf] for one in known]
        self.bounds_ = np.array(ends, dtype="float64").reshape(-1, 2)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """The same columns, their numbers within the bounds; missing stays missing."""
        check_is_fitted(self)
        validate_data(self, X, skip_check_array=True, reset=False)
        names = [X.columns[place] for place in self.places_]
        bounds = zip(names, self.bounds_, strict=True)
        return X.assign(**{name: X[name].astype("float64").clip(low, high) for name, (low, high) in bounds})

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = True
        return tags


def winsorise(settings: Winsorise, context: Context) -> Winsoriser:
    """See `Winsoriser`."""
    return Winsoriser(settings.columns, settings.share)
