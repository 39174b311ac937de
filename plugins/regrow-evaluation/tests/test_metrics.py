"""Every metric is scikit-learn's, on the right columns and the right class."""

import numpy as np
import pytest
from sklearn import metrics as sk

from regrow_evaluation.evaluate import evaluate
from regrow_evaluation.plugin import regrow_components

BETTER = {one.name: one.better for one in regrow_components() if one.kind == "metric"}


@pytest.mark.parametrize("names", [("no", "yes"), (0, 1), (False, True)])
def test_binary_metrics_are_scikit_learns(binary, settings, names):
    table = binary(names=names)
    truth, said, chance = table["target"] == names[1], table["prediction"] == names[1], table[f"probability_{names[1]}"]
    expected = {
        "roc_auc": sk.roc_auc_score(truth, chance),
        "average_precision": sk.average_precision_score(truth, chance),
        "log_loss": sk.log_loss(truth, chance),
        "brier": sk.brier_score_loss(truth, chance),
        "accuracy": sk.accuracy_score(truth, said),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, said),
        "f1": sk.f1_score(truth, said),
        "precision": sk.precision_score(truth, said),
        "recall": sk.recall_score(truth, said),
        "matthews": sk.matthews_corrcoef(truth, said),
    }
    measured = evaluate(table, settings=settings("binary"))["metrics"]
    assert {name: measured[name] for name in expected} == pytest.approx(expected)
    assert measured["base_rate"] == pytest.approx(truth.mean())
    assert measured["rows"] == len(table)


def test_positive_chooses_the_other_class(binary, settings):
    table = binary()
    measured = evaluate(table, settings=settings("binary", positive="no"))["metrics"]
    assert measured["recall"] == pytest.approx(sk.recall_score(table["target"], table["prediction"], pos_label="no"))
    assert measured["average_precision"] == pytest.approx(
        sk.average_precision_score(table["target"] == "no", table["probability_no"])
    )


def test_threshold_moves_what_counts_as_positive(binary, settings):
    table = binary()
    chosen = {"strict": {"use": "recall", "threshold": 0.8}, "lax": {"use": "recall", "threshold": 0.1}}
    measured = evaluate(table, settings=settings("binary", chosen))["metrics"]
    truth = table["target"] == "yes"
    for key, threshold in (("strict", 0.8), ("lax", 0.1)):
        assert measured[key] == pytest.approx(sk.recall_score(truth, table["probability_yes"] >= threshold))


def test_multiclass_metrics_are_scikit_learns(multiclass, settings):
    table = multiclass()
    chance = table[["probability_a", "probability_b", "probability_c"]].to_numpy()
    expected = {
        "accuracy": sk.accuracy_score(table["target"], table["prediction"]),
        "balanced_accuracy": sk.balanced_accuracy_score(table["target"], table["prediction"]),
        "f1_macro": sk.f1_score(table["target"], table["prediction"], average="macro"),
        "log_loss": sk.log_loss(table["target"], chance),
        "roc_auc_ovr": sk.roc_auc_score(table["target"], chance, multi_class="ovr"),
    }
    measured = evaluate(table, settings=settings("multiclass"))["metrics"]
    assert {name: measured[name] for name in expected} == pytest.approx(expected)


def test_regression_metrics_are_scikit_learns(regression, settings):
    table = regression()
    expected = {
        "rmse": sk.root_mean_squared_error(table["target"], table["prediction"]),
        "mae": sk.mean_absolute_error(table["target"], table["prediction"]),
        "r2": sk.r2_score(table["target"], table["prediction"]),
        "median_absolute_error": sk.median_absolute_error(table["target"], table["prediction"]),
    }
    measured = evaluate(table, settings=settings("regression"))["metrics"]
    assert {name: measured[name] for name in expected} == pytest.approx(expected)
    assert measured["baseline"]["rmse"] == pytest.approx(np.std(table["target"]))
    assert measured["baseline"]["r2"] == pytest.approx(0)


def test_catalogue_and_metrics_agree_on_which_way_is_better(binary, multiclass, regression, settings):
    """A perfect model beats the baseline in the direction that the component declares."""
    for task, table in (("binary", binary()), ("multiclass", multiclass()), ("regression", regression())):
        table["prediction"] = table["target"]
        for column in table.columns[table.columns.str.startswith("probability_")]:
            table[column] = (table["target"] == column.removeprefix("probability_")).astype(float)
        measured = evaluate(table, settings=settings(task))["metrics"]
        for name, guess in measured["baseline"].items():
            assert (measured[name] > guess) == (BETTER[name] == "higher"), name
