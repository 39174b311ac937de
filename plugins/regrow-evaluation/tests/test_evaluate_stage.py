"""Stage evaluate: folds, baselines, models without probabilities, and what it refuses."""

import json

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, roc_auc_score

from regrow import Component, RegrowError, Use
from regrow_evaluation.evaluate import evaluate


def test_folds_give_mean_spread_and_each_value(binary, settings):
    table = binary(folds=3)
    measured = evaluate(table, settings=settings("binary", {"auc": {"use": "roc_auc"}}))["metrics"]
    values = [roc_auc_score(part["target"], part["probability_yes"]) for _, part in table.groupby("fold")]
    assert measured["auc"] == pytest.approx(np.mean(values))
    assert measured["folds"]["auc"] == pytest.approx(
        {"std": np.std(values, ddof=1), **{str(fold): value for fold, value in enumerate(values)}}
    )
    assert measured["baseline"]["auc"] == 0.5


def test_one_hold_out_fold_has_no_folds(binary, settings):
    assert "folds" not in evaluate(binary(), settings=settings("binary"))["metrics"]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_everything_made_is_finite_and_the_same_twice(task, request, settings):
    table = request.getfixturevalue(task)(folds=2)
    made, again = (evaluate(table, settings=settings(task)) for _ in range(2))
    assert list(made) == ["metrics", "performance_curve", "calibration_curve"]
    assert json.dumps(made["metrics"], allow_nan=False) == json.dumps(again["metrics"])
    for name in ("performance_curve", "calibration_curve"):
        assert list(made[name].columns) == ["x", "y", "series"]
        assert np.isfinite(made[name][["x", "y"]]).all(axis=None)
        assert made[name].groupby("series").size().max() <= 200
        pd.testing.assert_frame_equal(made[name], again[name])


def test_calibration_is_scikit_learns_in_quantile_bins(binary, settings):
    table = binary()
    curve = evaluate(table, settings=settings("binary", bins=7))["calibration_curve"]
    true, predicted = calibration_curve(
        table["target"] == "yes", table["probability_yes"], n_bins=7, strategy="quantile"
    )
    np.testing.assert_allclose(curve["x"], predicted)
    np.testing.assert_allclose(curve["y"], true)


def test_area_under_the_thinned_curve_is_the_metric(binary, settings):
    table = binary(rows=5000)
    made = evaluate(table, settings=settings("binary", {"roc_auc": {"use": "roc_auc"}}))
    curve = made["performance_curve"]
    assert len(curve) == 200
    assert np.trapezoid(curve["y"], curve["x"]) == pytest.approx(made["metrics"]["roc_auc"], abs=0.005)


def test_error_characteristic_says_the_share_within_a_tolerance(regression, settings):
    table = regression(rows=150)
    curve = evaluate(table, settings=settings("regression"))["performance_curve"]
    model = curve[curve["series"] == "model"]
    error = (table["target"] - table["prediction"]).abs()
    assert all(
        share == pytest.approx((error <= tolerance).mean())
        for tolerance, share in zip(model["x"], model["y"], strict=True)
    )


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_model_without_probabilities_is_measured_by_its_labels(task, request, settings, caplog):
    table = request.getfixturevalue(task)()
    labels = table[["row", "fold", "target", "prediction"]]
    made = evaluate(labels, settings=settings(task))
    assert "evaluation.metrics.log_loss" in caplog.text
    assert made["metrics"]["accuracy"] == accuracy_score(table["target"], table["prediction"])
    assert "log_loss" not in made["metrics"]
    assert len(made["performance_curve"]) >= 3
    with pytest.raises(RegrowError, match="this model gives none"):
        evaluate(labels, settings=settings(task, {"only": {"use": "log_loss"}}))


def test_an_undefined_metric_names_fold_metric_and_remedy(binary, settings):
    table = binary(folds=3)
    table.loc[table["fold"] == 2, "target"] = "no"
    with pytest.raises(RegrowError) as refused:
        evaluate(table, settings=settings("binary", {"auc": {"use": "roc_auc"}, "accuracy": {"use": "accuracy"}}))
    assert [problem.where for problem in refused.value.problems] == ["evaluation.metrics.auc"]
    for part in ("fold 2", "'no'", "split.stratify=true", "-S '~evaluation.metrics.auc'"):
        assert part in str(refused.value)


def test_curves_do_not_need_both_classes(binary, settings):
    table = binary()
    table["target"] = "no"
    made = evaluate(table, settings=settings("binary", {"accuracy": {"use": "accuracy"}}))
    assert np.isfinite(made["performance_curve"][["x", "y"]]).all(axis=None)


def test_a_class_the_model_never_saw_counts_against_it(multiclass, settings):
    table = multiclass()
    table.loc[:4, "target"] = "z"
    measured = evaluate(table, settings=settings("multiclass"))["metrics"]
    assert measured["log_loss"] > evaluate(multiclass(), settings=settings("multiclass"))["metrics"]["log_loss"]


@pytest.mark.parametrize(
    ("change", "target", "said"),
    [
        ({}, {"positive": "maybe"}, "'maybe' is not among the classes 'no', 'yes'"),
        ({"target": "other"}, {}, "two classes, but there are 3"),
        ({"target": None}, {}, "have no target"),
        ({"probability_yes": np.nan}, {}, "probability_yes"),
    ],
)
def test_unusable_predictions_are_refused_in_words(binary, settings, change, target, said):
    table = binary()
    for column, value in change.items():
        table.loc[0, column] = value
    with pytest.raises(RegrowError, match=said):
        evaluate(table, settings=settings("binary", **target))


LATE_SHARE = """
from regrow_evaluation.metrics import Metric


def late_share(settings, context):
    return Metric(lambda predicted: float(predicted.is_positive.mean()))
"""


def test_another_plugins_metric_works_and_says_what_it_fits(binary, settings, tmp_path, monkeypatch):
    (tmp_path / "somebodys_metrics.py").write_text(LATE_SHARE)
    monkeypatch.syspath_prepend(tmp_path)
    component = Component("late_share", "metric", "somebodys_metrics:late_share", tasks=["binary"])
    chosen = {"late": Use(component)}
    assert evaluate(binary(), settings=settings("binary", chosen))["metrics"]["late"] > 0
    with pytest.raises(ValidationError, match=r"late_share is for binary, but data\.task is regression"):
        settings("regression", chosen)


WEIGHTED = """
import numpy as np

from regrow import Columns, Reads
from regrow_evaluation.metrics import Metric


def columns(settings):
    return Columns([Reads("weight", [settings["weight"]])])


def checked(name, given):
    return given


def weighted(settings, context):
    weight = context.rows[settings["weight"]].to_numpy()
    return Metric(lambda predicted: float(np.average(predicted.target == predicted.prediction, weights=weight)))
"""


def test_a_metric_sees_the_column_that_it_names_in_the_rows_of_each_fold(binary, settings, tmp_path, monkeypatch):
    (tmp_path / "weighted_metric.py").write_text(WEIGHTED)
    monkeypatch.syspath_prepend(tmp_path)
    make, checks, columns = (f"weighted_metric:{name}" for name in ("weighted", "checked", "columns"))
    given = {"weight": "price"}
    use = Use(Component("weighted", "metric", make, checks, columns=columns), given)
    predictions = binary(folds=3)
    table = pd.DataFrame({"price": np.arange(1.0, 1 + len(predictions)), "other": 0})
    predictions = predictions.sample(frac=1, random_state=0)  # rows in another order than the table
    made = evaluate(predictions, settings("binary", {"w": use}), table)["metrics"]
    right = predictions["target"] == predictions["prediction"]
    price = table["price"].to_numpy()[predictions["row"]]
    for fold, place in predictions.reset_index(drop=True).groupby("fold").groups.items():
        assert made["folds"]["w"][str(fold)] == pytest.approx(np.average(right.iloc[place], weights=price[place]))
    with pytest.raises(RegrowError, match="metric weighted: the table has no column 'price'; .*|no column 'price'"):
        evaluate(predictions, settings("binary", {"w": use}), table.rename(columns={"price": "prices"}))
