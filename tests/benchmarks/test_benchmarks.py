"""The benchmarks run, and docs/benchmarks.md is what their figures say."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from benchmarks import tables
from benchmarks.flights import Flights
from benchmarks.goals import GOALS, Goal, met
from benchmarks.peers import dvc, regrow
from benchmarks.rounds import Row, measure
from benchmarks.shell import FailedError, Shell

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "docs/benchmarks/results.json"


def bench(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ})
    assert not check or done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done


CHEAP = ("--times", "1", "--rows", "500", "--largest", "10", "--no-peers", "--only")


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> Path:
    """One round of what is cheap, without other tools."""
    folder = tmp_path_factory.mktemp("bench")
    done = bench(*CHEAP, "b,stages,experiments", "--output", str(folder))
    assert "failed" not in done.stderr, done.stderr
    return folder


def parts(folder: Path) -> dict:
    return json.loads((folder / "benchmarks/results.json").read_text())["parts"]


def test_a_round_measures_regrow(measured):
    rows = {part: {row["who"]: row["seconds"] for row in found["rows"]} for part, found in parts(measured).items()}
    listed = ["regrow experiments, the first time", "regrow experiments"]
    found = {part: list(whos) for part, whos in rows.items()}
    assert found == {"b": ["regrow run"], "stages": ["regrow run"], "experiments": listed}
    assert all(len(seconds) == 1 and 0 < seconds[0] < 60 for found in rows.values() for seconds in found.values())


def test_the_page_shows_what_was_measured_and_what_was_not(measured):
    page = (measured / "benchmarks.md").read_text()
    (took,) = parts(measured)["stages"]["rows"][0]["seconds"]
    assert f"| 10 | {took:.3f} |" in page or f"| 10 | {took:.2f} |" in page
    assert "Not measured." in page
    assert sorted(file.name for file in (measured / "benchmarks").glob("*.svg")) == ["b.svg", "growth.svg"]


def test_another_run_leaves_the_other_parts_as_they_are(measured):
    before = parts(measured)
    bench(*CHEAP, "stages", "--times", "2", "--output", str(measured))
    after = parts(measured)
    assert after["b"] == before["b"]
    assert [len(row["seconds"]) for row in after["stages"]["rows"]] == [2]


def test_a_part_that_is_not_there_is_named():
    done = bench("--only", "g", check=False)
    assert done.returncode == 2
    assert "there is no 'g'" in done.stderr


def test_the_page_and_its_pictures_are_what_the_recorded_figures_draw(tmp_path):
    bench("--draw", "--output", str(tmp_path))
    drawn = {file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file()}
    assert Path("benchmarks.md") in drawn
    for file in drawn:
        assert (tmp_path / file).read_bytes() == (ROOT / "docs" / file).read_bytes(), (
            f"run make bench, or --draw: {file}"
        )
    shown = set(re.findall(r"!\[.*\]\((.*)\)", (ROOT / "docs/benchmarks.md").read_text()))
    assert shown == {file.as_posix() for file in drawn if file.suffix == ".svg"}
    kept = {file.name for file in RECORDED.parent.iterdir()}
    assert kept == {Path(name).name for name in shown} | {RECORDED.name}


def test_every_goal_has_its_line_on_the_page():
    """Those of parts that were not measured since the goal was set say so; no other does."""
    page = (ROOT / "docs/benchmarks.md").read_text()
    goals = page.partition("## What is to hold")[2].partition("## ")[0]
    rows = re.findall(r"^\| (.*) \| ([0-9.]*(?: s)?) \| .* \| (yes|\*\*no\*\*|not measured) \|$", goals, re.MULTILINE)
    assert [text for text, _, _ in rows] == [goal.text for goal in GOALS]
    measured = json.loads(RECORDED.read_text())["parts"]
    there = {(part, row["who"]) for part, found in measured.items() for row in found["rows"]}
    without = [goal.text for goal in GOALS if (goal.part, goal.ours) not in there]
    assert [text for text, _, met in rows if met == "not measured"] == without


def results(part: str, **seconds: float) -> dict:
    """What a run wrote down of one part, by who."""
    rows = [{"who": who, "what": "", "seconds": [taken] * 3} for who, taken in seconds.items()]
    return {"parts": {part: {"rows": rows}}}


def goal(text: str) -> Goal:
    (found,) = (one for one in GOALS if text in one.text)
    return found


def test_goals_hold_up_to_their_limit():
    replayed = goal("a replay, to")
    assert (replayed.at_most, replayed.part) == (1.3, "flights")
    for seconds, holds in ((1.3, True), (1.31, False)):
        assert met(replayed, results("flights", **{replayed.ours: seconds, replayed.theirs: 1.0})) is holds
    first = goal("first stage starts")
    for seconds, holds in ((1.5, True), (1.6, False)):
        assert met(first, results("flights", **{first.ours: seconds})) is holds
    earlier = goal("an earlier value")
    for seconds, holds in ((0.9, True), (1.0, False)):
        assert met(earlier, results("f", **{earlier.ours: seconds, earlier.theirs: 1.0})) is holds
    assert met(first, results("f")) is None


def test_a_limit_in_seconds_is_shown_as_seconds():
    first = goal("first stage starts")
    shown = tables.of_goals(results("flights", **{first.ours: 1.234}))
    assert f"| {first.text} | 1.234 s | at most 1.5 s | yes |" in shown


@pytest.mark.parametrize("part", ["f", "flights"])
def test_goals_name_rows_that_their_part_measures(part, tmp_path):
    """A goal whose row has another name would never be measured."""
    if part == "flights":
        rows = Flights(Shell(tmp_path, {})).replayed()
    else:
        rows = [row for one in (regrow.Regrow, dvc.Dvc) for row in one.f(SimpleNamespace(shell=Shell(tmp_path, {})))]
    names = {row.who for row in rows}
    for one in GOALS:
        if one.part == part:
            assert {one.ours, one.theirs} - {""} <= names


def test_the_plain_script_does_what_the_stages_say(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    data = importlib.import_module("benchmarks.w1.data")
    for file in (*(ROOT / "benchmarks/w1/projects/plain").glob("*.py"), *(ROOT / "benchmarks/w1").glob("[ps]*.*")):
        shutil.copy(file, tmp_path)
    data.write(tmp_path / "data/raw/raw.csv", 500)
    subprocess.run([sys.executable, "script.py"], cwd=tmp_path, check=True)
    metrics = json.loads((tmp_path / "work/metrics.json").read_text())
    assert 0.6 < metrics["roc_auc"] < 1
    model = (tmp_path / "work/model.joblib").read_bytes()
    subprocess.run([sys.executable, "sweep.py", "2", "0.1", "0.2"], cwd=tmp_path, check=True)
    assert json.loads((tmp_path / "runs/0.1/metrics.json").read_text()) == metrics
    assert (tmp_path / "runs/0.2/model.joblib").read_bytes() != model


def test_one_that_fails_is_tried_once_more():
    def failing(rounds: set[int]):
        def take(number: int) -> float:
            if number in rounds:
                raise FailedError(f"in round {number}")
            return float(number)

        return take

    once, again, never = Row("once", failing({1})), Row("again", failing({0, 2})), Row("never", failing(set()))
    measure("x", [once, again, never], 4)
    assert (once.seconds, once.failed) == ([0.0, 2.0, 3.0], "in round 1")
    assert (again.seconds, again.failed) == ([1.0], "in round 2")
    assert (never.seconds, never.failed) == ([0.0, 1.0, 2.0, 3.0], "")
