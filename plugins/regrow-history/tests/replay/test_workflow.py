"""The workflow of a generated project: safe to run on a stranger's pull request, and its scripts do what they say."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[4]
FILE = ROOT / "template/project/{{cookiecutter.__folder}}/.github/workflows/ci.yml"
WORKFLOW = yaml.safe_load(FILE.read_text(encoding="utf-8"))
STEPS = WORKFLOW["jobs"]["test"]["steps"]


def test_actions_are_pinned_by_commit_and_may_only_read():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert set(WORKFLOW["on"]) == {"push", "pull_request"}, "pull_request_target would hand a stranger the secrets"
    for line in re.findall(r"uses: .*", FILE.read_text(encoding="utf-8")):
        assert re.fullmatch(r"uses: actions/[a-z-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line), line


def test_no_script_holds_text_of_an_event():
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert len(scripts) > 5
    assert not [script for script in scripts if "${{" in script]


def test_the_head_is_checked_out_whole_and_without_credentials():
    given = STEPS[0]["with"]
    assert given["ref"] == "${{ github.event.pull_request.head.sha || github.sha }}"
    assert given["fetch-depth"] == 0
    assert given["persist-credentials"] is False


def test_its_make_tasks_are_the_projects():
    makefile = (FILE.parents[2] / "Makefile").read_text(encoding="utf-8")
    tasks = {step["run"].removeprefix("make ") for step in STEPS if step.get("run", "").startswith("make ")}
    assert tasks == {"setup", "lint", "check", "test"}
    assert tasks <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


class Runner:
    """Runs the scripts of the workflow as GitHub does, in a checkout."""

    def __init__(self, recorded):
        self.root, self.home = recorded.root, recorded.root.parent / "runner"
        programs = self.root / ".venv/bin"
        programs.mkdir(parents=True)
        real = Path(sys.executable).parent
        (programs / "dvc").symlink_to(real / "dvc")
        # In place of the environment that a generated project's lock makes: this project has none.
        (programs / "regrow").write_text(f'#!/bin/sh\nexec "{real}/regrow" "$@" --env current\n')
        (programs / "regrow").chmod(0o755)
        self.home.mkdir()
        self.environment = recorded.environment | {
            "RUNNER_TEMP": str(self.home),
            "GITHUB_OUTPUT": str(self.home / "output"),
            "GITHUB_STEP_SUMMARY": str(self.home / "summary"),
        }

    def script(self, name: str) -> subprocess.CompletedProcess:
        (step,) = [step for step in STEPS if step.get("name", "").startswith(name)]
        command = ["bash", "-e", "-c", step["run"]]
        return subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False)

    def outputs(self) -> dict[str, str]:
        file = self.home / "output"
        return dict(line.split("=", 1) for line in file.read_text().splitlines()) if file.exists() else {}

    def summary(self) -> str:
        assert self.script("Show").returncode == 0
        return (self.home / "summary").read_text()


@pytest.fixture
def runner(recorded) -> Runner:
    return Runner(recorded)


def test_the_python_is_the_one_of_the_fingerprints(runner):
    assert runner.script("Which Python").returncode == 0
    assert runner.outputs()["version"] == f"{sys.version_info.major}.{sys.version_info.minor}"


def test_before_the_first_compile_it_is_the_oldest_python(runner, recorded):
    recorded.run("git", "rm", "--quiet", "-r", "fingerprints")
    assert runner.script("Which Python").returncode == 0
    assert runner.outputs()["version"] == "3.11"


def test_without_a_remote_nothing_is_replayed_and_it_says_so(runner):
    done = runner.script("Data")
    assert done.returncode == 0, done.stderr
    assert "dvc remote add" in done.stdout
    assert runner.outputs() == {}
    assert "Not replayed" in runner.summary()


def test_a_pull_request_is_replayed_from_the_remote(runner, recorded, tmp_path):
    recorded.run("dvc", "remote", "add", "--quiet", "--default", "storage", str(tmp_path / "remote"))
    recorded.run("dvc", "push", "--quiet")
    recorded.run("git", "commit", "--quiet", "--all", "--message", "a remote")
    (recorded.root / ".dvc/cache").rename(tmp_path / "not here")
    done = runner.script("Data")
    assert done.returncode == 0, done.stderr
    assert runner.outputs() == {"there": "true"}
    done = runner.script("Replay")
    assert done.returncode == 0, done.stderr
    assert json.loads((runner.home / "replay/replay.json").read_text())["exit_code"] == 0
    assert "identical" in runner.summary()
    assert "| score | metrics.json |" in runner.summary()


def test_a_result_that_does_not_come_out_fails_and_is_shown(runner, recorded):
    recorded.edit("metrics.json", "12.0", "12.5")
    recorded.run("git", "commit", "--quiet", "--all", "--message", "a better metric")
    assert runner.script("Replay").returncode == 2
    assert "metrics.json" in runner.summary()
