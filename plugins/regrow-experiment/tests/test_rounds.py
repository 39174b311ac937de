"""Searches in rounds: halving, pruning, patience, constraints, money, curves, auto; the same whatever the workers."""

import json

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from regrow_experiment import variance
from regrow_experiment.proposals import rungs
from regrow_experiment.space import Range
from regrow_experiment.told import Point, Told, Tried
from regrow_experiment.trials import Outcome

LINEAR = {"model": {"C": {"low": 0.001, "high": 10.0, "log": True}}}
HALVING = {"use": "halving", "space": LINEAR, "candidates": 4, "factor": 2, "noise": 2, "folds": 2}
RANDOM = {"use": "random", "space": LINEAR, "budget": {"trials": 4}, "noise": 2}


def state(model):
    fitted = model.named_steps["model"]
    return fitted.C, fitted.coef_.tobytes()


def test_halving_gives_the_best_of_a_round_more_rows(tried):
    made = tried(HALVING)
    trials = made["trials"].iloc[2:]
    assert trials["share"].tolist() == [0.25] * 4 + [0.5] * 2 + [1.0]
    first, second = trials.iloc[:4], trials.iloc[4:6]
    best = first.sort_values("score", ascending=False, kind="stable")["params"].tolist()[:2]
    assert second["params"].tolist() == best
    two = tried(HALVING, n_jobs=2)
    pd.testing.assert_frame_equal(made["trials"], two["trials"])
    assert state(made["model"]) == state(two["model"])


def test_halving_of_a_parameter(tried):
    search = {**HALVING, "space": {"model": {"max_depth": [2, 3, 4]}}, "resource": "n_estimators", "most": 12}
    made = tried(search | {"factor": 3, "candidates": 3}, model="forest")
    found = [json.loads(one)["model.n_estimators"] for one in made["trials"]["params"][2:]]
    assert found == [4, 4, 4, 12]


def test_rungs_fit_the_budget():
    assert rungs(27, 3) == [27, 9, 3, 1]
    assert rungs(4, 2) == [4, 2, 1]
    assert rungs(1, 3) == [1]


def test_hopeless_trials_end_after_a_fold(tried):
    space = {"model": {"C": [1.0, 2.0, 3.0, 1e-6, 2e-6, 3e-6]}}
    search = {"use": "grid", "space": space, "noise": 1, "prune": True, "prune_after": 3, "batch": 2}
    made = tried(search | {"metric": {"use": "log_loss"}})
    states = made["trials"]["state"].tolist()
    assert states[:3] == ["complete"] * 3
    assert states[4:] == ["pruned"] * 3
    assert "the median was" in made["trials"]["reason"].iloc[-1]
    assert "fold 2" not in json.loads(made["trials"]["values"].iloc[-1])
    pd.testing.assert_frame_equal(made["trials"], tried(search | {"metric": {"use": "log_loss"}}, n_jobs=4)["trials"])


def test_constraints_decide_before_the_score(tried):
    space = {"model": {"class_weight": [None, "balanced"]}}
    search = {"use": "grid", "space": space, "noise": 1, "metrics": {"recall": {"use": "recall"}}}
    free = tried(search)
    recalls = [json.loads(one)["recall"] for one in free["trials"]["values"]]
    asked = {"constraints": {"recall": {"at_most": min(recalls)}}}
    made = tried(search | asked)
    assert made["model"].named_steps["model"].class_weight == "balanced"
    codes = {one["code"]: one["verdict"] for one in made["search_findings"]}
    assert codes["search.constraint.recall"] == "passed"
    with pytest.raises(Exception, match="no trial keeps recall at least 2"):
        tried(search | {"constraints": {"recall": {"at_least": 2.0}}, "otherwise": "fail"})
    cheap = tried(search | asked | {"then": "fit_seconds"})
    assert "best" in cheap["decided"]["searches"]["model"]


def test_what_a_search_may_not_say(settings_of):
    for search, message in [
        ({"constraints": {"recal": {"at_least": 0.5}}}, "is no metric of this search"),
        ({"constraints": {"recall": {}}}, "at_least, at_most or both"),
        ({"budget": {"money": 1.0}}, "needs a price_per_hour"),
        ({"curves": [0.5, 0.5]}, "a share is said twice"),
        ({"then": "size", "sizes": False}, "needs sizes: true"),
    ]:
        with pytest.raises(ValidationError, match=message):
            settings_of("linear", search={"use": "grid", "metrics": {}, **search})
    with pytest.raises(ValidationError, match="say how much n_estimators"):
        settings_of("forest", search={"use": "halving", "resource": "n_estimators"})


def test_it_stops_when_nothing_is_gained_beyond_noise(tried):
    made = tried(RANDOM | {"budget": {"trials": 30}, "patience": 3, "folds": 2})
    assert made["decided"]["searches"]["model"]["stopped"] == "patience"
    assert len(made["trials"]) < 32


def test_money_buys_seconds(tried):
    budget = {"money": 1.0, "price_per_hour": 3600.0}
    made = tried(RANDOM | {"budget": budget, "folds": 2})
    assert made["decided"]["searches"]["model"]["stopped"] == "money"


def test_learning_curve_and_verdict(tried):
    made = tried(RANDOM | {"space": {}, "curves": [0.5, 1.0]}, model={"use": "forest", "n_estimators": 10})
    codes = {one["code"]: one for one in made["search_findings"]}
    assert codes["search.overfits"]["numbers"]["train"] > codes["search.overfits"]["numbers"]["validation"]
    assert {"search.underfits", "search.more_data"} <= {*codes}
    told = json.dumps(made["search_section"])
    assert "Learning curve" in told
    assert "overfit" in told


def curve(*points):
    """A search whose best settings scored so, by training rows: on these, on others; its noise is 0.02 or so."""
    told = Told(metric="roc_auc", share=0.5, space={"model.C": Range(0.1, 10.0)})
    for number in range(3):
        scores = (0.80 + number / 1000, 0.81, 0.79 - number / 1000)
        told.trials.append(Tried(number, {}, number, Outcome("complete", scores)))
    told.trials.append(Tried(3, {"model.C": 10.0}, 0, Outcome("complete", (0.9, 0.9, 0.9))))
    told.curve = [Point(rows, [train] * 3, [test, test + 0.001, test]) for rows, train, test in points]
    return {one["code"]: one["verdict"] for one in variance.findings(told)}, variance.verdict(told)


def test_what_a_curve_says():
    verdicts, words = curve((100, 1.0, 0.7), (200, 1.0, 0.8))
    assert verdicts["search.overfits"] == "failed"
    assert verdicts["search.underfits"] == "passed"
    assert verdicts["search.more_data"] == "failed"
    assert "It overfits: roc_auc is 1 on 200 training rows and 0.8003 on others" in words
    assert "More data would help: from 100 to 200 training rows it gained 0.1" in words
    assert "model.C = 10 lies at the upper edge of 0.1 to 10." in words
    verdicts, words = curve((100, 0.8, 0.8), (200, 0.8, 0.8))
    assert verdicts == {"search.overfits": "passed", "search.underfits": "failed", "search.more_data": "passed"}
    assert "It underfits" in words


def test_auto_ends_in_the_best_of_several_models(tried):
    models = {"boosting": {"use": "boosting", "max_iter": 5}, "linear": {"use": "linear"}}
    search = {"use": "auto", "models": models, "noise": 1, "folds": 2, "budget": {"trials": 4}, "batch": 2}
    one, two = tried(search), tried(search, n_jobs=2)
    used = [json.loads(params).get("model", {}).get("use") for params in one["trials"]["params"]]
    assert used[:3] == [None, "boosting", "linear"]
    assert "features.steps.auto_texts" in json.loads(one["trials"]["params"][1])
    pd.testing.assert_frame_equal(one["trials"], two["trials"])
    assert "A stack of the trials" in json.dumps(one["search_section"])


def test_the_front_of_pareto():
    from regrow_experiment.ledger import _beats

    told = Told(metric="roc_auc")
    one, other, third = (
        Tried(k, {}, 0, Outcome("complete", (score,), cost={"fit": fit, "predict": 1.0, "size": 1.0}))
        for k, (score, fit) in enumerate([(0.8, 2.0), (0.7, 3.0), (0.7, 1.0)])
    )
    assert _beats(one, other, told)
    assert not _beats(one, third, told)
    assert not _beats(third, one, told)


def test_whether_it_stands_still():
    told = Told(metric="roc_auc", space={"model.C": Range(0.1, 1.0)})
    for number, score in enumerate([0.5, 0.7, 0.7, 0.69]):
        told.trials.append(Tried(number, {}, 0, Outcome("complete", (score, score))))
    assert told.stands_still(2)
    assert not told.stands_still(3)
    assert np.isclose(told.best.score, 0.7)
