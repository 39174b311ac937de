"""The evidence of the ML Test Score in a governed project: it is computed, and gone when what it stands on is gone."""

import datetime
import hashlib
import json
import os
from pathlib import Path

import governed
import pytest

from regrow import RegrowError
from regrow.compile.pipeline import Pipeline
from regrow.plugin.project import open_project
from regrow.tools import git
from regrow_govern.readiness import data, infrastructure, model, monitoring, notes, rubric, score
from regrow_govern.readiness.case import Case, LackingError

TODAY = datetime.datetime.now(datetime.UTC).date()


@pytest.fixture(autouse=True)
def back(monkeypatch):
    """Commands run in the project, so tests do, and go back."""
    monkeypatch.chdir(Path.cwd())


def case(project: governed.Governed, days: int = 0) -> Case:
    """The project as it lies, so many days from now."""
    os.chdir(project.root)
    pipeline = Pipeline.load(open_project(project.root))
    return Case(pipeline, git.resolve(project.root, "HEAD") or "", TODAY + datetime.timedelta(days=days))


def test_a_finding_that_failed_or_had_too_few_rows_is_no_evidence(made):
    with pytest.raises(LackingError, match=r"security.membership: not enough data"):
        data.privacy(case(made))
    with pytest.raises(LackingError, match=r"ready.inclusion.night: failed"):
        model.inclusion(case(made))


def test_there_are_four_times_seven_tests_and_each_says_what_to_do():
    listed = rubric.tests()
    assert [sum(one.section == section for one in listed) for section in rubric.SECTIONS] == [7, 7, 7, 7]
    assert len({one.key for one in listed}) == len({one.asks for one in listed}) == 28
    assert all(one.ways and one.fix for one in listed)


WAYS = (
    data.schema, data.cost, data.allowed, data.tested, model.ageing,
    infrastructure.replayed, infrastructure.refitted, infrastructure.decided, infrastructure.followed,
    infrastructure.drilled, monitoring.guarded, monitoring.no_skew, monitoring.fresh, monitoring.stable,
)  # fmt: skip


def test_what_a_run_and_a_drill_left_is_evidence_with_the_hash_of_its_bytes(made):
    here = case(made)
    for way in WAYS:
        proof = way(here)
        assert proof.said, way
        assert proof.evidence, way
        for one in proof.evidence:
            assert hashlib.sha256((made.root / one.path).read_bytes()).hexdigest() == one.sha256
            assert one.day <= TODAY


@pytest.mark.parametrize(
    ("path", "ways"),
    [
        ("findings/assumptions.json", [data.schema]),
        ("findings/readiness.json", [model.ageing, infrastructure.refitted]),
        ("models/bundle.bundle", [data.cost, infrastructure.followed, infrastructure.drilled, monitoring.guarded,
                                  monitoring.no_skew, monitoring.stable]),
        ("decision.json", [infrastructure.decided]),
        ("governance/drill.json", [infrastructure.drilled]),
        ("governance/replay/replay.json", [infrastructure.replayed]),
        ("models/model.skops", [monitoring.fresh]),
    ],
)  # fmt: skip
def test_evidence_that_is_gone_or_changed_is_none(project, path, ways):
    file = project.root / path
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b" ")
    for way in ways:
        with pytest.raises((LackingError, RegrowError, ValueError)):
            way(case(project))
    file.unlink()
    for way in ways:
        with pytest.raises((LackingError, RegrowError)):
            way(case(project))
    file.write_bytes(whole)
    for way in ways:
        assert way(case(project)).evidence


def test_a_record_that_is_not_committed_is_none(project):
    file = project.root / "hashes/validate.json"
    file.write_text(file.read_text() + "\n")
    with pytest.raises(LackingError, match=r"hashes/validate.json is edited"):
        data.schema(case(project))


def test_without_the_plugin_there_is_no_evidence(project):
    text = (project.root / "pyproject.toml").read_text()
    project.write("pyproject.toml", text.replace('"govern", "serve"]', '"govern"]'))
    for way in (monitoring.guarded, monitoring.no_skew, infrastructure.followed, data.cost):
        with pytest.raises(LackingError, match="no stage of this project makes bundle"):
            way(case(project))


def test_evidence_ages(made):
    with pytest.raises(LackingError, match=r"91 days old, and 90 are the most"):
        infrastructure.drilled(case(made, 91))
    with pytest.raises(LackingError, match=r"366 days old, and 365 are the most"):
        monitoring.fresh(case(made, 366))


def test_a_leak_that_reaches_the_model_is_named(project):
    text = (project.root / "conf/config.yaml").read_text()
    assert "- late_already" in text
    project.write("conf/config.yaml", text.replace("- late_already", "- late_already\n  - fuel"))
    with pytest.raises(LackingError, match="fuel reaches the model"):
        data.allowed(case(project))


def test_raw_data_in_git_are_not_private(project):
    project.run("git", "add", "--force", "data/raw/flights.csv")
    project.commit("by mistake")
    with pytest.raises(LackingError, match=r"data/raw/flights.csv lies in Git"):
        data.privacy(case(project))


def test_a_workflow_counts_for_what_it_runs_and_not_for_what_it_says(project):
    path = ".github/workflows/ci.yml"
    steps = "      - name: regrow replay HEAD\n        run: |\n          # regrow replay HEAD\n          true\n"
    project.write(path, f"jobs:\n  test:\n    steps:\n{steps}")
    project.commit("a workflow that does nothing")
    with pytest.raises(LackingError, match="no workflow"):
        case(project).workflow("regrow", "replay", "HEAD")
    project.write(path, f"jobs:\n  test:\n    steps:\n{steps.replace('true', '.venv/bin/regrow replay HEAD')}")
    project.commit("a workflow that replays")
    assert case(project).workflow("regrow", "replay", "HEAD").path == path


def test_a_review_is_one_by_another(promoted, project):
    assert (
        "(data-scientist)" in model.reviewed(case(promoted)).said
        or "(risk-manager)" in model.reviewed(case(promoted)).said
    )
    with pytest.raises(LackingError, match="nobody but its author"):
        model.reviewed(case(project))
    project.write("src/served/more.py", '"""More."""\n')
    project.commit("More\n\nReviewed-by: T <t@e>")
    with pytest.raises(LackingError, match="nobody but its author"):
        model.reviewed(case(project))
    project.write("src/served/more.py", '"""Still more."""\n')
    project.commit("More\n\nReviewed-by: Rob <rob@example.org>")
    assert "rob@example.org" in model.reviewed(case(project)).said


NOTE = {
    "test": "data.6",
    "by": "T <t@e>",
    "date": TODAY.isoformat(),
    "reason": "added the column fuel in half a day, see the log",
}


def by_hand(project: governed.Governed, **changes: object):
    project.put("governance/readiness/quickly.yaml", {**NOTE, **changes})
    project.commit("a note")
    return notes.read(case(project), {"data.6"})


def test_a_note_counts_half_where_git_or_a_key_vouches_for_who_wrote_it(project):
    found, refused = by_hand(project)
    assert found["data.6"].how == "committed by t@e"
    assert not refused
    found, refused = by_hand(project, by="Ann <ann@example.org>")
    assert not found
    assert "let them commit or sign it" in refused["data.6"]
    file = project.root / "governance/readiness/quickly.yaml"
    project.run("ssh-keygen", "-q", "-Y", "sign", "-f", project.key("ann"), "-n", "regrow-approval", str(file))
    project.commit("signed by Ann")
    found, _ = notes.read(case(project), {"data.6"})
    assert found["data.6"].how == "signed by ann@example.org"
    file.write_text(file.read_text().replace("half a day", "an hour"))
    project.commit("a byte changed")
    found, refused = notes.read(case(project), {"data.6"})
    assert not found
    assert "verified" in refused["data.6"]


def test_a_note_ends_and_a_note_of_nothing_is_an_error(project):
    _, refused = by_hand(project, date="2020-01-01")
    assert "counted until 2020-12-31" in refused["data.6"]
    with pytest.raises(RegrowError, match=r"'data.6' is no test"):
        notes.read(case(project), {"data.1"})
    with pytest.raises(RegrowError, match=r"quickly.yaml: reason"):
        by_hand(project, reason="yes")


def test_the_score_is_the_least_of_the_four_and_a_note_is_half(project):
    project.put("governance/readiness/quickly.yaml", NOTE)
    project.commit("a note")
    told = json.loads(project.run("regrow", "readiness", "--json"))
    by_key = {one["test"]: one for one in told["tests"]}
    points = {"automatic": 1.0, "by hand": 0.5, "no": 0.0}
    for section in rubric.SECTIONS:
        mine = [points[one["status"]] for key, one in by_key.items() if key.startswith(f"{section}.")]
        assert told["sections"][section] == sum(mine)
    assert told["score"] == min(told["sections"].values())
    assert by_key["data.6"]["status"] == "by hand"
    assert by_key["data.6"]["evidence"][0]["age"] == 0
    assert all(one["fix"] for one in told["tests"] if one["status"] != "automatic")
    text = project.run("regrow", "readiness", "--at-least", "7", code=1)
    assert "the score is" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_fault_in_evidence_is_told_and_is_no_crash(project):
    project.write("governance/drill.json", "[1]\n")
    project.commit("a drill of another form")
    made = score.assess(open_project(project.root), TODAY)
    (drilled,) = [one for one in made.verdicts if one.test.key == "infrastructure.6"]
    assert drilled.status == "no"
    assert "drill.json" in drilled.said
