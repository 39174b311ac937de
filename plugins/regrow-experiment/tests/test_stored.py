"""Models as they are stored: read again with a fixed list of trusted types, they predict the same."""

import numpy as np
import pytest
import skops.io

from regrow_experiment.catalog import CLASSIFIERS, REGRESSORS
from regrow_experiment.plugin import OWN

STEP_TYPES = {"numpy.dtype", "sklearn.compose._column_transformer.make_column_selector"}
TREE = {"sklearn.tree._tree.Tree"}
HISTOGRAM = {"sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"}
NEIGHBORS = {"sklearn.neighbors._kd_tree.KDTree", "sklearn.metrics._dist_metrics.EuclideanDistance64"}
NETWORK = {"sklearn.neural_network._stochastic_optimizers.AdamOptimizer"}
# what skops does not trust by itself, by family; a new release that stores more shows here first
TYPES = {
    "HistGradientBoosting": HISTOGRAM,
    "boosting": HISTOGRAM,
    "GradientBoosting": TREE,
    "gradient_boosting": TREE,
    "RandomForest": TREE,
    "forest": TREE,
    "ExtraTrees": TREE,
    "extra_trees": TREE,
    "DecisionTree": TREE,
    "KNeighbors": NEIGHBORS,
    "knn": NEIGHBORS,
    "MLP": NETWORK,
    "mlp": NETWORK,
}
EVERY_STEP = {
    "median": {"use": "impute_median", "indicator": True},
    "constant": {"use": "impute_constant", "columns": ["text"], "fill": "none"},
    "standard": {"use": "scale"},
    "robust": {"use": "scale", "method": "robust", "columns": ["number"]},
    "minmax": {"use": "scale", "method": "minmax", "columns": ["whole"], "clip": True},
    "ordinal": {"use": "ordinal", "columns": "boolean"},
    "one_hot": {"use": "one_hot", "min_frequency": 0.1, "max_categories": 3},
}


def expected(model):
    family = model.removesuffix("Classifier").removesuffix("Regressor")
    return STEP_TYPES | TYPES.get(family, set())


def stored_and_read(run, table, holdout, model, task, steps):
    fitted, _ = run(table, holdout, model, task=task, steps=steps)
    stored = skops.io.dumps(fitted)
    name = model if isinstance(model, str) else model["use"]
    assert set(skops.io.get_untrusted_types(data=stored)) == expected(name)
    read = skops.io.loads(stored, trusted=sorted(expected(name)))
    X = table.drop(columns="y")
    assert np.array_equal(read.predict(X), fitted.predict(X))
    if hasattr(fitted, "predict_proba"):
        assert np.array_equal(read.predict_proba(X), fitted.predict_proba(X))
    return read


@pytest.mark.parametrize("model", sorted(OWN))
@pytest.mark.parametrize("kind", ["words", "multiclass", "regression"])
def test_own_estimators_with_every_step(run, features, holdout, target, model, kind):
    task = kind if kind in ("multiclass", "regression") else "binary"
    stored_and_read(run, target(features, kind), holdout, model, task, EVERY_STEP)


@pytest.mark.parametrize("model", [*CLASSIFIERS, *REGRESSORS])
def test_named_estimators(run, features, holdout, target, model):
    kind = "regression" if model in REGRESSORS else "multiclass"
    read = stored_and_read(run, target(features, kind), holdout, model, kind, EVERY_STEP)
    assert type(read.steps[-1][1]).__name__ == model


@pytest.mark.parametrize(("p", "distance"), [(1, "Manhattan"), (3, "Minkowski")])
def test_neighbors_by_another_distance(run, features, holdout, p, distance):
    fitted, _ = run(features, holdout, {"use": "knn", "p": p})
    untrusted = skops.io.get_untrusted_types(data=skops.io.dumps(fitted))
    assert f"sklearn.metrics._dist_metrics.{distance}Distance64" in untrusted


def test_the_number_of_workers_is_not_stored(run, features, holdout):
    fitted, _ = run(features, holdout, "forest", compute={"n_jobs": 2})
    assert {value for key, value in fitted.get_params().items() if key.endswith("n_jobs")} == {None}
