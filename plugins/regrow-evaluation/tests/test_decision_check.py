"""What `regrow decision check` refuses by name: forged numbers, stale decisions, waivers that have ended."""

import datetime
import hashlib
from dataclasses import replace

import pytest

from regrow import RegrowError
from regrow.artifacts.jsontext import dumps
from regrow.plugin.project import Project
from regrow_evaluation.decision_check import Files, checked
from regrow_evaluation.plugin import DECIDE, EVALUATE, REPORT, regrow_artifacts

TODAY = datetime.date(2026, 6, 1)
METRICS = {"roc_auc": 0.8}


def sha(value):
    return hashlib.sha256(dumps(value).encode()).hexdigest()


@pytest.fixture
def files():
    """A project's files by path: metrics and a decision about them, as their stages recorded them."""
    gate = {"name": "good", "waiver": {"reason": "new", "name": "Ann", "until": "2026-06-30", "holds": True}}
    decision = {"decision": "approved", "sentence": "approved: ", "gates": [gate], "judged": {"metrics": sha(METRICS)}}
    made = {"metrics.json": METRICS, "decision.json": decision}
    stages = {"evaluate": "metrics.json", "decide": "decision.json"}
    hashes = {f"hashes/{name}.json": {"outputs": {path: {"sha256": sha(made[path])}}} for name, path in stages.items()}
    return {**made, **hashes}


def told(files, tmp_path, today=TODAY):
    types = {one.name: one for one in regrow_artifacts()}
    stages = {
        one.name: replace(one, makes=[replace(made, kept=types.get(made.type)) for made in one.makes])
        for one in (EVALUATE, DECIDE, REPORT)
    }
    read = {path: value if isinstance(value, bytes) else dumps(value).encode() for path, value in files.items()}.get
    return [f"{one.where}: {one.wrong}" for one in checked(Files(Project(tmp_path), read, stages), today)[1]]


def test_what_is_as_it_was_judged_holds(files, tmp_path):
    assert told(files, tmp_path) == []


def test_a_forged_number_is_refused_by_the_name_of_its_file(files, tmp_path):
    files["metrics.json"] = {"roc_auc": 0.95}
    assert told(files, tmp_path) == [
        "metrics.json: is not what the stage evaluate made: a number or a word was changed afterwards"
    ]


def test_a_forged_number_in_the_card_is_refused_by_the_name_of_its_file(files, tmp_path):
    made = b"roc_auc: 0.8\n"
    recorded = {"sha256": hashlib.sha256(made).hexdigest()}
    files |= {"card.md": made, "hashes/report.json": {"outputs": {"card.md": recorded}}}
    assert told(files, tmp_path) == []
    files["card.md"] = b"roc_auc: 0.9\n"
    assert told(files, tmp_path) == [
        "card.md: is not what the stage report made: a number or a word was changed afterwards",
        "card.md: says what no artifact holds: roc_auc: 0.9",
    ]


def test_a_forged_decision_is_refused(files, tmp_path):
    files["decision.json"] = {**files["decision.json"], "decision": "refused"}
    assert told(files, tmp_path)[0].startswith("decision.json: is not what the stage decide made")


def test_a_stale_decision_is_refused(files, tmp_path):
    files["metrics.json"] = {"roc_auc": 0.7}
    files["hashes/evaluate.json"]["outputs"]["metrics.json"]["sha256"] = sha({"roc_auc": 0.7})
    assert told(files, tmp_path) == [
        "decision.json: the decision is stale: it judged another metrics.json than the stage evaluate made"
    ]


def test_a_waiver_is_refused_from_the_day_after_its_last(files, tmp_path):
    assert told(files, tmp_path, datetime.date(2026, 6, 30)) == []
    assert told(files, tmp_path, datetime.date(2026, 7, 1)) == [
        "decision.json: the waiver of good ended on 2026-06-30 (Ann: new)"
    ]


def test_without_a_decision_it_says_how_to_make_one(tmp_path):
    with pytest.raises(RegrowError, match="there is no decision"):
        checked(Files(Project(tmp_path), lambda path: None, {}), TODAY)
