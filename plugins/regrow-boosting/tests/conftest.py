"""A table with numbers and gaps, its target by task, and the estimators on few rounds."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the runtime starts every stage

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def X():  # noqa: N802 - scikit-learn's name
    draw = np.random.default_rng(0)
    table = pd.DataFrame(draw.normal(size=(240, 3)), columns=["dep time", 'say "x"', "ü"])
    table.iloc[::9, 1] = np.nan
    return table


@pytest.fixture
def target(X):
    number = X["dep time"] + np.random.default_rng(1).normal(size=len(X)) / 3

    def make(task):
        if task == "regression":
            return number
        words = np.where(number > 0, "late", "in time")
        return words if task == "binary" else np.where(number > 1, "very late", words)

    return make


@pytest.fixture
def fitted(X, target):
    from regrow import Context
    from regrow_boosting.estimators import make
    from regrow_boosting.settings import LightGBM

    def fit(task, random_state=2**32 - 1, **settings):
        few = {"n_estimators": 20, "min_child_samples": 5, "early_stopping_rounds": 5} | settings
        return make(LightGBM(**few), Context(task=task, random_state=random_state)).fit(X, target(task))

    return fit
