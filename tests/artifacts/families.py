"""Models of every family behind every step of regrow-features, written and read: `python families.py WORKERS FOLDER`.

It prints JSON: case -> digests of the file, of the model's own predictions, of those of the model read again, and of
what that one is written as.
"""

import hashlib
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import skops.io
from joblib import parallel_config
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - what makes it importable
from sklearn.feature_selection import SelectKBest
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.impute import IterativeImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, TunedThresholdClassifierCV
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import SplineTransformer
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from regrow import Context
from regrow.artifacts import model
from regrow_features.settings import ImputeConstant, ImputeMedian, OneHot, Ordinal, Scale
from regrow_features.transformers import impute_constant, impute_median, one_hot, ordinal, scale

FEW = {"n_estimators": 4, "random_state": 1}
ESTIMATORS = {
    "logistic": LogisticRegression(),
    "ridge": Ridge(),
    "tree": DecisionTreeClassifier(random_state=1),
    "forest": RandomForestClassifier(**FEW),
    "forest_regressor": RandomForestRegressor(**FEW),
    "extra_trees": ExtraTreesClassifier(**FEW),
    "extra_trees_regressor": ExtraTreesRegressor(**FEW),
    "bagging": BaggingClassifier(max_features=0.5, **FEW),
    "boosting": GradientBoostingClassifier(**FEW),
    "boosting_regressor": GradientBoostingRegressor(subsample=0.5, **FEW),
    "histogram": HistGradientBoostingClassifier(max_iter=4, min_samples_leaf=5, early_stopping=True, random_state=1),
    "histogram_regressor": HistGradientBoostingRegressor(max_iter=4, min_samples_leaf=5, random_state=1),
    "mlp": MLPClassifier((3,), max_iter=5, random_state=1),
    "mlp_regressor": MLPRegressor(hidden_layer_sizes=(3,), solver="sgd", max_iter=5, random_state=1),
    "knn": KNeighborsClassifier(leaf_size=5),
    "knn_regressor": KNeighborsRegressor(algorithm="ball_tree", p=1),
    "svc": SVC(),
    "svr": SVR(),
    "linear_svc": LinearSVC(random_state=1),
    "gaussian": GaussianNB(),
    "bernoulli": BernoulliNB(),
    "k_means": Pipeline([("groups", KMeans(3, n_init=2, random_state=1)), ("last", LogisticRegression())]),
    "components": Pipeline([("components", PCA(1, random_state=1)), ("last", Ridge())]),
    "calibrated": CalibratedClassifierCV(DecisionTreeClassifier(max_depth=2, random_state=1), cv=2),
    "threshold": TunedThresholdClassifierCV(LogisticRegression(), cv=2),
    "grid": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2, scoring="roc_auc"),
    "best": Pipeline([("best", SelectKBest(k=1)), ("last", LogisticRegression())]),
    "spline": Pipeline([("spline", SplineTransformer()), ("last", Ridge())]),
    "imputer": Pipeline([("imputer", IterativeImputer(max_iter=2, random_state=1)), ("last", Ridge())]),
    "gaussian_process": GaussianProcessClassifier(optimizer=None, random_state=1),
    "gaussian_process_regressor": GaussianProcessRegressor(alpha=1, optimizer=None, random_state=1),
}
STEPS = {
    "median": lambda: impute_median(ImputeMedian(indicator=True), Context()),
    "constant": lambda: impute_constant(ImputeConstant(columns=["text"], fill="none"), Context()),
    "standard": lambda: scale(Scale(), Context()),
    "robust": lambda: scale(Scale(method="robust", columns=["number"]), Context()),
    "minmax": lambda: scale(Scale(method="minmax", columns=["whole"], clip=True), Context()),
    "ordinal": lambda: ordinal(Ordinal(columns="boolean"), Context()),
    "one_hot": lambda: one_hot(OneHot(min_frequency=0.1, max_categories=3), Context()),
}
NUMBERS = ["number", "whole"]
# steps tried without the others, and the columns they need, so that an estimator can take what comes out
ALONE = {
    "median": [*NUMBERS, "gaps"],
    "standard-robust-minmax": NUMBERS,
    "ordinal": [*NUMBERS, "truth"],
    "one_hot": [*NUMBERS, "text"],
}
PIPELINES = [*ALONE, "every"]
CASES = [f"{estimator}-{steps}" for estimator in ESTIMATORS for steps in PIPELINES]


def table(rows: int = 80) -> pd.DataFrame:
    draw = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "number": draw.normal(size=rows),
            "whole": draw.integers(0, 9, rows),
            "gaps": np.where(np.arange(rows) % 7 == 0, np.nan, draw.normal(size=rows)),
            "truth": draw.integers(0, 2, rows).astype(bool),
            "text": pd.Series(np.where(np.arange(rows) % 11 == 0, None, draw.choice(list("abcd"), rows)), dtype="str"),
        }
    )


def pipeline(case: str, workers: int = 1) -> tuple[Pipeline, pd.DataFrame, pd.Series]:
    """A case's pipeline, unfitted, with the columns and the target to fit it on."""
    name, _, steps = case.partition("-")
    estimator: BaseEstimator = clone(ESTIMATORS[name])
    parameters = {key: workers for key in estimator.get_params() if key.rpartition("__")[2] == "n_jobs"}
    chosen = steps.split("-") if steps in ALONE else list(STEPS)
    X = table()[ALONE[steps]] if steps in ALONE else table()
    target = table()["number"] + table()["truth"]
    y = (target > target.median()).map({True: "late", False: "in time"}) if is_classifier(estimator) else target
    made = Pipeline([*((one, STEPS[one]()) for one in chosen), ("model", estimator.set_params(**parameters))])
    return made, X, y


def predictions(fitted: Pipeline, X: pd.DataFrame) -> str:
    made = [np.asarray(fitted.predict(X), dtype=str)]
    made += [getattr(fitted, name)(X) for name in ("predict_proba", "decision_function") if hasattr(fitted, name)]
    return digest(b"".join(one.tobytes() for one in made))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def tried(case: str, workers: int, folder: Path) -> list[str]:
    made, X, y = pipeline(case, workers)
    # k-means adds up as its threads end; workers are threads, as in the stage `train`: processes would copy what is one
    with threadpool_limits(1 if case.startswith("k_means") else None), parallel_config("threading"):
        fitted = made.fit(X, y)
    own = predictions(fitted, X)
    path = folder / f"{case}.skops"
    model.check(fitted)
    model.write(fitted, path)
    back = model.read(path)
    again = model.canonical(skops.io.dumps(back))
    return [digest(path.read_bytes()), own, predictions(back, X), digest(again)]


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # five rounds are too few for a network to converge
    workers, folder = int(sys.argv[1]), Path(sys.argv[2])
    order = CASES if workers == 1 else CASES[::-1]
    print(json.dumps({case: tried(case, workers, folder) for case in order}))
