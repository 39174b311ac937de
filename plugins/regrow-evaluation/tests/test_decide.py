"""From findings to a decision: what is approved, refused or left open, and what a waiver does."""

import hashlib

import pytest
from pydantic import ValidationError

from regrow import RegrowError
from regrow.artifacts.jsontext import dumps
from regrow_evaluation.decide import decide

METRICS = {
    "roc_auc": 0.8,
    "rows": 99,
    "baseline": {"roc_auc": 0.5},
    "intervals": {"roc_auc": {"low": 0.7, "high": 0.9}},
}
OWNER = {"owner": "Ann"}
BAD = {
    "code": "guess.one_answer",
    "title": "Not all alike",
    "severity": "critical",
    "verdict": "failed",
    "seen": "All.",
}
GOOD = {"code": "guess.beaten", "title": "Better", "severity": "critical", "verdict": "passed"}
WAIVER = {"reason": "a new region", "name": "Ben", "until": "2026-12-31"}


def decided(deciding, rules, found=(GOOD,), as_of=None, analyses=None, **objective):
    settings = deciding({name: {**OWNER, **rule} for name, rule in rules.items()}, as_of=as_of, **objective)
    return decide({"of_examine": list(found)}, {"metrics": METRICS}, {"examined": analyses or {}}, settings)


@pytest.mark.parametrize(
    ("rule", "decision"),
    [
        ({"use": "bound", "metric": "roc_auc", "at_least": 0.65}, "approved"),
        ({"use": "bound", "metric": "roc_auc", "at_least": 0.75}, "undecided"),
        ({"use": "bound", "metric": "roc_auc", "at_least": 0.75, "sure": False}, "approved"),
        ({"use": "bound", "metric": "roc_auc", "at_least": 0.95}, "refused"),
        ({"use": "bound", "metric": "roc_auc", "at_least": 0.95, "severity": "minor"}, "approved"),
        ({"use": "bound", "metric": "rows", "at_most": 50}, "refused"),
        ({"use": "beats_guess"}, "approved"),
        ({"use": "harm"}, "undecided"),
        ({"use": "beats_champion"}, "undecided"),
        ({"use": "findings"}, "approved"),
    ],
)
def test_one_gate(deciding, rule, decision):
    assert decided(deciding, {"one": rule})["decision"]["decision"] == decision


def test_without_gates_nothing_is_decided(deciding):
    assert decided(deciding, {})["decision"]["sentence"] == "undecided: there are no gates; see conf/gates"


def test_findings_by_severity_and_code(deciding):
    assert decided(deciding, {"bad": {"use": "findings"}}, [GOOD, BAD])["decision"]["decision"] == "refused"
    let_be = {"use": "findings", "without": ["guess.one_*"]}
    assert decided(deciding, {"bad": let_be}, [GOOD, BAD])["decision"]["decision"] == "approved"


@pytest.mark.parametrize(
    ("as_of", "decision"), [(None, "approved"), ("2026-12-31", "approved"), ("2027-01-01", "refused")]
)
def test_a_waiver_holds_to_its_last_day(deciding, as_of, decision):
    made = decided(deciding, {"bad": {"use": "findings", "waiver": WAIVER}}, [BAD], as_of)["decision"]
    assert made["decision"] == decision
    assert made["gates"][0]["waiver"] == {**WAIVER, "holds": decision == "approved"}


@pytest.mark.parametrize(
    "waiver", [{"reason": "why not", "name": "Ben"}, {**WAIVER, "until": "soon"}, {**WAIVER, "name": ""}]
)
def test_a_waiver_needs_reason_name_and_end(deciding, waiver):
    with pytest.raises(ValidationError):
        decided(deciding, {"bad": {"use": "findings", "waiver": waiver}})


def test_worst_slice_and_calibration(deciding):
    analyses = {
        "slices": {"metrics": {"worst": {"value": 0.6, "low": 0.5, "high": 0.65, "rows": 40}}},
        "calibration": {"metrics": {"error": 0.08, "chance": 0.03}},
    }
    rules = {
        "floor": {"use": "worst_slice", "at_least": 0.7},
        "calibrated": {"use": "calibration", "at_most": 0.1},
    }
    gates = {one["name"]: one["verdict"] for one in decided(deciding, rules, analyses=analyses)["decision"]["gates"]}
    assert gates == {"floor": "failed", "calibrated": "passed"}


def test_a_gate_over_what_is_not_there_names_what_is(deciding):
    with pytest.raises(RegrowError, match="roc_acu") as refused:
        decided(deciding, {"one": {"use": "bound", "metric": "roc_acu", "at_least": 0.1},
                           "two": {"use": "bound", "of": "slces", "metric": "x", "at_least": 0.1}})  # fmt: skip
    assert "did you mean 'roc_auc'" in str(refused.value)
    assert "gates.rules.two" in str(refused.value)


def test_it_cites_the_hashes_of_what_it_judged(deciding):
    judged = decided(deciding, {})["decision"]["judged"]
    assert judged["metrics"] == hashlib.sha256(dumps(METRICS).encode()).hexdigest()
    assert set(judged) == {"metrics", "of_examine", "examined"}


def test_the_section_says_in_a_sentence_what_matters(deciding):
    weak = {"code": "slices.weak.sex is b", "title": "As good where sex is b as elsewhere", "severity": "major",
            "verdict": "failed"}  # fmt: skip
    worth = {"code": "harm.value", "title": "Worth it", "severity": "critical", "verdict": "passed"}
    made = decided(deciding, {"g": {"use": "beats_guess"}}, [GOOD, weak, worth], question="Who pays late?")
    assert made["decision_section"]["blocks"][0]["text"] == (
        "Who pays late? The model may be used. It is better than a guess that looks at no feature. "
        "Its decisions are worth more than treating everybody the same. It is worse where sex is b."
    )
