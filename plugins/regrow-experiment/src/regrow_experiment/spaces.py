"""The space that ships with every estimator: what a search tries where `search.space` says nothing."""

from typing import Any

from regrow_experiment.catalog import CLASSIFIERS, REGRESSORS


def _log(low: float, high: float) -> dict[str, Any]:
    return {"low": low, "high": high, "log": True}


_STRENGTH = {"C": _log(0.001, 100.0)}
_PENALTY = {"alpha": _log(0.0001, 100.0)}
_FOREST = {
    "max_features": ["sqrt", 0.3, 0.6, None],
    "min_samples_leaf": {"low": 1, "high": 50, "log": True},
    "max_depth": [None, 6, 12, 24],
}
_BOOSTING = {
    "learning_rate": _log(0.02, 0.3),
    "max_iter": {"low": 50, "high": 400, "log": True},
    "max_leaf_nodes": {"low": 4, "high": 128, "log": True},
    "min_samples_leaf": {"low": 5, "high": 200, "log": True},
    "l2_regularization": [0.0, 0.1, 1.0, 10.0],
}
_TREE_BY_TREE = {
    "learning_rate": _log(0.01, 0.3),
    "n_estimators": {"low": 50, "high": 400, "log": True},
    "max_depth": {"low": 2, "high": 8},
    "subsample": {"low": 0.5, "high": 1.0},
}
_NETWORK = {
    "hidden_layer_sizes": [[32], [100], [64, 32]],
    "alpha": _log(1e-6, 0.1),
    "learning_rate_init": _log(1e-4, 0.01),
}
_NEIGHBORS = {"n_neighbors": {"low": 1, "high": 100, "log": True}, "weights": ["uniform", "distance"]}
# our own by name, scikit-learn's by family
SPACES: dict[str, dict[str, Any]] = {
    "linear": _STRENGTH,
    "forest": _FOREST,
    "extra_trees": _FOREST,
    "boosting": _BOOSTING,
    "gradient_boosting": _TREE_BY_TREE,
    "mlp": _NETWORK,
    "elastic_net": {**_STRENGTH, "l1_ratio": {"low": 0.0, "high": 1.0}},
    "lasso": _STRENGTH,
    "knn": _NEIGHBORS,
    "DecisionTree": {"max_depth": {"low": 2, "high": 20}, "min_samples_leaf": {"low": 1, "high": 100, "log": True}},
    "ElasticNet": {**_PENALTY, "l1_ratio": {"low": 0.0, "high": 1.0}},
    "ExtraTrees": _FOREST,
    "GradientBoosting": _TREE_BY_TREE,
    "GaussianNB": {"var_smoothing": _log(1e-12, 0.01)},
    "HistGradientBoosting": _BOOSTING,
    "KNeighbors": _NEIGHBORS,
    "Lasso": _PENALTY,
    "LinearSVC": _STRENGTH,
    "LinearSVR": _STRENGTH,
    "LogisticRegression": _STRENGTH,
    "MLP": _NETWORK,
    "RandomForest": _FOREST,
    "Ridge": _PENALTY,
    "SGD": {"alpha": _log(1e-6, 0.1), "penalty": ["l2", "l1", "elasticnet"]},
    "SVC": {**_STRENGTH, "kernel": ["rbf", "linear"]},
    "SVR": {**_STRENGTH, "kernel": ["rbf", "linear"]},
}
#: Nothing of these is worth searching.
WITHOUT = ("Dummy", "LinearRegression")


def shipped(name: str) -> dict[str, Any]:
    """Parameter -> values or bounds, of an estimator of ours or scikit-learn's; {} for one that is neither."""
    family = name
    if name in (*CLASSIFIERS, *REGRESSORS):
        family = name.removesuffix("Classifier").removesuffix("Regressor")
    return SPACES.get(family, {})
