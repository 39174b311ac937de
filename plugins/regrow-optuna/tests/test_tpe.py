"""tpe: the same trials whatever the workers, after a kill and in another process; better than chance."""

import numpy as np
import pandas as pd
import pytest

from regrow import Context
from regrow_testing.contract import check_plugin

pytest.importorskip("optuna", reason="optuna is in no lock; to run this: uv pip install optuna")

from sklearn.linear_model import Ridge

from regrow_experiment.space import Range
from regrow_optuna.settings import Tpe
from regrow_optuna.tpe import tpe

SPACE = {"model.alpha": Range(1e-4, 1e4, True), "model.fit_intercept": [True, False]}


@pytest.fixture
def found():
    draw = np.random.default_rng(1)
    X = pd.DataFrame(draw.normal(size=(120, 5)), columns=list("abcde"))
    y = X["a"].to_numpy() * 3 + draw.normal(size=120) + 5

    def search(workers=1, scratch=None, trials=24, **changes):
        settings = Tpe(noise=2, startup=6, budget={"trials": trials}, **changes).model_copy(update={"space": SPACE})
        made = tpe(settings, Context(task="regression", random_state=7, workers=workers, scratch=scratch))

        def build(changes=None, repeat=0):
            named = {key.removeprefix("model."): value for key, value in (changes or {}).items()}
            return Ridge(**{"alpha": 1e4, **named})

        made(build, X, y)
        return made.told

    return search


def said(told):
    return [(one.changes, one.outcome.scores, one.outcome.state) for one in told.trials]


def test_the_same_with_any_number_of_workers(found):
    one = found()
    assert said(one) == said(found(2)) == said(found(4))
    assert len(one.trials) == 26


def test_a_killed_search_goes_on_where_it_was(found, tmp_path):
    whole = found(scratch=tmp_path)
    journal = tmp_path / "trials.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(lines[:11]))
    assert said(found(scratch=tmp_path)) == said(whole)
    assert journal.read_text().splitlines(keepends=True)[:11] == lines[:11]


def test_it_learns_from_what_it_was_told(found):
    told = found(trials=40)
    late = [one.score for one in told.trials[-12:]]
    early = [one.score for one in told.trials[2:14]]
    assert np.median(late) > np.median(early)
    assert told.best.changes["model.fit_intercept"] is True


def test_pruned_trials_are_told_as_failed(found):
    states = {one.outcome.state for one in found(prune=True, prune_after=3).trials}
    assert states == {"complete", "pruned"}


def test_the_plugin_keeps_its_contract(found):
    draw = np.random.default_rng(0)
    features = pd.DataFrame({"number": draw.normal(size=90), "y": draw.integers(0, 2, 90)})
    split = pd.DataFrame({"row": np.arange(90), "fold": np.where(np.arange(90) % 4 == 0, 0, -1)})
    search = {"use": "tpe", "budget": {"trials": 2}, "noise": 2, "folds": 2, "metric": {"use": "roc_auc"}}
    settings = {"features": {"steps": {}}, "model": {"use": "linear"}, "search": search, "seed": 1}
    settings["data"] = {"task": "binary", "target": {"column": "y"}}
    example = ({"features": features, "split": split, "table": features}, settings)
    others = ["regrow_experiment.plugin", "regrow_features.plugin", "regrow_evaluation.plugin"]
    check_plugin("regrow_optuna.plugin", {"train": example}, others)
