"""Repeated k-fold: metrics over all folds of all repeats, and a spread that allows for shared training rows."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import RepeatedStratifiedKFold

from regrow_evaluation.evaluate import evaluate
from regrow_evaluation.examine import examine
from regrow_evaluation.report import report

FOLDS, REPEATS = 5, 4


def rows(seed: int, count: int = 400) -> tuple[pd.DataFrame, np.ndarray]:
    draw = np.random.default_rng(seed)
    X = pd.DataFrame(draw.normal(size=(count, 3)), columns=list("abc"))
    return X, (X["a"] + X["b"] / 2 + draw.normal(size=count) * 1.5 > 0.5).to_numpy().astype(int)


def predicted(X: pd.DataFrame, y: np.ndarray, columns: list[str], seed: int = 0) -> pd.DataFrame:
    """Predictions of a logistic regression, as the stage `train` lays them out."""
    made: dict[str, np.ndarray] = {"row": np.arange(len(y)), "target": y}
    dealt = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=seed).split(X, y)
    for number, (train, test) in enumerate(dealt):
        repeat = number // FOLDS + 1
        prefix = "" if repeat == 1 else f"repeat_{repeat}_"
        share = LogisticRegression().fit(X[columns].iloc[train], y[train]).predict_proba(X[columns].iloc[test])
        for name, values in (("fold", np.full(len(test), number)), ("prediction", share.argmax(axis=1)),
                             ("probability_0", share[:, 0]), ("probability_1", share[:, 1])):  # fmt: skip
            made.setdefault(f"{prefix}{name}", np.zeros(len(y), values.dtype))[test] = values
    return pd.DataFrame(made)


def areas(table: pd.DataFrame) -> np.ndarray:
    """Of each fold of each repeat, by scikit-learn."""
    found = []
    for prefix in ("", *(f"repeat_{number}_" for number in range(2, REPEATS + 1))):
        for _, part in table.groupby(f"{prefix}fold"):
            found.append(roc_auc_score(part["target"], part[f"{prefix}probability_1"]))
    return np.array(found)


@pytest.fixture
def auc(settings):
    return settings("binary", {"roc_auc": {"use": "roc_auc"}})


def test_metrics_are_over_the_folds_of_all_repeats_with_a_corrected_standard_error(auc):
    table = predicted(*rows(1), ["a", "b"])
    made = evaluate(table, settings=auc)
    measured, scores = made["metrics"], areas(table)
    assert measured["roc_auc"] == pytest.approx(scores.mean())
    assert measured["rows"] == 400
    assert measured["repeats"] == REPEATS
    spread = measured["folds"]["roc_auc"]
    assert [spread[str(number)] for number in range(FOLDS * REPEATS)] == pytest.approx(scores.tolist())
    assert spread["std"] == pytest.approx(scores.std(ddof=1))
    error = np.sqrt((1 / 20 + 1 / 4) * scores.var(ddof=1))
    assert spread["standard_error"] == pytest.approx(error)
    ends = measured["intervals"]["roc_auc"]
    assert ends["low"] < measured["roc_auc"] < ends["high"]
    first = evaluate(table.filter(regex="^(?!repeat)"), settings=auc)["metrics"]
    assert "standard_error" not in first["folds"]["roc_auc"]
    width = ends["high"] - ends["low"]
    assert width == pytest.approx(first["intervals"]["roc_auc"]["high"] - first["intervals"]["roc_auc"]["low"], rel=0.3)
    sections = {"performance": made["performance_section"], "result": made["result_section"]}
    card = report(sections, {}, {"metrics": measured}, {}, None)["card"]
    assert f"{error:.3g}" in card
    assert "Nadeau and Bengio" in str(made["performance_section"])
    assert "4 times over" in card


def test_the_guess_is_beaten_by_all_repeats_alike(auc, examining):
    X, y = rows(1)
    table, known = predicted(X, y, ["a", "b"]), X.assign(outcome=y)
    measured = evaluate(table, settings=auc)["metrics"]
    found = examine(table, known, measured, examining("binary", {"guess": {"use": "guess"}}))["examine_findings"]
    beaten = next(one for one in found if one["code"] == "guess.beaten")
    gain = beaten["numbers"]["gain"]
    assert beaten["verdict"] == "passed"
    assert gain["value"] == pytest.approx(areas(table).mean() - 0.5)
    assert gain["interval"][0] < gain["value"] < gain["interval"][1]


def champion_of(table, other, known, examining):
    settings = examining("binary", {"champion": {"use": "champion"}})
    return examine(table, known, {"roc_auc": 0.5}, settings, champion=other)["examine_findings"][0]


def test_two_models_with_the_same_repeats_are_compared_fold_by_fold(examining):
    X, y = rows(1)
    new, old, known = predicted(X, y, ["a", "b"]), predicted(X, y, ["a"]), X.assign(outcome=y)
    found = champion_of(new, old, known, examining)
    apart = areas(new) - areas(old)
    width = t.ppf(0.975, 19) * np.sqrt((1 / 20 + 1 / 4) * apart.var(ddof=1))
    gain = found["numbers"]["gain"]
    assert gain["value"] == pytest.approx(apart.mean())
    assert gain["interval"] == pytest.approx([apart.mean() - width, apart.mean() + width])
    assert "20 folds" in found["seen"]
    otherwise = champion_of(new, predicted(X, y, ["a"], seed=1), known, examining)
    assert "folds" not in otherwise["seen"]


def test_a_column_of_noise_makes_no_model_better_though_rows_are_dealt_out_often(examining):
    """Uncorrected, so many folds would call it better or worse far more often than in one of twenty tries."""
    verdicts = []
    for seed in range(20):
        X, y = rows(seed, 200)
        known = X.assign(outcome=y)
        found = champion_of(predicted(X, y, ["a", "b", "c"]), predicted(X, y, ["a", "b"]), known, examining)
        verdicts.append(found["seen"].partition(":")[0])
    assert verdicts.count("same") >= 19, verdicts
