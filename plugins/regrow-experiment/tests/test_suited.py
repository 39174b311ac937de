"""`features.steps: auto`: each model gets the steps that suit it, and is as good as a careful script."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import log_loss, r2_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from regrow.artifacts import model as models
from regrow.artifacts.model_types import trusting
from regrow_experiment.plugin import CLASSIFIERS, OWN, REGRESSORS


def names(settings):
    return {name: use.name for name, use in settings.features.steps.items()}


@pytest.mark.parametrize(
    ("model", "steps"),
    [
        ("boosting", ["ordinal", "drop_empty"]),
        ("forest", ["ordinal", "drop_empty"]),
        ("HistGradientBoostingClassifier", ["ordinal", "drop_empty"]),
        ("gradient_boosting", ["ordinal", "impute_median"]),
        ("linear", ["impute_median", "scale", "one_hot"]),
        ("mlp", ["impute_median", "scale", "one_hot"]),
        ("SVC", ["impute_median", "scale", "one_hot"]),
    ],
)
def test_a_model_gets_the_steps_that_suit_it_unless_the_project_chooses(settings_of, model, steps):
    assert list(names(settings_of({"use": model}, steps="auto")).values()) == steps
    assert names(settings_of({"use": model}, steps={"one": {"use": "ordinal"}})) == {"one": "ordinal"}
    assert names(settings_of({"use": model}, steps={})) == {}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("model", [*OWN, *CLASSIFIERS, *REGRESSORS])
def test_every_estimator_takes_text_and_gaps_with_them(run, features, holdout, model):
    task = "regression" if model in REGRESSORS else "binary"
    model = {"use": model, "max_iter": 2000} if model == "LinearSVR" else model
    run(features.assign(y=features["y"].astype("float64" if task == "regression" else "int64")), holdout, model,
        task=task, steps="auto")  # fmt: skip


def test_names_that_would_collide_run_and_are_stored(run, holdout, tmp_path):
    draw = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "a": pd.Series(draw.choice(["b_c", "x"], 120), dtype="str"),
            "a_b": pd.Series(draw.choice(["c", "y", "nan", None], 120), dtype="str"),
            "y": draw.integers(0, 2, 120),
        }
    )
    fitted, _ = run(table, holdout, "linear", steps="auto")
    assert {"a_b_c", "a_b_c_2", "a_b_nan", "a_b_nan_2"} <= set(fitted[:-1].get_feature_names_out())
    with trusting(["regrow_features.encoders:DistinctOneHotEncoder"]):
        models.write(fitted, tmp_path / "model.skops")
        again = models.read(tmp_path / "model.skops")
    np.testing.assert_array_equal(again.predict(table), fitted.predict(table))


@pytest.mark.parametrize("model", ["boosting", "forest", "linear"])
def test_a_column_that_is_empty_in_the_training_rows_is_no_matter(run, features, holdout, model, tmp_path):
    late = features.assign(late=np.where(holdout["fold"] == 0, 1.0, np.nan))
    late = late[[name for name in late if name != "y"] + ["y"]]
    fitted, predictions = run(late, holdout, model, steps="auto")
    assert predictions["prediction"].notna().all()
    with trusting(["regrow_experiment.present:PresentColumns", "regrow_features.encoders:DistinctOneHotEncoder"]):
        models.write(fitted, tmp_path / "model.skops")
        again = models.read(tmp_path / "model.skops")
    np.testing.assert_array_equal(again.predict(late), fitted.predict(late))


SETS = {"breast_cancer": (load_breast_cancer, "binary"), "wine": (load_wine, "multiclass"),
        "diabetes": (load_diabetes, "regression")}  # fmt: skip


def with_text(load):
    """A data set of scikit-learn's as a table; every third column is text, made of binned numbers."""
    data = load(as_frame=True)
    table = data.data.copy()
    for name in table.columns[::3]:
        bins = pd.qcut(table[name].rank(method="first"), 12, labels=False)
        table[name] = bins.map(lambda number: f"bin {number:02}").astype("str")
    return table.rename(columns=lambda name: name.replace(" ", "_")).assign(y=data.target)


@pytest.mark.parametrize("name", SETS)
def test_own_data_by_default_is_within_noise_of_a_careful_script(run, name):
    load, task = SETS[name]
    table = with_text(load)
    texts = [column for column in table if isinstance(table[column].dtype, pd.StringDtype)]
    assert texts
    ours, theirs = [], []
    fold = np.random.default_rng(1).permutation(len(table)) % 5
    rows = np.arange(len(table))
    split = pd.DataFrame({"row": rows, "fold": fold})
    _, predictions = run(table, split, {"use": "boosting", "max_iter": 100}, task=task, steps="auto")
    for one in range(5):
        made = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
        encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        encode = make_column_transformer((encoder, texts), remainder="passthrough")
        script = make_pipeline(encode, made(random_state=0))
        inside, out = table[fold != one], table[fold == one]
        script.fit(inside.drop(columns="y"), inside["y"])
        mine = predictions[predictions["fold"] == one].set_index("row").loc[out.index]
        if task == "regression":
            theirs.append(r2_score(out["y"], script.predict(out.drop(columns="y"))))
            ours.append(r2_score(out["y"], mine["prediction"]))
        else:
            theirs.append(-log_loss(out["y"], script.predict_proba(out.drop(columns="y")), labels=script.classes_))
            probabilities = mine[[f"probability_{label}" for label in script.classes_]]
            ours.append(-log_loss(out["y"], probabilities, labels=script.classes_))
    noise = np.std(theirs, ddof=1) / np.sqrt(len(theirs))
    assert np.mean(ours) >= np.mean(theirs) - 2 * noise
