"""Intervals: weighted metrics are the plain ones, the interval is as wide as theory says, groups widen it."""

import numpy as np
import pandas as pd
import pytest

from regrow import RegrowError
from regrow_evaluation.asked import asked
from regrow_evaluation.catalogue import fitting
from regrow_evaluation.evaluate import evaluate
from regrow_evaluation.paired import compare
from regrow_evaluation.predicted import read
from regrow_evaluation.resampling import Bootstrap, groups


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_weight_of_three_is_the_row_three_times(request, settings, task):
    table = request.getfixturevalue(task)(200)
    p = read(table, task)
    weights = np.random.default_rng(0).integers(0, 4, len(p.target)).astype(float)
    several = p.rows(np.repeat(np.arange(len(p.target)), weights.astype(int)))
    uses = {name: use for name, use in settings(task).evaluation.metrics.items() if name != "calibration_error"}
    for name, metric in asked(uses, task, "outcome", pd.DataFrame()).items():
        made = metric.of(p)
        if name in ("median_absolute_error", "quantile_absolute_error"):  # these interpolate between rows
            assert made.prepare(p)(np.ones(len(p.target))) == pytest.approx(made(p), rel=0.05), name
            continue
        assert made.prepare(p)(np.ones(len(p.target))) == pytest.approx(made(p), rel=1e-9), name
        assert made.prepare(p)(weights) == pytest.approx(made(several), rel=1e-9), name
    assert set(uses) | {"calibration_error"} >= set(fitting(task))


def test_ties_of_the_score_count_half_in_any_order(binary):
    table = binary(400)
    table["probability_yes"] = table["probability_yes"].round(1)
    table["probability_no"] = 1 - table["probability_yes"]
    p = read(table, "binary")
    from sklearn.metrics import roc_auc_score

    from regrow_evaluation.weighted import roc_auc

    assert roc_auc(p)(np.ones(400)) == pytest.approx(roc_auc_score(p.is_positive, p.score))


def test_the_interval_of_a_mean_is_that_of_theory():
    values = np.random.default_rng(1).normal(size=2000)
    drawn = Bootstrap(1000, 0.95, 1).of([lambda w: float((w * values).sum() / w.sum())], 2000)
    low, high = drawn.interval(0)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / np.sqrt(2000), rel=0.1)
    assert low < values.mean() < high


def test_two_models_are_compared_on_the_same_drawn_rows(binary, settings):
    table = binary(600)
    near = (table["probability_yes"] + np.random.default_rng(2).normal(scale=0.01, size=600)).clip(0.001, 0.999)
    new, old = (
        read(table.assign(probability_yes=yes, probability_no=1 - yes), "binary")
        for yes in (near, table["probability_yes"])
    )
    metrics = asked(settings("binary", {"brier": {"use": "brier"}}).evaluation.metrics, "binary", "outcome", table)
    bootstrap = Bootstrap(400, 0.95, 1)
    gain = compare(metrics, new, old, bootstrap, 0.0, "")["brier"].interval
    alone = bootstrap.of_metrics(list(metrics.values()), new).interval(0)
    assert gain[1] - gain[0] < (alone[1] - alone[0]) / 5


def test_rows_that_belong_together_widen_it(regression, settings):
    table = regression(600)
    table["target"] = table["prediction"] + np.repeat(np.random.default_rng(0).normal(size=30) * 9, 20)
    known = pd.DataFrame({"customer": np.repeat(np.arange(30), 20), "outcome": 0.0})

    def width(**intervals):
        chosen = settings("regression", {"mae": {"use": "mae"}})
        evaluation = chosen.evaluation.model_copy(
            update={"intervals": chosen.evaluation.intervals.model_copy(update=intervals)}
        )
        made = evaluate(table, chosen.model_copy(update={"evaluation": evaluation}), known)["metrics"]["intervals"][
            "mae"
        ]
        return made["high"] - made["low"]

    assert width(by="customer") > 2 * width()
    assert width(by="customer", blocks=10) > 2 * width()
    with pytest.raises(RegrowError, match="no column 'custmer'"):
        width(by="custmer")


def test_rows_of_one_moment_are_in_one_block():
    found = groups(pd.Series([3, 1, 1, 2, 2, 2]), 2)
    assert found[1] == found[2]
    assert len(set(found[3:])) == 1


def test_metrics_json_says_how_sure_each_metric_is(binary, settings):
    measured = evaluate(binary(folds=3), settings("binary"))["metrics"]
    ends = measured["intervals"]["roc_auc"]
    assert ends["low"] < measured["roc_auc"] < ends["high"]
    assert evaluate(binary(folds=3), settings("binary"))["metrics"] == measured


def test_without_a_row_of_a_class_in_too_many_rounds_there_is_no_interval(binary, settings):
    table = binary(40)
    table["target"] = ["yes", *["no"] * 39]
    measured = evaluate(table, settings("binary", {"roc_auc": {"use": "roc_auc"}}))["metrics"]
    assert "intervals" not in measured
