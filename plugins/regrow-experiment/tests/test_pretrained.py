"""A model of another commit as steps or as a start: what it says stays what it said, and another file is refused."""

import numpy as np
import pandas as pd
import pytest

from regrow import RegrowError
from regrow.artifacts import model as model_file
from regrow.artifacts.model_types import trusting
from regrow_experiment.plugin import regrow_components
from regrow_experiment.pretrained import digest
from regrow_experiment.stage import train
from regrow_features.plugin import regrow_components as feature_components

PARTS = [*regrow_components(), *feature_components()]
TRUSTED = sorted({one for part in PARTS for one in part.types})
MLP = {"use": "mlp", "hidden_layer_sizes": [5, 3], "max_iter": 60}


@pytest.fixture
def earlier(tmp_path, features, holdout, settings_of):
    """Name -> a model trained on the table, stored as a stage stores it, and how settings pin it."""

    def make(name, model, **more):
        made = train(features, holdout, features, settings_of(model, **more))["model"]
        with trusting(TRUSTED):
            model_file.write(made, tmp_path / f"{name}.skops")
        return made, {"model": name, "sha256": digest(tmp_path / f"{name}.skops")}

    return make


def trained(tmp_path, features, holdout, settings):
    with trusting(TRUSTED):
        made = train(features, holdout, features, settings, pretrained=tmp_path)
        model_file.write(made["model"], tmp_path / "made.model")
        again = model_file.read(tmp_path / "made.model")  # as a bundle has it: the file carries all it needs
    X = features.drop(columns="y")
    pd.testing.assert_series_equal(pd.Series(again.predict(X)), pd.Series(made["model"].predict(X)))
    return made["model"]


@pytest.mark.parametrize(("take", "width"), [("hidden", 3), ("scores", 2)])
def test_a_representation_is_what_the_earlier_model_says(
    tmp_path, earlier, features, holdout, settings_of, take, width
):
    first, pinned = earlier("net", MLP)
    steps = {"earlier": {"use": "transfer", "take": take, "keep": False, **pinned}}
    model = trained(tmp_path, features, holdout, settings_of("linear", steps=steps))
    X = features.drop(columns="y")
    made = model[:-1].transform(X)
    assert list(made) == [f"pretrained_{place}" for place in range(width)]
    if take == "scores":
        np.testing.assert_array_equal(made, first.predict_proba(X))
    else:  # the rest of the network, put behind it, says what the whole says
        last = first[-1]
        one = 1 / (1 + np.exp(-(made.to_numpy() @ last.coefs_[-1] + last.intercepts_[-1]).ravel()))
        np.testing.assert_allclose(one, first.predict_proba(X)[:, 1], rtol=1e-9)


def test_its_steps_beside_the_rows_own_columns(tmp_path, earlier, features, holdout, settings_of):
    first, pinned = earlier("plain", "linear")
    steps = {"earlier": {"use": "transfer", "take": "steps", "prefix": "was_", **pinned}, "text": {"use": "ordinal"}}
    model = trained(tmp_path, features, holdout, settings_of("boosting", steps=steps))
    made = model[0].transform(features.drop(columns="y"))
    assert list(made)[: features.shape[1] - 1] == list(features.drop(columns="y"))
    np.testing.assert_array_equal(made.filter(like="was_"), first[:-1].transform(features.drop(columns="y")))


TREES = {"n_estimators": 4}
STARTS = [
    MLP,
    {"use": "linear"},
    {"use": "forest", **TREES},
    {"use": "gradient_boosting", **TREES},
    {"use": "SGDClassifier", "loss": "log_loss"},
]


@pytest.mark.parametrize("use", STARTS, ids=[one["use"] for one in STARTS])
def test_a_warm_start_begins_with_the_model(tmp_path, earlier, features, holdout, settings_of, use):
    first, pinned = earlier("before", use)
    model = trained(tmp_path, features, holdout, settings_of({"use": "warm_start", "of": use, **pinned}))
    inside, start = model[-1].estimator_, first[-1]
    if "n_estimators" in use:
        assert len(inside.estimators_) == 8
        old, new = np.ravel(start.estimators_), np.ravel(inside.estimators_)
        assert [one.tree_.node_count for one in new[:4]] == [one.tree_.node_count for one in old]
    elif use["use"] == "mlp":
        assert inside.loss_curve_[0] < start.loss_curve_[0]
    model_again = trained(tmp_path, features, holdout, settings_of({"use": "warm_start", "of": use, **pinned}))
    X = features.drop(columns="y")
    np.testing.assert_array_equal(model_again.predict(X), model.predict(X))


def test_what_is_refused(tmp_path, earlier, features, holdout, settings_of):
    _, pinned = earlier("plain", "linear")

    def refused(match, model="linear", folder=tmp_path, **step):
        steps = {"earlier": {"use": "transfer", **pinned, **step}, "numbers": {"use": "impute_median"}}
        with pytest.raises(RegrowError, match=match):
            train(features, holdout, features, settings_of(model, steps=steps), pretrained=folder)

    refused("its sha256 is", sha256="0" * 64, take="steps")
    refused("has no 'pretrained'", folder=None, take="steps")
    refused("LogisticRegression has no hidden layer", take="hidden")
    with pytest.raises(ValueError, match="has to be pinned"):
        settings_of("linear", steps={"earlier": {"use": "transfer", "model": "plain"}})
    for use, match in (("boosting", "its bins are"), ("mlp", "the model is a LogisticRegression"), ("knn", "no warm")):
        warm = settings_of({"use": "warm_start", "of": {"use": use}, **pinned})
        with pytest.raises(RegrowError, match=match):
            train(features, holdout, features, warm, pretrained=tmp_path)
    fewer, warm = features.drop(columns="number"), settings_of({"use": "warm_start", "of": {"use": "linear"}, **pinned})
    with pytest.raises(RegrowError, match="other columns; what differs: number"):
        train(fewer, holdout, fewer, warm, pretrained=tmp_path)
