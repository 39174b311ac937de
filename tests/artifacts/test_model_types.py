"""The list of trusted types: what each family needs, and no more."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn import model_selection
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
    VotingRegressor,
)
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - what makes it importable
from sklearn.feature_selection import (
    SelectKBest,
    chi2,
    f_classif,
    f_regression,
    mutual_info_classif,
    mutual_info_regression,
    r_regression,
)
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor, kernels
from sklearn.impute import IterativeImputer
from sklearn.linear_model import LogisticRegression, Ridge, TweedieRegressor
from sklearn.metrics import get_scorer, get_scorer_names
from sklearn.model_selection import (
    GridSearchCV,
    LeaveOneGroupOut,
    LeaveOneOut,
    PredefinedSplit,
    TunedThresholdClassifierCV,
)
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import SplineTransformer
from sklearn.svm import SVC, SVR, LinearSVC
from tests.artifacts.families import STEPS, table

from regrow.artifacts import model
from regrow.artifacts.model_types import FAMILIES, KERNELS, SPLITTERS, TRUSTED

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
    "linear models": lambda: [
        *(LogisticRegression().fit(X, Y), Ridge().fit(X, Y)),
        TweedieRegressor(link="identity").fit(X, X[:, 0]),
    ],
    "support vector machines": lambda: [SVC().fit(X, Y), SVR().fit(X, Y), LinearSVC().fit(X, Y)],
    "naive Bayes": lambda: [GaussianNB().fit(X, Y), BernoulliNB().fit(X, Y)],
    "k-means": lambda: [KMeans(2).fit(X)],
    "principal components": lambda: [PCA(2).fit(X)],
    "calibration": lambda: [
        CalibratedClassifierCV(GaussianNB(), method=method, cv=2).fit(X, Y)
        for method in ("sigmoid", "isotonic", "temperature")
    ],
    "scorers": lambda: [
        TunedThresholdClassifierCV(GaussianNB(), cv=2).fit(X, Y),
        GridSearchCV(GaussianNB(), {}, cv=2).fit(X, Y),
        *(GridSearchCV(Ridge(), {}, scoring=get_scorer(name)) for name in get_scorer_names() if is_of_a_model(name)),
    ],
    "splitters": lambda: [GridSearchCV(Ridge(), {}, cv=one) for one in splitters()],
    "selection of columns": lambda: [
        SelectKBest(score, k=1).fit(abs(X), Y)
        for score in (chi2, f_classif, f_regression, mutual_info_classif, mutual_info_regression, r_regression)
    ],
    "imputing by models": lambda: [IterativeImputer(max_iter=2, random_state=1).fit(np.where(X > 1, np.nan, X))],
    "splines": lambda: [SplineTransformer(extrapolation=kind).fit(X) for kind in ("constant", "periodic")],
    "Gaussian processes": lambda: [
        GaussianProcessClassifier(optimizer=None).fit(X, Y),
        GaussianProcessRegressor(every_kernel()),
    ],
}
# histogram boosting encodes categories as a step does; a search has scorer and splitter
SHARED = {"numpy.dtype", "sklearn.metrics._scorer._PassthroughScorer", "sklearn.model_selection._split.StratifiedKFold"}


def is_of_a_model(scorer: str) -> bool:
    """Not of clusters; and likelihood ratios, whose functions are private to scikit-learn's scorers, are left out."""
    module = get_scorer(scorer)._score_func.__module__
    return "cluster" not in module and not module.endswith("_scorer")


def splitters():
    of_two = [PredefinedSplit([0, 1]), LeaveOneOut(), LeaveOneGroupOut()]
    return [
        *of_two,
        *(getattr(model_selection, name)() for name in SPLITTERS if name not in {type(one).__name__ for one in of_two}),
    ]


def every_kernel():
    plain = [getattr(kernels, name)() for name in KERNELS if name not in {"Exponentiation", "Product", "Sum"}]
    added = plain[0] * plain[1]
    for one in plain[2:]:
        added += one
    return kernels.Exponentiation(added, 1)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_needs_what_it_is_said_to_need(family, tmp_path):
    needed = set()
    for number, one in enumerate(MEMBERS[family]()):
        needed |= {*skops.io.get_untrusted_types(data=skops.io.dumps(one))}
        model.write(one, tmp_path / f"{number}.skops")
    assert needed - SHARED == {*FAMILIES[family]} - SHARED


@pytest.mark.parametrize("name", TRUSTED)
def test_only_types_of_libraries_are_trusted(name):
    assert name.split(".")[0] in {"sklearn", "numpy", "scipy"} or name == "functools.partial"


def test_boosting_by_categories_predicts_the_same_after_reading(tmp_path):
    fitted = MEMBERS["histogram boosting"]()[1]
    model.write(fitted, tmp_path / "m.skops")
    assert np.array_equal(model.read(tmp_path / "m.skops").predict(GROUPS), fitted.predict(GROUPS))
