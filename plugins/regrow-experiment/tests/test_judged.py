"""What a search shows, as findings."""

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge

from regrow import Context
from regrow.artifacts import findings, section
from regrow_experiment import ledger
from regrow_experiment.judged import findings as judged
from regrow_experiment.search import grid as make_grid
from regrow_experiment.search_settings import Grid
from regrow_experiment.space import Range, grid
from regrow_experiment.told import Told, Tried
from regrow_experiment.trials import Outcome, failed


def told(*trials, noise=(0.70, 0.72, 0.71)):
    """A search of these (C, scores), after the settings as they stand under two seeds."""
    made = Told(metric="roc_auc", share=0.5, space={"model.C": Range(0.01, 100.0, True)})
    as_they_stand = [({}, 0, (0.70, 0.71, 0.72)), ({}, 1, noise)]
    for number, (changes, repeat, scores) in enumerate([*as_they_stand, *(({"model.C": c}, 0, s) for c, s in trials)]):
        made.trials.append(Tried(number, changes, repeat, Outcome("complete", scores) if scores else failed("no")))
    findings.check(judged(made))
    section.check(ledger.section({ledger.MODEL: made}))
    return {one["code"]: one for one in judged(made)}


def test_the_noise_floor_is_told_for_evaluation_though_there_was_nothing_to_choose_from():
    made = Told(metric="roc_auc", share=0.5)
    made.trials = [Tried(n, {}, n, Outcome("complete", scores)) for n, scores in enumerate([(0.7, 0.71), (0.72, 0.69)])]
    (found,) = judged(made)
    assert found["code"] == "search.noise"
    assert found["numbers"] == {"roc_auc": made.floor}
    made.trials = made.trials[:1]  # of one seed there is no floor
    assert judged(made) == []


def test_a_large_gain_inside_the_range():
    found = told((1.0, (0.80, 0.81, 0.82)), (100.0, ()))
    assert found["search.gain"]["verdict"] == "passed"
    assert found["search.gain"]["numbers"]["gain"]["value"] > found["search.gain"]["numbers"]["noise"]
    assert found["search.edge.model.C"]["verdict"] == "passed"


def test_a_small_gain_at_the_edge():
    found = told((100.0, (0.71, 0.70, 0.73)))
    assert found["search.gain"]["verdict"] == "failed"
    assert "within noise" in found["search.gain"]["seen"]
    assert "at the upper edge" in found["search.edge.model.C"]["seen"]


def test_no_gain():
    found = told((100.0, (0.1, 0.1, 0.1)))
    assert [*found] == ["search.noise", "search.gain"]
    assert "No trial was better" in found["search.gain"]["seen"]


def test_a_table_of_the_trials_tells_failed_ones_last():
    made = Told(trials=[Tried(0, {}, 0, Outcome("complete", (0.5, 0.6)))])
    made.trials.append(Tried(1, {"model.C": 1.0}, 0, failed("ValueError: no")))
    shown = ledger.section({ledger.MODEL: made})["blocks"]
    rows = next(block for block in shown if block["kind"] == "table")["rows"]
    assert [row[0] for row in rows] == [0, 1]
    assert rows[1][-1] == "ValueError: no"


def test_a_grid_of_nothing_tries_nothing():
    assert list(grid({}, 5)) == []


def test_progress_tells_the_best_beside_the_noise(caplog):
    X = pd.DataFrame({"x": np.arange(60.0)})
    y = X["x"].to_numpy() + np.random.default_rng(1).normal(size=60)
    settings = Grid(space={"model": {"alpha": [1.0, 10.0]}}, noise=2)
    search = make_grid(settings, Context(task="regression", random_state=1))
    with caplog.at_level("INFO", logger="regrow.progress"):
        fitted = search(lambda changes=None, repeat=0: Ridge((changes or {}).get("model.alpha", 1e9)), X, y)
    assert fitted.alpha == 1.0
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 3  # as they stand, then the noise, then a better one
    assert "noise" in lines[1]
    assert "trial 2" in lines[2]
    assert [one.outcome.state for one in search.told.trials] == ["complete"] * 4
