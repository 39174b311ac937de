"""The stage: predictions for every task, and that no row teaches what predicts it."""

import numpy as np
import pandas as pd
import pytest

from regrow_experiment.plugin import OWN


def state(thing):
    """Everything that a fitted object holds, as nested tuples that compare equal if and only if it does."""
    if thing is None or isinstance(thing, str | bytes | int | float | slice | np.generic | np.dtype | type):
        return repr(thing)
    if isinstance(thing, np.ndarray):
        return (thing.shape, str(thing.dtype), state(thing.tolist()) if thing.dtype.hasobject else thing.tobytes())
    if isinstance(thing, dict):
        return tuple((repr(key), state(value)) for key, value in thing.items())
    if isinstance(thing, list | tuple):
        return tuple(state(one) for one in thing)
    if isinstance(thing, np.random.RandomState):
        return state(thing.get_state())
    if hasattr(thing, "__dict__"):
        return (type(thing).__qualname__, state(vars(thing)))
    return (type(thing).__qualname__, state(thing.__getstate__() or thing.__reduce__()[1:]))


@pytest.mark.parametrize("model", sorted(OWN))
@pytest.mark.parametrize("kind", ["binary", "words", "booleans", "decimals", "multiclass", "regression"])
def test_every_own_estimator_takes_every_target(run, features, holdout, target, model, kind):
    table = target(features, kind)
    task = kind if kind in ("multiclass", "regression") else "binary"
    fitted, predictions = run(table, holdout, model, task=task)
    assert predictions["row"].tolist() == list(range(0, 120, 4))
    assert set(predictions["fold"]) == {0}
    assert predictions["target"].tolist() == table["y"].iloc[::4].tolist()
    if task == "regression":
        assert list(predictions.columns) == ["row", "fold", "target", "prediction"]
        return
    names = {"words": ["in time", "late"], "booleans": ["False", "True"], "multiclass": ["0", "1", "2"]}.get(kind, "01")
    assert list(predictions.columns)[4:] == [f"probability_{name}" for name in names]
    assert np.allclose(predictions.iloc[:, 4:].sum(axis=1), 1)
    assert predictions["prediction"].isin(table["y"]).all()
    most_likely = fitted.classes_[predictions.iloc[:, 4:].to_numpy().argmax(axis=1)]
    assert (predictions["prediction"] == most_likely).mean() > 0.95  # ties in a vote may go either way


def test_the_pipeline_holds_the_steps_in_order_and_the_estimator_last(run, features, holdout):
    model, _ = run(features, holdout, "linear")
    assert [name for name, _ in model.steps] == ["numbers", "scale", "text", "model"]


@pytest.mark.parametrize("model", sorted(OWN))
def test_held_out_rows_teach_nothing(run, features, holdout, model):
    held_out = np.flatnonzero(holdout["fold"] == 0)
    changed = features.copy()
    changed.loc[held_out, ["number", "gaps"]] = [1e6, np.nan]
    changed.loc[held_out, "whole"] = -777
    changed.loc[held_out, "text"] = "never seen"
    one, before = run(features, holdout, model)
    other, after = run(changed, holdout, model)
    assert state(one) == state(other)
    few = changed.copy()
    few.loc[held_out[5:]] = features.loc[held_out[5:]]  # now only the first five are other than they were
    _, mixed = run(few, holdout, model)
    pd.testing.assert_frame_equal(mixed.iloc[5:], before.iloc[5:])
    pd.testing.assert_frame_equal(mixed.iloc[:5], after.iloc[:5])


@pytest.mark.parametrize("model", ["linear", "boosting", "knn"])
def test_each_folds_predictions_ignore_that_fold(run, features, folds, model):
    _, before = run(features, folds, model)
    assert before["row"].tolist() == list(range(120))
    assert before["fold"].tolist() == folds["fold"].tolist()
    turned = features.copy()
    turned.loc[folds["fold"] == 1, "y"] = 1 - turned["y"]
    _, after = run(turned, folds, model)
    probabilities = ["prediction", "probability_0", "probability_1"]
    own, others = before["fold"] == 1, before["fold"] != 1
    pd.testing.assert_frame_equal(after.loc[own, probabilities], before.loc[own, probabilities])
    assert not after.loc[others, probabilities].equals(before.loc[others, probabilities])
    shifted = features.copy()
    shifted.loc[7, ["number", "whole", "gaps"]] = [9e5, 99, -9e5]  # row 7 is in fold 1
    _, after = run(shifted, folds, model)
    rest = own & (before["row"] != 7)
    pd.testing.assert_frame_equal(after.loc[rest, probabilities], before.loc[rest, probabilities])


@pytest.mark.parametrize("model", ["linear", "knn"])
def test_repeats_are_what_a_split_with_their_folds_alone_gives(run, features, folds, model):
    again = folds.assign(fold=np.random.default_rng(1).permutation(folds["fold"]))
    number = again["fold"].max() + 1
    kept, predictions = run(features, folds.assign(fold_2=again["fold"] + number), model)
    alone, first = run(features, folds, model)
    _, second = run(features, again, model)
    assert state(kept) == state(alone)
    pd.testing.assert_frame_equal(predictions[first.columns], first)
    later = predictions.filter(like="repeat_2_")
    assert len(predictions) == len(features)
    later.columns = later.columns.str.removeprefix("repeat_2_")
    later["fold"] -= number
    pd.testing.assert_frame_equal(later, second[later.columns])


def test_with_folds_the_model_is_fitted_on_all_rows(run, features, folds):
    model, _ = run(features, folds, "linear")
    numbers = model.named_steps["numbers"].named_transformers_["columns"]
    assert numbers.statistics_[2] == features["gaps"].median()


@pytest.mark.parametrize("model", sorted(OWN))
def test_the_same_input_gives_the_same_whatever_the_workers(run, features, holdout, model):
    one, predictions = run(features, holdout, model)
    other, again = run(features, holdout, model, compute={"n_jobs": 2})
    assert state(one) == state(other)
    pd.testing.assert_frame_equal(predictions, again)


def test_the_seed_decides(run, features, holdout):
    one, _ = run(features, holdout, "forest")
    other, _ = run(features, holdout, "forest", seed=2)
    assert state(one) != state(other)


def test_the_order_of_the_split_does_not_matter(run, features, holdout):
    one, predictions = run(features, holdout, "linear")
    other, again = run(features, holdout.iloc[::-1], "linear")
    assert state(one) == state(other)
    pd.testing.assert_frame_equal(predictions, again)


def test_a_class_that_a_fold_never_met_has_probability_zero(run, features, folds, target):
    table = target(features, "words")
    table.loc[folds.index[folds["fold"] == 2][:5], "y"] = "rare"
    _, predictions = run(table, folds, "linear", task="multiclass")
    assert list(predictions.columns)[4:] == ["probability_in time", "probability_late", "probability_rare"]
    assert (predictions.loc[predictions["fold"] == 2, "probability_rare"] == 0).all()
    assert not predictions.isna().any().any()


def test_a_rolling_fold_is_learnt_from_earlier_rows_only_and_a_gap_from_nowhere(run, features):
    rows = np.arange(len(features))
    rolling = pd.DataFrame({"row": rows, "fold": rows * 4 // len(rows) - 1, "past": True})
    _, first = run(features, rolling, "linear")
    assert sorted(first["fold"].unique()) == [0, 1, 2]
    later = features.assign(number=features["number"].where(rows < 60, 99.0))
    _, second = run(later, rolling, "linear")
    known = first["fold"] == 0
    pd.testing.assert_frame_equal(first[known], second[known])
    gap = pd.DataFrame({"row": rows, "fold": np.where(rows < 60, -1, np.where(rows < 80, -2, 0))})
    _, third = run(features, gap, "linear")
    assert sorted(third["row"]) == list(range(80, len(rows)))
    other = features.assign(number=features["number"].where((rows < 60) | (rows >= 80), 99.0))
    pd.testing.assert_frame_equal(third, run(other, gap, "linear")[1])
