"""What the analyses find, with the right value; and what they leave alone."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from loans import NUMBERS, TRAIN, fitted, lent, loans, predicted
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from regrow import RegrowError
from regrow_evaluation.evaluate import evaluate
from regrow_evaluation.examine import examine
from regrow_evaluation.plugin import ANALYSES, GOES_ALONG
from regrow_evaluation.settings import EvaluateSettings, Measuring

EVERY = {name: {"by": "outcome"} if name in GOES_ALONG else {} for name in ANALYSES}
VALUE = {"true_positive": 50.0, "false_positive": -10.0}


def run(examining, predictions, table, analyses, objective=None, task="binary", metrics=None, **inputs):
    settings = examining(task, {name: {"use": name, **given} for name, given in analyses.items()}, objective,
                         **({"metrics": metrics} if metrics else {}))  # fmt: skip
    measured = evaluate(predictions, measuring(settings), table)
    made = examine(predictions, table, measured["metrics"], settings, **inputs)
    return made, {one["code"]: one for one in made["examine_findings"]}


def constant(rows, positives, share, said):
    target = np.r_[np.ones(positives, int), np.zeros(rows - positives, int)]
    return pd.DataFrame({"row": np.arange(rows), "fold": 0, "target": target, "prediction": said,
                         "probability_0": 1 - share, "probability_1": share})  # fmt: skip


def measuring(settings):
    """What stage evaluate gets of the same settings."""
    given = settings.evaluation
    return EvaluateSettings(evaluation=Measuring(metrics=given.metrics, intervals=given.intervals), data=settings.data)


def recorded(rows, shares):
    made = {"row": rows.index, "fold": 0, "target": rows["outcome"], "prediction": (shares > 0.5) * 1}
    return pd.DataFrame({**made, "probability_0": 1 - shares, "probability_1": shares})


def test_accuracy_on_a_majority_is_not_praised(examining):
    table = pd.DataFrame({"outcome": [0] * 1000})
    accuracy = {"accuracy": {"use": "accuracy"}}
    _, found = run(examining, constant(1000, 50, 0.05, 0), table, {"guess": {}}, metrics=accuracy)
    assert found["guess.beaten"]["verdict"] == "failed"
    assert found["guess.majority"]["verdict"] == "failed"
    assert "Always answering '0' scores an accuracy of 0.95" in found["guess.majority"]["seen"]


def test_picking_everybody_fails_on_harm_however_good_the_recall(examining):
    table = pd.DataFrame({"outcome": [0] * 1000})
    recall = {"recall": {"use": "recall"}}
    made, found = run(examining, constant(1000, 200, 0.9, 1), table, {"guess": {}, "harm": {}}, {"value": VALUE},
                      metrics=recall)  # fmt: skip
    assert made["examined"]["guess"]["metrics"]
    for code in ("guess.one_answer", "harm.value", "harm.everybody"):
        assert (found[code]["verdict"], found[code]["severity"]) == ("failed", "critical"), code


def test_two_rare_cases_decide_nothing(examining):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"outcome": [0] * 500, "x": rng.normal(size=500)})
    predictions = constant(500, 2, np.r_[0.9, 0.9, rng.random(498) / 2], 0)
    _, found = run(examining, predictions, table, {name: {} for name in ("guess", "calibration", "slices", "harm")},
                   {"value": VALUE})  # fmt: skip
    assert {one["verdict"] for code, one in found.items() if code not in ("guess.one_answer",)} == {"not enough data"}


def test_the_threshold_is_chosen_on_training_rows_and_makes_more(examining):
    whole = loans(3, 4000).rename(columns={"default": "outcome"})
    train, later = whole.iloc[:2000], whole.iloc[2000:]
    model = Pipeline([("model", LogisticRegression(max_iter=500))]).fit(train[NUMBERS], train["outcome"])
    shares = model.predict_proba(later[NUMBERS])[:, 1]
    predictions = recorded(later, shares)
    split = pd.DataFrame({"row": np.arange(4000), "fold": np.where(np.arange(4000) < 2000, -1, 0)})
    inputs = {"features": whole[[*NUMBERS, "outcome"]], "split": split, "model": model}
    made, found = run(examining, predictions, whole, {"harm": {}}, {"value": VALUE, "unit": "EUR"}, **inputs)
    assert made["threshold"]["rows"] == 2000
    assert made["threshold"]["threshold"] == pytest.approx(1 / 6, abs=0.08)  # 10 / (10 + 50)
    assert found["harm.value"]["verdict"] == "passed"
    acted = shares >= made["threshold"]["threshold"]
    worth = np.where(acted, np.where(later["outcome"], 50.0, -10.0), 0.0).mean() * 1000
    assert made["examined"]["harm"]["metrics"]["value"] == pytest.approx(worth)
    few, _ = run(examining, predictions, whole, {"harm": {}}, {"value": VALUE, "capacity": 0.1}, **inputs)
    assert few["examined"]["harm"]["metrics"]["acted_on"] == pytest.approx(0.1, abs=0.03)


def test_a_challenger_better_by_less_than_the_noise_is_the_same_in_19_of_20(examining):
    same = 0
    for seed in range(20):
        whole = loans(seed, 2 * TRAIN)
        train, later = whole.iloc[:TRAIN], whole.iloc[TRAIN:].reset_index(drop=True)
        old, new = predicted(fitted(train.iloc[: TRAIN // 2]), later), predicted(fitted(train), later)
        _, found = run(examining, new, later, {"champion": {"least": 0.01}}, champion=old)
        same += found["champion.roc_auc"]["seen"].startswith("same")
    assert same >= 19


def test_a_champion_that_is_worse_better_or_of_other_rows(examining):
    whole = loans(1, 2 * TRAIN)
    train, later = whole.iloc[:TRAIN], whole.iloc[TRAIN:].reset_index(drop=True)
    good, bad = predicted(fitted(train), later), predicted(fitted(train, ["age"]), later, ["age"])
    _, found = run(examining, good, later, {"champion": {}}, champion=bad)
    assert found["champion.roc_auc"]["seen"].startswith("better")
    made, found = run(examining, bad, later, {"champion": {}}, champion=good)
    assert found["champion.roc_auc"]["verdict"] == "failed"
    assert made["examined"]["champion"]["metrics"]["verdict"] == {"roc_auc": -1}
    _, found = run(examining, good, later, {"champion": {}}, champion=bad.assign(target=1 - bad["target"]))
    assert found["champion.comparable"]["verdict"] == "not enough data"
    _, found = run(examining, good, later, {"champion": {}}, champion=bad.assign(row=bad["row"] + 10**6))
    assert "0 of 3000" in found["champion.comparable"]["seen"]


def test_probabilities_that_are_too_sure_are_not_calibrated(examining):
    later, predictions = lent(2)
    sure = predictions["probability_1"] ** 3
    sure = sure / (sure + (1 - predictions["probability_1"]) ** 3)
    _, fine = run(examining, predictions, later, {"calibration": {}})
    _, found = run(
        examining, predictions.assign(probability_1=sure, probability_0=1 - sure), later, {"calibration": {}}
    )
    assert (fine["calibration.error"]["verdict"], found["calibration.error"]["verdict"]) == ("passed", "failed")


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("rows", [30, 400])
def test_every_analysis_takes_every_task_and_few_rows(request, examining, task, rows):
    predictions = request.getfixturevalue(task)(rows)
    table = pd.DataFrame({"outcome": range(rows), "one": ["a"] + ["b"] * (rows - 1), "gone": [None] * rows,
                          "x": [np.nan, *range(rows - 1)]}).astype({"one": "str"})  # fmt: skip
    made, found = run(examining, predictions, table, EVERY, task=task)
    assert found["guess.beaten"]["verdict"] in ("passed", "not enough data")
    assert not any(one["verdict"] == "failed" for one in found.values() if one["code"].startswith("slices"))
    assert set(made["examined"]) == set(ANALYSES)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_equal_predictions_are_no_better_than_a_guess(request, examining, task):
    predictions = request.getfixturevalue(task)(300)
    alike = [name for name in predictions if name.startswith(("prediction", "probability"))]
    predictions[alike] = predictions[alike].iloc[0].to_numpy()
    _, found = run(examining, predictions, pd.DataFrame({"outcome": range(300)}), EVERY, task=task)
    assert found["guess.beaten"]["verdict"] == "failed"


def test_a_class_missing_from_the_hold_out(examining, multiclass):
    predictions = multiclass(300)
    predictions = predictions[predictions["target"] != "c"].reset_index(drop=True)
    _, found = run(examining, predictions, pd.DataFrame({"outcome": range(300)}), EVERY,
                   task="multiclass")  # fmt: skip
    assert found["guess.beaten"]["verdict"] == "not enough data"
    assert "0 held-out rows are of class c" in found["guess.beaten"]["seen"]


def test_a_model_that_is_there_is_explained_and_tried(examining, tmp_path):
    whole = loans(5, 3000).rename(columns={"default": "outcome"})
    model = LogisticRegression(max_iter=500).fit(whole[NUMBERS][:2000], whole["outcome"][:2000])
    later = whole.iloc[2000:]
    shares = model.predict_proba(later[NUMBERS])[:, 1]
    predictions = recorded(later, shares)
    split = pd.DataFrame({"row": np.arange(3000), "fold": np.where(np.arange(3000) < 2000, -1, 0)})
    cases = tmp_path / "cases.csv"
    cases.write_text("case,debt,income,expected,owner\ndeep,90,5,1,Ann\nrich,0,200,1,Ben\n")
    analyses = {"explanation": {}, "robustness": {}, "drift": {}}
    inputs = {"features": whole[[*NUMBERS, "outcome"]], "split": split, "model": model, "cases": cases}
    made, found = run(examining, predictions, whole, analyses, **inputs)
    lost = made["examined"]["explanation"]["metrics"]["lost"]
    assert lost["debt"] > lost["age"]
    assert found["robustness.case.deep"]["verdict"] == "passed"
    assert (found["robustness.case.rich"]["verdict"], found["robustness.case.rich"]["owner"]) == ("failed", "Ben")
    assert found["drift.column"]["verdict"] == "passed"
    moved = whole.assign(age=whole["age"] + np.where(np.arange(3000) < 2000, 0, 20))
    _, found = run(examining, predictions, moved, {"drift": {}}, **{**inputs, "features": moved[[*NUMBERS, "outcome"]]})
    assert found["drift.column.age"]["verdict"] == "failed"
    _, found = run(examining, predictions, whole, {"robustness": {"monotone": {"debt": "up", "age": "up"}}}, **inputs)
    assert found["robustness.monotone.debt"]["verdict"] == "passed"
    coefficient = dict(zip(NUMBERS, model.coef_[0], strict=True))["age"]
    assert found["robustness.monotone.age"]["verdict"] == ("passed" if coefficient >= 0 else "failed")
    _, found = run(examining, predictions, whole, {"robustness": {"monotone": {"debt": "down"}}}, **inputs)
    assert "In 100.0% of the rows the answer rises" in found["robustness.monotone.debt"]["seen"]
    cases.write_text("case,dept,expected\na,1,1\n")
    with pytest.raises(RegrowError, match="'dept' is no feature"):
        run(examining, predictions, whole, {"robustness": {}}, **inputs)


def test_conformal_sets_hold_what_they_state(examining, regression):
    table = pd.DataFrame({"outcome": range(2000)})
    made, found = run(examining, regression(2000), table, {"uncertainty": {"level": 0.8}}, task="regression")
    assert made["examined"]["uncertainty"]["metrics"]["held"] == pytest.approx(0.8, abs=0.03)
    assert found["uncertainty.coverage"]["verdict"] == "passed"


def test_each_finding_has_a_part_of_the_page(examining):
    text = (Path(__file__).parents[3] / "docs/evaluate.md").read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()) for line in text.splitlines() if line.startswith("###")
    }
    later, predictions = lent(1)
    table = later.rename(columns={"default": "outcome"})
    _, found = run(examining, predictions, table, EVERY, {"value": VALUE}, champion=predictions)
    assert {one["docs"].partition("#")[2] for one in found.values()} <= headings
    assert {"champion", "guessbeaten", "slicesweak", "harmvalue"} <= {
        one["docs"].partition("#")[2] for one in found.values()
    }
