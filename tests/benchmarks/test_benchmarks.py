"""The benchmarks run, and docs/benchmarks.md is what their figures say."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.rounds import Row, measure
from benchmarks.shell import FailedError

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


def test_every_goal_was_measured():
    page = (ROOT / "docs/benchmarks.md").read_text()
    goals = page.partition("## What is to hold")[2].partition("## ")[0]
    assert len(re.findall(r"^\| .* \| [0-9.]+ \| .* \| (?:yes|\*\*no\*\*) \|$", goals, re.MULTILINE)) == 10
    assert "not measured" not in goals


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
