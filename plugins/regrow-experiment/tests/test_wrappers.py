"""Estimators around others, sparse ones and baselines: what they promise, stored and read back, in any process."""

import numpy as np
import pytest

from regrow.artifacts import model as model_file
from regrow.artifacts.model_types import trusting
from regrow_experiment.plugin import MORE, regrow_components
from regrow_experiment.scoring import score

TYPES = [one for component in regrow_components() for one in component.types]
CASES = {
    "calibrated": {"of": {"use": "boosting", "max_iter": 5}, "folds": 3, "method": "isotonic"},
    "resampled": {"of": {"use": "linear"}, "how": "over"},
    "thresholded": {"of": {"use": "linear"}, "scoring": "f1", "folds": 3, "positive": "late"},
    "stack": {"of": {"one": {"use": "linear"}, "two": {"use": "forest", "n_estimators": 5}}, "folds": 3},
    "elastic_net": {"C": 0.5},
    "lasso": {"C": 0.5},
    "dummy": {},
    "last_value": {"rows": 3},
    "single_feature": {},
}


@pytest.mark.parametrize("kind", ["words", "regression", "multiclass"])
@pytest.mark.parametrize("name", CASES)
def test_stored_and_read_back(run, features, holdout, target, tmp_path, name, kind):
    task = kind if kind in ("multiclass", "regression") else "binary"
    if MORE[name][2] and task not in MORE[name][2]:
        with pytest.raises(ValueError, match="is for"):
            run(target(features, kind), holdout, {"use": name, **CASES[name]}, task=task)
        return
    table = target(features, kind)
    model, _ = run(table, holdout, {"use": name, **CASES[name]}, task=task)
    again, _ = run(table, holdout, {"use": name, **CASES[name]}, {"n_jobs": 2}, task=task)
    with trusting(TYPES):
        for made, file in ((model, "one"), (again, "two")):
            model_file.check(made)
            model_file.write(made, tmp_path / file)
        read = model_file.read(tmp_path / "one")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    for one, other in zip(score(model, table.drop(columns="y")), score(read, table.drop(columns="y")), strict=True):
        assert np.array_equal(one, other)


def test_resampling_draws_training_rows_alone(run, features, holdout):
    rare = features.assign(y=((features["number"] > 1) & (features["y"] == 1)).astype("int64"))
    plain, _ = run(rare, holdout, "linear")
    more, _ = run(rare, holdout, {"use": "resampled", "of": {"use": "linear"}})
    X = rare.drop(columns="y")
    assert more.predict(X).sum() > plain.predict(X).sum()
    inside = more.named_steps["model"]
    y = rare["y"][holdout["fold"] == -1].to_numpy()
    drawn = y[inside._rows(y)]
    assert drawn.sum() * 2 == len(drawn) == 2 * y.sum()
    over = inside.set_params(how="over", ratio=0.5)._rows(y)
    assert y[over].sum() == round((y == 0).sum() * 0.5)


def test_few_columns_are_left_of_a_lasso(run, features, holdout):
    model, _ = run(features, holdout, {"use": "lasso", "C": 0.05})
    assert (model.named_steps["model"].coef_ == 0).sum() > 0


def test_inside_takes_what_it_takes(settings_of):
    with pytest.raises(ValueError, match="did you mean 'linear'"):
        settings_of({"use": "calibrated", "of": {"use": "liner"}})
    with pytest.raises(ValueError, match="model.of: Ridge is for regression"):
        settings_of({"use": "calibrated", "of": {"use": "Ridge"}})
    steps = settings_of({"use": "calibrated", "of": {"use": "boosting"}}, steps="auto").features.steps
    assert [*steps] == ["texts", "present"]  # the steps suit what is inside


def test_baselines_say_what_they_are_called(run, features, holdout):
    y = features["y"][holdout["fold"] == -1].to_numpy()
    dummy, _ = run(features, holdout, "dummy")
    assert np.allclose(dummy.predict_proba(features.drop(columns="y"))[:, 1], y.mean())
    last, _ = run(features, holdout, {"use": "last_value", "rows": 8})
    shares = (np.bincount(y[-8:], minlength=2) + 1) / 10
    assert np.allclose(last.predict_proba(features.drop(columns="y"))[0], shares)
    single, _ = run(features, holdout, "single_feature")
    assert single.named_steps["model"].column_ == "number"
