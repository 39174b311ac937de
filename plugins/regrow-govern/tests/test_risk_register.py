"""governance/risk.yaml: the four questions stay, tiers are computed, and what is wrong has its place."""

import datetime

import pytest
import yaml

from regrow import RegrowError
from regrow_govern import governance, scaffold
from regrow_govern.mitigations import of_risk, unanswered
from regrow_govern.risk_register import Register, Risk

TODAY = datetime.date(2026, 11, 29)


def register(change=lambda content: None) -> Register:
    content = yaml.safe_load(scaffold.files()[governance.RISK])
    change(content)
    return governance.parse(yaml.safe_dump(content), governance.RISK, Register)


def test_the_scaffold_asks_the_four_questions_and_none_is_answered():
    found = register()
    assert [name for name, _ in found.all()] == ["unavailable", "bad_prediction", "decay", "lost_skills"]
    assert len([*unanswered(found)]) == 4
    assert found.tier == 1


def test_a_question_can_not_be_taken_out():
    with pytest.raises(RegrowError, match=r"questions.decay: is missing: it can be answered, and not be taken out"):
        register(lambda content: content["questions"].pop("decay"))


def test_a_question_can_not_be_reworded():
    with pytest.raises(RegrowError, match="decay: the question was reworded; it can only be answered"):
        register(lambda content: content["questions"]["decay"].update(question="Nothing, is it?"))


@pytest.mark.parametrize(("severity", "likelihood", "tier"), [(1, 1, 3), (2, 2, 3), (3, 2, 2), (4, 3, 1), (5, 1, 1)])
def test_the_tier_is_computed(severity, likelihood, tier):
    assert Risk(question="?", severity=severity, likelihood=likelihood).tier == tier


def test_a_severity_beyond_five_is_refused_with_its_place():
    with pytest.raises(RegrowError, match="questions.decay.severity"):
        register(lambda content: content["questions"]["decay"].update(severity=6))


def test_a_mitigation_names_exactly_one_thing():
    with pytest.raises(RegrowError, match="names exactly one of gate, check, drill, monitor"):
        register(lambda content: content["questions"]["decay"].update(mitigation={"gate": "a", "drill": "b"}))


@pytest.mark.parametrize("written", ["2027-06-30", datetime.date(2027, 6, 30)])
def test_a_date_may_be_quoted(written):
    found = register(lambda content: content["questions"]["decay"].update(review=written))
    assert found.questions.decay.review == datetime.date(2027, 6, 30)


def test_a_review_that_is_over_is_told():
    over = Risk(question="?", review=datetime.date(2026, 11, 28), owner="Ann")
    assert "was to be reviewed by 2026-11-28 (Ann)" in str(next(of_risk("r", over, None, TODAY)))
    today = Risk(question="?", review=TODAY)
    assert not [*of_risk("r", today, None, TODAY)]
