"""A step that is written to leak."""

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin


class Remembers(TransformerMixin, BaseEstimator):
    """What any fit of it has seen, later ones know, too."""

    seen: ClassVar[dict[float, float]] = {}

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> "Remembers":
        """Remember every row's target, for good."""
        self.names_ = list(X.columns)  # and not n_features_in_, which a stranger's step may lack
        type(self).seen.update(zip(X["number"], y, strict=True))
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """With what was seen of these rows."""
        return X.assign(seen=[float(type(self).seen.get(number, -1)) for number in X["number"]])

    def get_feature_names_out(self, names: Any = None) -> np.ndarray:
        """One more than come in."""
        return np.array([*self.names_, "seen"], dtype=object)


def remembers(settings: Any, context: Any) -> Remembers:
    """The step."""
    return Remembers()
