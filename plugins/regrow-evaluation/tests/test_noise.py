"""The noise floor that a search recorded reaches metrics, the champion's comparison and gates, and they say so."""

import numpy as np
import pytest
from pydantic import ValidationError
from test_decide import GOOD, METRICS, OWNER
from test_examine import measuring, run

from regrow_evaluation.decide import decide
from regrow_evaluation.evaluate import evaluate
from regrow_evaluation.examine import examine

FLOOR = {"code": "search.noise", "title": "known", "severity": "info", "verdict": "passed",
         "numbers": {"roc_auc": 0.02, "log_loss": 0.1}}  # fmt: skip


def test_metrics_hold_the_floor_of_the_metric_that_was_searched_by_its_key(binary, settings):
    chosen = settings("binary", {"auc": {"use": "roc_auc"}, "brier": {"use": "brier"}})
    made = evaluate(binary(), settings=chosen, search_findings=[{**FLOOR, "code": "search.gain"}, FLOOR])
    assert made["metrics"]["noise"] == {"auc": 0.02}
    assert "means nothing" in str(made["result_section"])
    assert "noise" not in evaluate(binary(), settings=chosen, search_findings=[])["metrics"]


def test_a_champion_within_the_floor_is_the_same_and_the_finding_says_whose_it_is(binary, examining):
    table = binary(6000).assign(fold=0)
    shares = np.clip(
        table["probability_yes"] + np.random.default_rng(1).normal(scale=0.1, size=len(table)), 0.001, 0.999
    )
    old = table.assign(probability_yes=shares, probability_no=1 - shares)
    known = table[["target"]].rename(columns={"target": "outcome"})
    _, found = run(examining, table, known, {"champion": {}}, champion=old)
    assert found["champion.roc_auc"]["seen"].startswith("better")
    metrics = evaluate(table, settings=measuring(examining("binary", {})), table=known)["metrics"]
    gain = found["champion.roc_auc"]["numbers"]["gain"]["value"]
    tried = [({}, 2 * gain, "same"), ({}, gain / 2, "better"), ({"least": 0.0}, 2 * gain, "better")]
    for given, floor, verdict in tried:
        measured = {**metrics, "noise": {"roc_auc": floor}}
        settings = examining("binary", {"champion": {"use": "champion", **given}})
        seen = examine(table, known, measured, settings, champion=old)["examine_findings"][0]["seen"]
        assert seen.startswith(verdict)
        assert ("as the search has recorded" in seen) == (not given)


def beaten(gain, low, high):
    return {**GOOD, "seen": "roc_auc is 0.8.", "numbers": {"gain": {"value": gain, "interval": [low, high]}}}


def champion(gain, low, high):
    numbers = {"gain": {"value": gain, "interval": [low, high]}}
    return {"code": "champion.roc_auc", "title": "c", "severity": "major", "verdict": "passed", "numbers": numbers,
            "seen": "better: 0.8, the champion 0.7."}  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "noise", "verdict", "said"),
    [
        ({"use": "beats_guess"}, None, "passed", "roc_auc is 0.8."),
        ({"use": "beats_guess"}, 0.05, "passed", "differences up to 0.05 are noise, as the search has recorded"),
        ({"use": "beats_guess"}, 0.15, "failed", "differences up to 0.15 are noise, as the search has recorded"),
        ({"use": "beats_guess", "by": 0.0}, 0.15, "passed", "roc_auc is 0.8."),
        ({"use": "beats_guess", "by": 0.05}, 0.15, "passed", "better by at least 0.05 is asked for"),
        ({"use": "beats_guess", "by": 0.1}, None, "not enough data", "better by at least 0.1 is asked for"),
        ({"use": "beats_guess", "by": 0.3}, None, "failed", "better by at least 0.3 is asked for"),
        ({"use": "beats_champion", "require": "better"}, 0.05, "passed", "better: 0.8"),
        ({"use": "beats_champion", "require": "better", "by": 0.05}, None, "passed", "at least 0.05"),
        ({"use": "beats_champion", "require": "better", "by": 0.3}, None, "failed", "at least 0.3"),
    ],
)
def test_gates_ask_for_more_than_noise_and_say_so(deciding, rule, noise, verdict, said):
    metrics = METRICS if noise is None else {**METRICS, "noise": {"roc_auc": noise}}
    found = [beaten(0.12, 0.08, 0.16), champion(0.12, 0.08, 0.16)]
    analyses = {"examined": {"champion": {"metrics": {"verdict": {"roc_auc": 1}}}}}
    settings = deciding({"one": {**OWNER, **rule}})
    (gate,) = decide({"of_examine": found}, {"metrics": metrics}, analyses, settings)["decision"]["gates"]
    assert (gate["verdict"], said in gate["seen"]) == (verdict, True), gate["seen"]
    assert gate["numbers"]["gain"]["value"] == 0.12


def test_how_much_better_is_only_asked_of_what_has_to_be_better(deciding):
    with pytest.raises(ValidationError, match="require: better"):
        deciding({"one": {**OWNER, "use": "beats_champion", "by": 0.1}})
