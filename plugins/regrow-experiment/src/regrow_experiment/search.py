"""What finds a model's settings and fits it. So far one that searches nothing.

A component of kind `search` has a factory `make(settings, *, task, random_state)` that returns
`search(build, X, y) -> Pipeline`:
    build: makes the whole pipeline anew, unfitted: the steps of features.steps, then the estimator, named "model".
    X, y: the training rows of one fit, a DataFrame and a NumPy array. It sees no others; under k-fold it is called
        once for every fold, so that a search is nested in each fold's training rows.
    It returns a Pipeline fitted on all of X and y: `build()`, or `build().set_params(model__C=...)`, then fitted.
It may split X and y as it likes (with `random_state`), must not change them, and runs under compute.n_jobs.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

Build = Callable[[], Pipeline]
Search = Callable[[Build, pd.DataFrame, np.ndarray], Pipeline]


def none(settings: Any, *, task: str, random_state: int) -> Search:
    """Fits the settings as they are."""

    def search(build: Build, X: pd.DataFrame, y: np.ndarray) -> Pipeline:
        return build().fit(X, y)

    return search
