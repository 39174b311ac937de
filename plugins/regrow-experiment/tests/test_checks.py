"""Many rows are checked by some of them, and what only one row shows is named all the same."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from regrow import RegrowError
from regrow_experiment.checks import ROWS, check_some

MANY = 3 * ROWS
seen: list[int] = []


class Counts(StandardScaler):
    """Notes how many rows it was fitted on."""

    def fit(self, X, y=None, sample_weight=None):
        seen.append(len(X))
        return super().fit(X, y, sample_weight)


def build():
    return Pipeline([("scale", Counts().set_output(transform="pandas")), ("model", LogisticRegression())])


@pytest.mark.parametrize(("value", "message"), [(np.nan, "lack values in 'a'"), (np.inf, "infinity")])
def test_one_odd_row_among_many_is_found(value, message):
    X, y = pd.DataFrame({"a": np.arange(MANY, dtype="float64"), "b": 1.0}), np.arange(MANY) % 2
    seen.clear()
    check_some(build, X, y)
    assert seen == [ROWS]
    X.loc[7, "a"] = value
    with pytest.raises(RegrowError, match=message):
        check_some(build, X, y)
