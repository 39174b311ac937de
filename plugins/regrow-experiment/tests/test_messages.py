"""What a user is told: before a fit, in settings, and about warnings."""

import logging
import sys

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from sklearn.ensemble import VotingClassifier
from sklearn.preprocessing import StandardScaler

from regrow import Columns, Component, Reads, RegrowError
from regrow_experiment.plugin import OWN
from regrow_experiment.stage import train

NUMBERS = {"numbers": {"use": "impute_median"}}


@pytest.mark.parametrize(
    ("model", "steps", "message"),
    [
        ("linear", NUMBERS, "features.steps: no step turned 'text' into numbers\n.*one_hot or ordinal.*exclude"),
        ("boosting", {}, "no step turned 'text' into numbers"),
        (
            "linear",
            {"o": {"use": "ordinal"}},
            "rows lack values in 'gaps', which LogisticRegression can't take",
        ),
        ("mlp", {}, "'text' into numbers(.|\n)*'gaps', which MLPClassifier can't take\n.*impute_median"),
        ("linear", {"s": {"use": "scale", "columns": ["numbr"]}}, "features.steps.s: no column 'numbr'.*\n.*'number'"),
        (
            "linear",
            {"s": {"use": "scale", "columns": ["text"]}},
            "steps.s: could not be fitted(.|\n)*for numbers",
        ),
        ("linear", {"s": {"use": "impute_constant", "columns": ["gaps"]}}, "`fill` must be of the columns' type"),
    ],
)
def test_columns_that_no_estimator_takes_are_named(run, features, holdout, model, steps, message):
    with pytest.raises(RegrowError, match=message):
        run(features, holdout, model, steps=steps)


def test_columns_made_twice_are_named(run, features, holdout):
    with pytest.raises(RegrowError, match=r"steps.text: could not be fitted.*text_a.*\n.*the name of another"):
        run(features.assign(text_a=1.0), holdout, "linear")


def test_categories_of_one_name_are_named_with_both_columns(run, features, holdout):
    table = features.assign(
        a=pd.Series(["b_c", "x"] * 60, dtype="str"), a_b=pd.Series(["c", "nan", None] * 40, dtype="str")
    )
    said = r"a = 'b_c' and a_b = 'c' would both be 'a_b_c'; a_b = 'nan' and a_b = missing[\s\S]*`distinct: true`"
    with pytest.raises(RegrowError, match=said):
        run(table, holdout, "linear")
    run(table, holdout, "linear", steps={"n": {"use": "impute_median"}, "t": {"use": "one_hot", "distinct": True}})


def test_boosting_and_forests_take_missing_numbers(run, features, holdout):
    for model in ("boosting", "forest", "extra_trees"):
        run(features, holdout, model, steps={"text": {"use": "ordinal"}})


def test_values_missing_in_held_out_rows_alone_are_named(run, features, holdout):
    features["gaps"] = np.where(holdout["fold"] == 0, np.nan, 1.0)
    with pytest.raises(RegrowError, match="held-out rows lack values in 'gaps'"):
        run(features, holdout, "linear", steps={"text": {"use": "ordinal"}})


def test_infinite_values_are_named(run, features, holdout):
    with pytest.raises(RegrowError, match="infinite values in 'gaps'"):
        run(features.assign(gaps=np.inf), holdout, "boosting", steps={"text": {"use": "ordinal"}})


@pytest.mark.parametrize(
    ("values", "task", "message"),
    [
        ([1, 1, 1], "binary", "target y: all 90 training rows have the value 1"),
        ([0, 1, 2], "binary", "3 classes"),
        ([0.5, 1, 2], "multiclass", "numbers with fractions.*\n.*data.task: regression"),
        (["a", "b", "a"], "regression", "data.task is regression"),
        ([True, False, True], "regression", "data.task is regression"),
        ([7.0, 7.0, 7.0], "regression", "all 90 training rows have the value 7"),
        (["a", None, "b"], "binary", "is missing in 40 rows"),
    ],
)
def test_targets_that_do_not_suit_the_task(run, features, holdout, values, task, message):
    with pytest.raises(RegrowError, match=message):
        run(features.assign(y=values * 40), holdout, "linear", task=task)


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"row": range(119), "fold": 0}, "do not belong together"),
        ({"row": range(120), "fold": -1}, "holds out no row"),
        ({"row": range(120), "fold": 0}, "no row to train on"),
    ],
)
def test_splits_that_can_not_be(run, features, split, message):
    with pytest.raises(RegrowError, match=message):
        run(features, pd.DataFrame(split), "linear")


@pytest.mark.parametrize(
    ("model", "task", "message"),
    [
        ("RandomForestRegressor", "binary", "for regression, and data.task is binary: `use: RandomForestClassifier`"),
        ("LogisticRegression", "regression", "for classification, and data.task is regression: `use: Ridge`"),
        ({"use": "linear", "alpha": 1.0}, "binary", "model.alpha is for regression"),
        ({"use": "forest", "class_weight": "balanced"}, "regression", "model.class_weight is for classification"),
        ({"use": "linear", "alpha": 1.0, "C": 1.0}, "regression", "set one of them"),
        ({"use": "linear", "C": 0}, "binary", "greater than 0"),
        ({"use": "linear", "C": "1"}, "binary", "valid number"),
        ({"use": "forest", "n_estimators": True}, "binary", "valid integer"),
        ({"use": "forest", "max_features": 1.5}, "binary", "less than or equal to 1"),
        ({"use": "boosting", "max_bins": 256}, "binary", "less than or equal to 255"),
        ({"use": "mlp", "hidden_layer_sizes": []}, "binary", "at least 1"),
        ("linnear", "binary", "did you mean 'linear'"),
        ({"use": "Ridge", "alfa": 1}, "regression", "no parameter 'alfa'; did you mean 'alpha'.*solver"),
        ({"use": "Ridge", "alpha": -1}, "regression", r"'alpha' parameter of Ridge must be .*\[0.*Got -1"),
        ({"use": "SVC", "kernel": "x"}, "binary", "'kernel' parameter of SVC must be a str among"),
        ({"use": "SVC", "random_state": 1}, "binary", "random_state can't be set: it is drawn from `seed`"),
        ({"use": "SVC", "probability": True}, "binary", "probability can't be set: it is deprecated"),
        ({"use": "RandomForestClassifier", "n_jobs": 2}, "binary", "n_jobs can't be set: set compute.n_jobs"),
        (
            {"use": "HistGradientBoostingClassifier", "categorical_features": [0]},
            "binary",
            "categorical_features can't",
        ),
        ({"use": "MLPClassifier", "warm_start": True}, "binary", "warm_start can't be set"),
        (
            {"use": "MLPClassifier", "verbose": True, "alfa": 1},
            "binary",
            "verbose can't be set.*no parameter 'alfa'",
        ),
    ],
)
def test_models_are_refused_when_settings_are_read(settings_of, model, task, message):
    with pytest.raises(ValidationError, match=message):
        settings_of(model, task=task)


@pytest.mark.parametrize("name", ["model", "verbose", "a__b"])
def test_step_names_that_a_pipeline_keeps(settings_of, name):
    with pytest.raises(ValidationError, match="can't be called"):
        settings_of("linear", steps={name: {"use": "scale"}})


def test_scikit_learns_checks_across_parameters_are_told(run, features, holdout):
    with pytest.raises(RegrowError, match=r"model: could not be fitted: .*lbfgs"):
        run(features, holdout, {"use": "LogisticRegression", "solver": "lbfgs", "l1_ratio": 1.0})


def test_warnings_are_told_once(run, features, folds, caplog):
    run(features, folds, {"use": "mlp", "max_iter": 2})
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == 1
    assert "ConvergenceWarning" in told[0]
    assert "Raise model.max_iter" in told[0]
    assert "in 4 of 4 fits" in told[0]


def test_a_classifier_without_probabilities_says_so(run, features, holdout, caplog):
    _, predictions = run(features, holdout, "SVC")
    assert list(predictions.columns) == ["row", "fold", "target", "prediction"]
    assert "SVC gives no probabilities" in caplog.text


def test_a_class_in_held_out_rows_alone_is_told(run, features, holdout, caplog):
    features.loc[0, "y"] = 5
    run(features, holdout, "linear", task="multiclass")
    assert "no training row is of class 5" in caplog.text


@pytest.mark.parametrize("n_jobs", [0, "2", True, 1.5])
def test_workers_are_a_number(run, features, holdout, n_jobs):
    with pytest.raises(RegrowError, match=r"compute\.n_jobs"):
        run(features, holdout, "linear", compute={"n_jobs": n_jobs})


def bare_scaler(settings, context):
    return StandardScaler()


def finds_c(settings, context):
    return lambda build, X, y: build().set_params(model__C=0.5).fit(X, y)


def never_fits(settings, context):
    return lambda build, X, y: build()


@pytest.fixture
def more(monkeypatch):
    monkeypatch.setitem(sys.modules, "another_plugin", sys.modules[__name__])
    made = [("bare_scaler", "transformer"), ("finds_c", "search"), ("never_fits", "search")]
    return [Component(name, kind, f"another_plugin:{name}") for name, kind in made]


def test_another_plugins_transformer_and_search(run, features, holdout, more):
    steps = {"o": {"use": "ordinal"}, "n": {"use": "impute_median"}, "s": {"use": "bare_scaler"}, "t": {"use": "scale"}}
    model, _ = run(features, holdout, "linear", steps=steps, search={"use": "finds_c"}, more=more)
    assert model.named_steps["model"].C == 0.5
    assert set(model.named_steps["model"].feature_names_in_) == set(features.columns) - {"y"}
    with pytest.raises(RegrowError, match=r"model: could not be fitted"):
        run(features, holdout, "linear", search={"use": "never_fits"}, more=more)


def test_own_estimators_are_the_ones_declared():
    assert sorted(OWN) == ["boosting", "extra_trees", "forest", "gradient_boosting", "knn", "linear", "mlp"]


def group_column(settings):
    return Columns([Reads("group", ["group"])])


def by_group(settings, context):
    """Fits one model on each half of the groups and lets both vote: no Pipeline comes out."""

    def search(build, X, y):
        assert context.rows.index.equals(X.index)
        assert list(context.rows.columns) == ["group"]
        SEEN.append(context.rows["group"].tolist())
        return VotingClassifier([("one", build()), ("other", build())], voting="soft").fit(X, y)

    return search


SEEN = []


def test_a_search_sees_the_columns_it_names_for_the_rows_of_each_fit_and_may_give_another_model(
    features, folds, settings_of, monkeypatch
):
    monkeypatch.setitem(sys.modules, "another_plugin", sys.modules[__name__])
    more = [Component("by_group", "search", "another_plugin:by_group", columns="another_plugin:group_column")]
    settings = settings_of("linear", search={"use": "by_group"}, more=more)
    table = pd.DataFrame({"group": np.arange(len(features)) // 10, "other": 0})
    SEEN.clear()
    made = train(features, folds, table, settings)
    assert type(made["model"]).__name__ == "VotingClassifier"
    assert len(made["predictions"]) == len(features)
    rows = [table["group"].tolist()]
    rows += [table["group"][folds["fold"] != fold].tolist() for fold in sorted(folds["fold"].unique())]
    assert rows == SEEN
    with pytest.raises(RegrowError, match="do not belong together"):
        train(features, folds, table.iloc[1:], settings)
