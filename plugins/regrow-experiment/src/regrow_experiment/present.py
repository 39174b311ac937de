"""A step that leaves out columns which hold no value in the training rows: no estimator can learn from them, and
scikit-learn's histogram gradient boosting fails on them."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from regrow import Columns, Context
from regrow.plugin.schema import Strict


class DropEmpty(Strict):
    """`drop_empty` has no parameters."""


class PresentColumns(SelectorMixin, BaseEstimator):
    """Keeps the columns with a value in some training row; all of them, where none has one."""

    def fit(self, X: pd.DataFrame, y: Any = None) -> "PresentColumns":
        """X: (rows, columns), of any types."""
        validate_data(self, X, skip_check_array=True)
        present = pd.DataFrame(X).notna().any().to_numpy()
        self.present_ = present if present.any() else np.ones(len(present), dtype=bool)
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """(rows, columns that are kept), their types as they were."""
        check_is_fitted(self)
        validate_data(self, X, skip_check_array=True, reset=False)
        return X if self.present_.all() else pd.DataFrame(X).loc[:, self.present_]

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self)
        return self.present_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = True
        return tags


def drop_empty(settings: DropEmpty, context: Context) -> PresentColumns:
    """See `PresentColumns`."""
    return PresentColumns()


def columns(settings: DropEmpty) -> Columns:
    """None are named, and none are made."""
    return Columns()
