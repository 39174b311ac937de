"""A model that ages is told from one that does not, and how soon."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from test_examine import run

from regrow import RegrowError

ROWS, HELD_OUT = 6000, 1500


def moving(seed, turn):
    """Days in order; turn: by how much, of a full turn round, what matters moves from the first day to the last."""
    rng = np.random.default_rng(seed)
    made = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=ROWS, freq="2h"), "x": rng.normal(size=ROWS),
                         "y": rng.normal(size=ROWS)})  # fmt: skip
    angle = np.linspace(0, turn * np.pi, ROWS)
    odds = 2 * (np.cos(angle) * made["x"] + np.sin(angle) * made["y"])
    return made.assign(outcome=(rng.random(ROWS) < 1 / (1 + np.exp(-odds))).astype(int))


def examined(examining, whole, **settings):
    features, learnt = whole[["x", "y", "outcome"]], ROWS - HELD_OUT
    model = LogisticRegression().fit(features[["x", "y"]][:learnt], features["outcome"][:learnt])
    shares = model.predict_proba(features[["x", "y"]][learnt:])[:, 1]
    predictions = pd.DataFrame({"row": np.arange(learnt, ROWS), "fold": 0, "target": whole["outcome"][learnt:],
                                "prediction": (shares > 0.5) * 1, "probability_0": 1 - shares,
                                "probability_1": shares}).reset_index(drop=True)  # fmt: skip
    split = pd.DataFrame({"row": np.arange(ROWS), "fold": np.where(np.arange(ROWS) < learnt, -1, 0)})
    made, found = run(examining, predictions, whole, {"staleness": {"by": "day", **settings}}, features=features,
                      split=split, model=model)  # fmt: skip
    return made["examined"]["staleness"]["metrics"], found["staleness.age"]


def test_what_ages_is_named_with_how_soon_and_what_does_not_is_left_alone(examining):
    calm = [examined(examining, moving(seed, 0))[1]["verdict"] for seed in range(6)]
    assert calm.count("passed") >= 5
    for seed in range(3):
        metrics, found = examined(examining, moving(seed, 0.9))
        assert found["verdict"] == "failed"
        assert metrics["retrain_after"] == 1
        assert metrics["lost"]["after_3"] > metrics["lost"]["after_1"] > 0
        assert "train it at least every 1 period (83 days)." in found["seen"]


def test_periods_of_the_calendar(examining):
    metrics, found = examined(examining, moving(1, 0.9), every="quarter")
    assert "every 1 quarter (" in found["seen"]
    assert metrics["retrain_after"] == 1


def test_few_rows_say_nothing_and_an_unknown_column_is_refused(examining):
    _, found = run_few(examining)
    assert found["staleness.age"]["verdict"] == "not enough data"
    with pytest.raises(RegrowError, match="no column 'date'"):
        examined(examining, moving(0, 0).rename(columns={"day": "when"}), by="date")


def run_few(examining):
    whole = moving(1, 0)
    features = whole[["x", "y", "outcome"]]
    model = LogisticRegression().fit(features[["x", "y"]][:40], features["outcome"][:40])
    shares = model.predict_proba(features[["x", "y"]][40:80])[:, 1]
    predictions = pd.DataFrame({"row": np.arange(40, 80), "fold": 0, "target": whole["outcome"][40:80],
                                "prediction": (shares > 0.5) * 1, "probability_0": 1 - shares,
                                "probability_1": shares}).reset_index(drop=True)  # fmt: skip
    split = pd.DataFrame({"row": np.arange(80), "fold": np.where(np.arange(80) < 40, -1, 0)})
    return run(examining, predictions, whole[:80], {"staleness": {"by": "day"}}, features=features[:80], split=split,
               model=model)  # fmt: skip
