"""Stages side by side: what needs nothing of one another overlaps, and all is recorded as if they had run in turn."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

# Each of the first three waits until all three are there: one after the other they would wait for ever.
MEET = """
import os, pathlib, sys, time
name, here, number = sys.argv[1], pathlib.Path("meet"), int(sys.argv[2])
(here / name).write_text("x")
end = time.monotonic() + float(os.environ.get("PATIENCE", 20))
while len(list(here.iterdir())) < number:
    if time.monotonic() > end:
        sys.exit(f"{name} is alone")
    time.sleep(0.01)
if name in sys.argv[3:]:
    sys.exit(f"{name} fails")
pathlib.Path(f"{name}.txt").write_text(name)
"""
JOIN = "cat c.txt a.txt b.txt > all.txt"
DVC = [sys.executable, "-c", "import sys; from regrow.tools import dvc\nfrom pathlib import Path\n"
       "sys.exit(dvc.run(sys.argv[2:], Path.cwd(), int(sys.argv[1])))"]  # fmt: skip


@dataclass
class Pipeline:
    """c, a and b, in this order in dvc.yaml, and `all` of them."""

    root: Path
    environment: dict[str, str]

    def write(self, number: int = 3, fails: str = "") -> None:
        cmd = "python meet.py"
        more = "    deps: [meet.py]\n"
        stages = [
            f"  {name}:\n    cmd: {cmd} {name} {number} {fails}\n{more}    outs: [{name}.txt]\n" for name in "cab"
        ]
        last = f"  all:\n    cmd: {JOIN}\n    deps: [a.txt, b.txt, c.txt]\n    outs: [all.txt]\n"
        (self.root / "dvc.yaml").write_text("stages:\n" + "".join([*stages, last]))

    def dvc(self, jobs: int, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        for file in (self.root / "meet").iterdir():
            file.unlink()
        command = [*DVC, str(jobs), *arguments]
        environment = {**self.environment, **environment}
        return subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    @property
    def lock(self) -> str:
        file = self.root / "dvc.lock"
        return file.read_text() if file.exists() else ""


@pytest.fixture
def pipeline(environment, tmp_path) -> Pipeline:
    root = tmp_path / "ü x"
    (root / "meet").mkdir(parents=True)
    (root / "meet.py").write_text(MEET)
    subprocess.run([sys.executable, "-m", "dvc", "init", "--no-scm", "-q"], cwd=root, env=environment, check=True)
    made = Pipeline(root, environment)
    made.write()
    return made


def test_they_overlap_and_the_lock_is_dvcs_own_to_the_byte(pipeline):
    done = pipeline.dvc(3, "repro")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (pipeline.root / "all.txt").read_text() == "cab"
    lock = pipeline.lock
    (pipeline.root / "dvc.lock").unlink()  # all three have met: nobody waits for another any more
    command = ["dvc", "repro", "--no-run-cache"]
    subprocess.run(command, cwd=pipeline.root, env=pipeline.environment, capture_output=True, check=True)
    assert pipeline.lock == lock


def test_no_more_than_asked_for(pipeline):
    done = pipeline.dvc(2, "repro", PATIENCE="1")
    assert done.returncode == 255
    assert "is alone" in done.stderr
    assert not (pipeline.root / "all.txt").exists()


def test_what_runs_beside_a_failure_is_recorded_and_nothing_begins_any_more(pipeline):
    pipeline.write(fails="a")
    done = pipeline.dvc(3, "repro")
    assert done.returncode == 255
    assert "failed to reproduce 'a'" in done.stderr
    assert "Running stage 'all'" not in done.stdout
    assert [name for name in "abc" if f"  {name}:" in pipeline.lock] == ["b", "c"]
    assert pipeline.lock.index("  c:") < pipeline.lock.index("  b:")
    pipeline.write(number=1)
    again = pipeline.dvc(3, "repro")
    assert again.returncode == 0
    assert (pipeline.root / "all.txt").exists()


def test_both_failures_are_told(pipeline):
    pipeline.write(fails="a b")
    done = pipeline.dvc(3, "repro")
    assert "failed to reproduce 'a'" in done.stderr
    assert "meet.py b 3 a b" in done.stderr


@pytest.mark.parametrize("way", ["--keep-going", "--ignore-errors"])
def test_going_on_after_a_failure_is_as_under_dvc(pipeline, way):
    pipeline.write(fails="a")
    done = pipeline.dvc(3, "repro", way)
    assert (done.returncode == 0) == (way == "--ignore-errors"), done.stderr
    tried = "a.txt' (ignored)" in done.stderr  # by the stage that needs it
    assert tried == (way == "--ignore-errors")


def test_dry_and_single_items_are_dvcs_own(pipeline):
    done = pipeline.dvc(3, "repro", "--dry")
    assert done.stdout.count("Running stage") == 3
    assert "a.txt" in done.stderr  # which a dry run does not make
    assert pipeline.lock == ""
    pipeline.write(number=1)
    assert "Running stage 'a'" in pipeline.dvc(3, "repro", "--single-item", "a").stdout
    assert "Running stage" not in pipeline.dvc(3, "repro", "a").stdout


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_end_from_outside_leaves_nothing_running_and_the_next_just_works(pipeline, how):
    pipeline.write(number=4)  # they wait for a fourth
    command = [*DVC, "3", "repro"]
    process = subprocess.Popen(
        command, cwd=pipeline.root, env=pipeline.environment, start_new_session=True, stdout=-3, stderr=-3
    )
    while len(list((pipeline.root / "meet").iterdir())) < 3:
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, how)
    assert process.wait(10) != 0
    assert pipeline.lock == ""
    pipeline.write(number=1)
    done = pipeline.dvc(3, "repro")
    assert done.returncode == 0, done.stderr
