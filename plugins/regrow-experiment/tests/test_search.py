"""Searches: the same whatever the workers, nested in training rows, bounded, resumed, and refused before compute."""

import json
import os
import sys
import time

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from regrow import Component, RegrowError
from regrow.plugin.context import Before
from regrow_experiment.plugin import OWN, regrow_components
from regrow_experiment.space import Range
from regrow_experiment.spaces import SPACES, WITHOUT

LINEAR = {"model": {"C": {"low": 0.001, "high": 10.0, "log": True}}}
RANDOM = {"use": "random", "space": LINEAR, "budget": {"trials": 4}, "noise": 2}


def state(model):
    fitted = model.named_steps["model"]
    return fitted.C, fitted.coef_.tobytes()


def scores(made):
    return made["trials"].set_index("trial")["score"]


def test_the_best_trial_is_the_model_and_the_ledger_says_so(tried):
    made = tried(RANDOM)
    trials = made["trials"]
    assert len(trials) == 6  # as they stand, another seed, four more
    assert list(trials["repeat"]) == [0, 1, 0, 0, 0, 0]
    best = trials[trials["repeat"] == 0].sort_values("score", ascending=False, kind="stable").iloc[0]
    assert json.loads(best["params"]).get("model.C", 1.0) == made["model"].named_steps["model"].C
    values = json.loads(best["values"])
    assert np.isclose(values["score"], np.mean([values[f"fold {k}"] for k in range(3)]))
    assert "noise" in json.dumps(made["search_section"])


def test_a_score_is_what_scikit_learn_finds_on_the_same_folds(tried, settings_of, features, holdout):
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    from regrow import Context, random_state
    from regrow_experiment.fitting import builder

    made = tried({"use": "grid", "space": {"model": {"C": [0.5]}}, "noise": 1})
    rows = features[holdout["fold"] == -1].reset_index(drop=True)
    X, y = rows.drop(columns="y"), rows["y"].to_numpy()
    settings = settings_of({"use": "linear", "C": 0.5})
    seed = Context(random_state=random_state(1, "train/search")).stream("folds/0")
    expected = []
    for fit, test in StratifiedKFold(3, shuffle=True, random_state=seed).split(X, y):
        model = builder(settings, Context(task="binary", target="y"))().fit(X.iloc[fit], y[fit])
        expected.append(roc_auc_score(y[test], model.predict_proba(X.iloc[test])[:, 1]))
    assert scores(made)[1] == pytest.approx(np.mean(expected), abs=0)


@pytest.mark.parametrize("workers", [2, 4])
@pytest.mark.parametrize("search", [RANDOM, {"use": "grid", "space": LINEAR, "points": 3, "accept": 0.7}])
def test_the_same_with_any_number_of_workers(tried, search, workers):
    one, other = tried(search), tried(search, n_jobs=workers)
    pd.testing.assert_frame_equal(one["trials"], other["trials"])
    assert state(one["model"]) == state(other["model"])
    assert one["decided"] == other["decided"]
    assert one["search_section"] == other["search_section"]


def test_held_out_rows_change_nothing(tried, features, holdout):
    spoilt = features.copy()
    spoilt.loc[holdout["fold"] == 0, "number"] = 1e6
    pd.testing.assert_frame_equal(tried(RANDOM)["trials"], tried(RANDOM, table=spoilt)["trials"])


def test_under_k_fold_each_fold_has_a_search_of_its_own(tried, folds):
    made = tried(RANDOM | {"budget": {"trials": 1}, "noise": 1}, split=folds)
    assert list(dict.fromkeys(made["trials"]["search"])) == ["model", "fold 0", "fold 1", "fold 2"]
    assert made["trials"]["trial"].is_unique
    assert "Searches of the folds" in json.dumps(made["search_section"])


def test_steps_and_whole_models_are_searched_too(tried):
    values = [{"use": "linear", "C": 0.1}, {"use": "forest", "n_estimators": 5}]
    space = {"model": values, "features": {"steps": {"scale": [None, {"use": "scale", "method": "robust"}]}}}
    made = tried({"use": "grid", "space": space, "noise": 1})
    assert len(made["trials"]) == 5
    found = [json.loads(one) for one in made["trials"]["params"]]
    assert found[1] == {"features.steps.scale": None, "model": {"use": "linear", "C": 0.1}}


@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"model": {"CC": [1.0]}}, r"search.space.model.CC: .*did you mean 'C'"),
        ({"modle": {"C": [1.0]}}, "modle.C: names no parameter of a component; did you mean 'model'"),
        ({"features": {"steps": {"scal": {"method": ["robust"]}}}}, "did you mean 'features.steps.scale'"),
        ({"model": {"C": {"low": 2.0, "high": 2.0}}}, "model.C: the range is empty: low is 2.0, high 2.0"),
        ({"model": {"C": {"low": 0.0, "high": 2.0, "log": True}}}, "begins above 0"),
        ({"model": {"C": {"low": 0.1, "hi": 2.0}}}, "a range has no 'hi'; did you mean 'high'"),
        ({"model": {"C": ["1"]}}, "model.C: '1': .*valid number"),
        ({"model": {"C": {"low": -1.0, "high": 1.0}}}, "model.C: -1.0: .*greater than 0"),
        ({"model": {"max_iter": {"low": 0.5, "high": 9.5}}}, "model.max_iter: 0.5: .*integer"),
        ({"model": {"C": 1.0}}, "neither a list of values nor"),
        ({"model": [{"use": "liner"}]}, "did you mean 'linear'"),
    ],
)
def test_a_space_that_can_not_be_is_refused_when_settings_are_read(settings_of, space, message):
    with pytest.raises(ValidationError, match=message):
        settings_of("linear", search={"use": "grid", "space": space})


def test_a_random_search_needs_an_end(settings_of):
    with pytest.raises(ValidationError, match="needs a bound"):
        settings_of("linear", search={"use": "random"})


@pytest.mark.parametrize("model", [*SPACES, *WITHOUT])
def test_a_space_ships_with_every_model_and_suits_it(settings_of, model):
    names = {one.name: one for one in regrow_components() if one.kind == "estimator"}
    for name in [name for name in names if name.removesuffix("Classifier").removesuffix("Regressor") == model]:
        task = (names[name].tasks or ("binary",))[0]
        settings = settings_of(name, task=task, search={"use": "grid"})
        assert bool(settings.search.settings.space) == (model not in WITHOUT)
    assert {*OWN} <= {*SPACES}


def test_ranges_are_of_the_type_that_the_parameter_has(settings_of):
    space = {"model": {"max_iter": {"low": 5, "high": 9}, "C": {"low": 1, "high": 9}}}
    found = settings_of("linear", search={"use": "grid", "space": space}).search.settings.space
    assert found["model.max_iter"] == Range(5, 9, False, True)
    assert found["model.C"] == Range(1, 9, False, False)
    draws = np.random.default_rng(1)
    assert {found["model.max_iter"].draw(draws) for _ in range(200)} == {5, 6, 7, 8, 9}
    assert Range(0.01, 100.0, True).points(5) == [0.01, 0.1, 1.0, 10.0, 100.0]


def test_the_direction_is_the_metrics_own(tried):
    made = tried(RANDOM | {"metric": {"use": "log_loss"}})
    best = made["trials"][made["trials"]["repeat"] == 0].sort_values("score", kind="stable").iloc[0]
    assert json.loads(best["params"]).get("model.C", 1.0) == made["model"].named_steps["model"].C


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_other_tasks(tried, features, target, task):
    made = tried(RANDOM, table=target(features, task), task=task)
    assert made["trials"]["state"].eq("complete").all()


def naughty(settings, context):
    from sklearn.linear_model import LogisticRegression

    class Naughty(LogisticRegression):
        def fit(self, X, y):
            if settings.get("how") == "slow":
                time.sleep(30)
            if settings.get("how") == "hungry":
                np.ones(10**9)
            if settings.get("how") == "dies":
                os._exit(3)
            if settings.get("how") == "raises":
                raise ArithmeticError("no numbers today")
            return super().fit(X, y)

        def predict_proba(self, X):
            made = super().predict_proba(X)
            return made * np.nan if settings.get("how") == "nan" else made

    return Naughty()


def as_given(name, values):
    return values


@pytest.fixture
def bad(monkeypatch):
    monkeypatch.setitem(sys.modules, "bad_plugin", sys.modules[__name__])
    return [Component("naughty", "estimator", "bad_plugin:naughty", "bad_plugin:as_given")]


def test_a_trial_that_fails_is_recorded_and_the_search_goes_on(tried, bad, monkeypatch):
    hows = ["raises", "nan", "slow", "hungry", "dies", "fine"]
    search = {
        "use": "grid",
        "space": {"model": {"how": hows}},
        "noise": 1,
        "trial": {"seconds": 12.0, "memory_mb": 1500},
    }
    made = tried(search, model="naughty", more=bad)
    trials = made["trials"]
    reasons = dict(zip(hows, trials["reason"][1:], strict=True))
    assert "ArithmeticError: no numbers today" in reasons["raises"]
    assert "NaN" in reasons["nan"]
    assert reasons["slow"] == "took longer than 12 s"
    assert "ran out of memory" in reasons["hungry"]
    assert "exit code 3" in reasons["dies"]
    assert trials["state"].tolist() == ["complete"] + ["failed"] * 5 + ["complete"]
    assert {*made["decided"]["searches"]["model"]["failed"]} == {"3", "4", "5"}  # by clock or machine: choices
    monkeypatch.setattr(time, "sleep", lambda _: None)  # quick today: as recorded it has failed all the same
    again = tried(search, model="naughty", more=bad, before=Before(choices=made["decided"]))
    pd.testing.assert_frame_equal(again["trials"], trials)


def test_when_all_fail_the_reason_is_told(tried, bad):
    with pytest.raises(RegrowError, match="every trial failed; the first: ArithmeticError: no numbers"):
        tried({"use": "grid", "noise": 1}, model={"use": "naughty", "how": "raises"}, more=bad)


@pytest.mark.parametrize("budget", ["seconds", "cpu_seconds"])
def test_what_a_clock_ended_is_a_choice_and_is_repeated(tried, budget):
    search = RANDOM | {"budget": {budget: 2.0}}
    began = time.monotonic()
    made = tried(search, n_jobs=2)
    assert time.monotonic() - began < 15
    decided = made["decided"]["searches"]["model"]
    assert decided["stopped"] == budget
    assert decided["trials"] == len(made["trials"])
    again = tried(search, before=Before(choices=made["decided"]))
    pd.testing.assert_frame_equal(again["trials"], made["trials"])
    assert again["decided"] == made["decided"]
    assert state(again["model"]) == state(made["model"])


def test_choices_of_other_settings_are_none(tried):
    made = tried(RANDOM | {"budget": {"trials": 1}})
    assert len(tried(RANDOM, before=Before(choices=made["decided"]))["trials"]) == 6


def test_a_search_ends_where_it_is_good_enough(tried, caplog):
    made = tried(RANDOM | {"accept": 0.5})
    assert made["decided"]["searches"]["model"] == {"trials": 2, "stopped": "accepted"}
    tried(RANDOM | {"accept": 1.5})
    assert "search.accept asks for 1.5" in caplog.text
    with pytest.raises(RegrowError, match="search.accept asks for 1.5"):
        tried(RANDOM | {"accept": 1.5, "otherwise": "fail"})


def test_a_killed_search_goes_on_where_it_was(tried, tmp_path):
    scratch = tmp_path / "unfinished"
    scratch.mkdir()
    whole = tried(RANDOM, before=Before(scratch=scratch))
    assert [*json.loads((tmp_path / "times.json").read_text())["model"][0]][:3] == ["trial", "seconds", "cpu"]
    journal = scratch / "model/trials.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    assert len(lines) == 6
    journal.write_text("".join(lines[:3]) + lines[3][:20])  # as kill -9 leaves it
    resumed = tried(RANDOM, before=Before(scratch=scratch))
    pd.testing.assert_frame_equal(resumed["trials"], whole["trials"])
    assert state(resumed["model"]) == state(whole["model"])
    after = journal.read_text().splitlines(keepends=True)
    assert after[:3] == lines[:3]
    assert len(after) == 6


def test_nothing_is_searched_by_default(tried):
    made = tried({"use": "none"})
    assert len(made["trials"]) == 0
    assert made["decided"]["searches"] == {}
    assert {one["code"].rpartition(".")[0] for one in made["search_findings"]} == {"model.beats"}
