"""LightGBM in a model file: the same bytes twice, read back with equal predictions, and refused where it was spoilt."""

import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import train_test_split

from regrow.artifacts import model
from regrow.artifacts.model_types import UndeclaredTypeError, trusting
from regrow_boosting.plugin import regrow_components

pytest.importorskip("lightgbm", reason="lightgbm is in no lock; to run this: uv pip install lightgbm")
TASKS = ("binary", "multiclass", "regression")
TYPES = regrow_components()[0].types


def predicted(one, X):
    return one.predict_proba(X) if hasattr(one, "predict_proba") else one.predict(X)


@pytest.mark.parametrize("stop", [None, 5])
@pytest.mark.parametrize("task", TASKS)
def test_it_is_the_same_file_twice_and_predicts_the_same_after_reading(fitted, X, task, stop, tmp_path):
    files = [tmp_path / "one.skops", tmp_path / "two.skops"]
    with trusting(TYPES):
        for file in files:
            made = fitted(task, early_stopping_rounds=stop, subsample=0.8, colsample_bytree=0.8)
            model.check(made)
            model.write(made, file)
        back = model.read(files[0])
    assert files[0].read_bytes() == files[1].read_bytes()
    assert np.array_equal(predicted(back, X), predicted(made, X))
    assert list(back.feature_names_in_) == list(X)


def test_it_learns(fitted, X, target):
    assert fitted("binary").score(X, target("binary")) > 0.85
    assert fitted("multiclass").score(X, target("multiclass")) > 0.7
    assert fitted("regression").score(X, target("regression")) > 0.6


def test_another_seed_is_another_model(fitted):
    texts = {fitted("binary", random_state=seed, subsample=0.5).booster_.model_to_string() for seed in (1, 2)}
    assert len(texts) == 2


def test_early_stopping_watches_a_part_of_the_training_rows_alone(fitted, X, target):
    y = target("regression")
    grown, watched = train_test_split(np.arange(len(X)), test_size=0.25, random_state=7)
    made = fitted("regression", random_state=7, n_estimators=500, validation_fraction=0.25, learning_rate=0.3)
    plain = clone(made).set_params(early_stopping_rounds=None, n_estimators=made.booster_.num_trees())
    assert made.booster_.num_trees() < 100
    other = clone(made).fit(X, np.where(np.isin(np.arange(len(X)), watched), y + 1e-9, y))
    assert np.array_equal(plain.fit(X.iloc[grown], y.iloc[grown]).predict(X), made.predict(X))
    assert np.array_equal(other.predict(X), made.predict(X))


def test_no_setting_of_the_machine_is_in_the_file(fitted):
    text = fitted("binary").booster_.model_to_string()
    assert "[num_threads: 1]" in text
    assert "[deterministic: 1]" in text
    assert "[force_row_wise: 1]" in text


def test_weights_of_classes_count(fitted, X):
    plain, weighted = fitted("binary"), fitted("binary", class_weight={"late": 50.0, "in time": 1.0})
    assert (weighted.predict(X) == "late").sum() > (plain.predict(X) == "late").sum()


def test_infinite_numbers_are_refused(fitted, X):
    with pytest.raises(ValueError, match="infinity"):
        fitted("binary").predict(X.assign(ü=np.inf))


def test_it_is_refused_where_no_plugin_declares_it(fitted, tmp_path):
    with pytest.raises(UndeclaredTypeError, match=r"regrow_boosting\.estimators\.LightGBMClassifier"):
        model.write(fitted("binary"), tmp_path / "m.skops")


HEADS = [
    ("tree_sizes=", "tree_sizes=1"),
    ("max_feature_idx=2", "max_feature_idx=99"),
    ("num_class=3", "num_class=2"),
    ("num_class:3", "num_class:300"),
    ("num_tree_per_iteration=3", "num_tree_per_iteration=1"),
    ("label_index=0", "num_class=3"),
    ("end of trees", ""),
    ("\n", "\r\n"),
    ("Column_0", "Cölumn_0"),
]
TREES = [
    ("left_child=-?[0-9]+", "left_child=9999"),
    ("left_child=-?[0-9]+", "left_child=0"),
    ("left_child=-?[0-9]+", "left_child=-999"),
    ("right_child=-?[0-9]+ ", "right_child="),
    ("right_child=-?[0-9]+", "right_child=x"),
    ("split_feature=[0-9]", "split_feature=3"),
    ("split_feature=[0-9]", "split_feature=-1"),
    ("num_leaves=", "num_leaves=1"),
    ("num_cat=0", "num_cat=1"),
    ("is_linear=0", "is_linear=1"),
    ("shrinkage=", "left_child=7\nshrinkage="),
    ("shrinkage=", "\nshrinkage="),
    ("shrinkage=", "a=\nb=\nc=\nd=\ne=\nf=\nshrinkage="),
    ("leaf_value=", "leaf_value=1 "),
    ("Tree=1\n", "Tree=7\n"),
]


def refused(made, spoilt: str) -> str:
    state = made.__getstate__()
    assert spoilt != state["booster"].decode()
    with pytest.raises(ValueError, match="the model's text") as caught:
        type(made)().__setstate__(state | {"booster": spoilt.encode()})
    return str(caught.value)


@pytest.mark.parametrize(("old", "new"), HEADS)
def test_a_spoilt_text_is_refused_before_lightgbm_reads_it(fitted, old, new):
    made = fitted("multiclass")
    refused(made, made.__getstate__()["booster"].decode().replace(old, new, 1))


@pytest.mark.parametrize(("old", "new"), TREES)
def test_a_tree_that_leads_out_is_refused_before_lightgbm_follows_it(fitted, old, new):
    made = fitted("multiclass")
    spoilt = re.sub(old, new, made.__getstate__()["booster"].decode(), count=1)
    trees = spoilt.partition("\n\nTree=")[2].partition("\nend of trees")[0]
    sizes = [str(len(f"Tree={tree}") + 1) for tree in trees.split("\nTree=")]
    said = refused(made, re.sub("tree_sizes=.*", f"tree_sizes={' '.join(sizes)}", spoilt))
    assert re.search("tree [01] of|twice", said)


def test_its_own_text_is_taken(fitted):
    made = fitted("multiclass")
    assert type(made)().__setstate__(made.__getstate__()) is None


def test_weights_are_refused_in_regression():
    from regrow_boosting.settings import LightGBM

    with pytest.raises(ValueError, match="leave it out"):
        LightGBM(class_weight="balanced").check_task("regression")
