"""`regrow trial`: which settings a trial is, and how it is listed."""

import pandas as pd
import pytest

from regrow import RegrowError
from regrow_experiment import trial_command


def test_changes_are_put_where_they_stand():
    settings = {"model": {"use": "linear", "C": 1.0}, "features": {"steps": {"scale": {"use": "scale"}, "text": {}}}}
    changes = {
        "model": {"use": "forest"},
        "features.steps.scale": None,
        "features.steps.text.min_frequency": 5,
        "features.steps.more": {"use": "ordinal"},
    }
    made = trial_command._changed(settings, changes)
    assert made == {
        "model": {"use": "forest"},
        "features": {"steps": {"text": {"min_frequency": 5}, "more": {"use": "ordinal"}}},
    }
    assert settings["model"]["use"] == "linear"


@pytest.fixture
def ledger():
    rows = [
        {"trial": 0, "search": "model", "number": 0, "repeat": 0, "share": 1.0, "params": "{}", "score": 0.5},
        {"trial": 1, "search": "model", "number": 1, "repeat": 1, "share": 1.0, "params": "{}", "score": 0.6},
    ]
    more = {"values": '{"score": 0.5}', "state": "complete", "reason": ""}
    return pd.DataFrame([{**one, **more} for one in rows])


def test_trials_are_listed_with_what_they_took(ledger):
    times = {0: {"fit_seconds": 1.25, "predict_seconds": 0.002, "size": 3e6, "best": True}}
    lines = trial_command._listed(ledger, times).splitlines()
    assert lines[1].split() == ["0", "0.5", "1.25", "2", "3", "*", "{}"]
    assert "*" not in lines[2]


def test_a_trial_that_settings_can_not_say_is_refused(ledger):
    with pytest.raises(RegrowError, match="there is no trial 7"):
        trial_command._row(ledger, 7)
    with pytest.raises(RegrowError, match="under another seed|another seed for folds"):
        trial_command.overrides(None, trial_command._row(ledger, 1))


def test_other_scores_are_a_mismatch(ledger, capsys):
    row = trial_command._row(ledger, 0)
    trial_command._compare(row, ledger, "trial-0")
    assert "identical on every fold" in capsys.readouterr().out
    with pytest.raises(RegrowError, match=r"scores 0\.7, and the ledger says 0\.5"):
        trial_command._compare(row, ledger.assign(values='{"score": 0.7}'), "trial-0")
