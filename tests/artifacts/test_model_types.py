"""The list of trusted types: what each family needs, and no more."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
    VotingRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPRegressor
from sklearn.svm import SVC, SVR, LinearSVC
from tests.artifacts.families import STEPS, table

from regrow.artifacts import model
from regrow.artifacts.model_types import FAMILIES, TRUSTED

X = np.random.default_rng(0).normal(size=(60, 2))
Y = (X[:, 0] > 0).astype(int)
GROUPS = pd.DataFrame({"group": pd.Categorical(list("ab") * 30), "number": X[:, 0]})


def steps():
    from sklearn.pipeline import Pipeline

    return [Pipeline([(name, make()) for name, make in STEPS.items()]).fit(table(), table()["number"])]


MEMBERS = {
    "feature steps": steps,
    "trees": lambda: [RandomForestRegressor(2).fit(X, Y), GradientBoostingRegressor(n_estimators=2).fit(X, Y)],
    "histogram boosting": lambda: [
        HistGradientBoostingRegressor(max_iter=2).fit(X, Y),
        HistGradientBoostingRegressor(max_iter=2, categorical_features="from_dtype").fit(GROUPS, Y),
    ],
    "nearest neighbours": lambda: [
        *(KNeighborsClassifier(algorithm="kd_tree", p=p).fit(X, Y) for p in (1, 2, 3)),
        KNeighborsClassifier(algorithm="ball_tree", metric="chebyshev").fit(X, Y),
    ],
    "neural networks": lambda: [MLPRegressor(solver=name, max_iter=400).fit(X, Y) for name in ("adam", "sgd")],
    "voting and stacking": lambda: [VotingRegressor([("a", Ridge())]).fit(X, Y)],
    "linear models": lambda: [LogisticRegression().fit(X, Y), Ridge().fit(X, Y)],
    "support vector machines": lambda: [SVC().fit(X, Y), SVR().fit(X, Y), LinearSVC().fit(X, Y)],
    "naive Bayes": lambda: [GaussianNB().fit(X, Y), BernoulliNB().fit(X, Y)],
    "k-means": lambda: [KMeans(2).fit(X)],
    "principal components": lambda: [PCA(2).fit(X)],
}
SHARED = {"numpy.dtype"}  # histogram boosting encodes categories as a step does


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_needs_what_it_is_said_to_need(family, tmp_path):
    needed = set()
    for number, one in enumerate(MEMBERS[family]()):
        needed |= {*skops.io.get_untrusted_types(data=skops.io.dumps(one))}
        model.write(one, tmp_path / f"{number}.skops")
    assert needed - SHARED == {*FAMILIES[family]} - SHARED


@pytest.mark.parametrize("name", TRUSTED)
def test_only_types_of_libraries_are_trusted(name):
    assert name.split(".")[0] in {"sklearn", "numpy"} or name == "functools.partial"


def test_boosting_by_categories_predicts_the_same_after_reading(tmp_path):
    fitted = MEMBERS["histogram boosting"]()[1]
    model.write(fitted, tmp_path / "m.skops")
    assert np.array_equal(model.read(tmp_path / "m.skops").predict(GROUPS), fitted.predict(GROUPS))
