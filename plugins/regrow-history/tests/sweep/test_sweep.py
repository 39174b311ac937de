"""Many experiments at once: each is what DVC itself would have made, and none knows of the others."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests import shared
from tests.repository import Repository
from tests.shared import warm_server


@pytest.fixture(scope="module")
def home(made, tmp_path_factory) -> Iterator[Path]:
    """A REGROW_HOME with a warm server, which the next test finds again; no other file's tests work there."""
    place = tmp_path_factory.mktemp("home")
    with warm_server(made.environment | {"REGROW_HOME": str(place)}):
        yield place


@pytest.fixture(scope="module")
def counting(made, home, tmp_path_factory) -> Repository:
    """The stage `make` leaves a letter in a file beside the project each time; with rows 13 it fails, 17 takes long."""

    folder = tmp_path_factory.mktemp("counting")
    project = replace(copied(made, folder), environment=made.environment | {"REGROW_HOME": str(home)})
    code = f"open({str(folder / 'count')!r}, 'a').write('x')\n    start = int"
    mended = f"__import__('os').path.exists({str(folder / 'mended')!r})"
    more = f"    if settings.rows == 13 and not {mended}: raise ValueError('thirteen')\n"
    more += "    if settings.rows == 17: __import__('time').sleep(60)\n"
    project.edit(project.code("work"), "    start = int", f"{more}    {code}")
    project.edit("conf/config.yaml", "compute:\n", "compute:\n  io: none\n")
    project.reproduce("counting")
    return project


def copied(project: Repository, folder: Path) -> Repository:
    return replace(project, root=shared.copied(project.root, folder))


@pytest.fixture
def project(counting, tmp_path) -> Repository:
    (counting.root.parent / "count").write_text("")
    return copied(counting, tmp_path)


def count(counting: Repository) -> int:
    return len((counting.root.parent / "count").read_text())


def experiments(project: Repository) -> dict[str, str]:
    """Name -> commit."""
    told = project.run("git", "for-each-ref", "--format=%(objectname) %(refname)", "refs/exps").stdout
    return {line.rpartition("/")[2]: line.split()[0] for line in told.splitlines() if "/exec/" not in line}


def users(project: Repository) -> dict[str, str]:
    """All that is the user's, but for experiments and new objects."""
    added = (".git/objects", ".git/refs/exps", ".git/refs/regrow", ".dvc/cache")
    return {name: state for name, state in project.state().items() if not name.startswith(added)}


def test_what_ran_before_is_taken_from_the_run_cache_if_it_is_whole(project, counting):
    def told(commit: str) -> str:
        return project.run("git", "show", f"{commit}:dvc.lock").stdout.partition("  make:")[2]

    project.edit("conf/config.yaml", "rows: 5", "rows: 8")
    eight = told(project.reproduce("eight"))
    project.edit("conf/config.yaml", "rows: 8", "rows: 5")
    project.reproduce("five again")
    assert count(counting) == 1
    project.run("regrow", "sweep", "rows=8,9", "--name", "s")
    assert count(counting) == 2
    assert told(experiments(project)["s-1"]) == eight
    found = re.search(r"path: data/table.parquet\n +hash: md5\n +md5: (\w+)", eight)
    assert found
    kept = project.object(found[1])
    whole = kept.read_bytes()
    kept.chmod(0o644)
    kept.write_bytes(whole[::-1])
    project.run("regrow", "sweep", "rows=8,9", "--name", "t")
    assert count(counting) == 3, "that of nine rows is whole"
    assert kept.read_bytes() == whole
    assert told(experiments(project)["t-1"]) == eight


def test_each_is_what_dvc_would_have_made(project, counting):
    before = users(project)
    done = project.run("regrow", "sweep", "rows=6,7", "title=one,two", "--name", "s", "--json")
    assert count(counting) == 2, "the first stage has no title: it runs once for both"
    assert users(project) == before
    rows = {row["experiment"]: row for row in json.loads(done.stdout)}
    assert set(rows) == {"s-1", "s-2", "s-3", "s-4"} == set(experiments(project))
    assert rows["s-4"]["values"]["rows"] == 7
    assert rows["s-4"]["values"]["title"] == "two"
    assert rows["s-1"]["values"]["mean"] != rows["s-4"]["values"]["mean"]
    assert "4/4 s-" in done.stderr

    assert "s-3" in project.run("dvc", "exp", "list").stdout
    project.run("dvc", "exp", "run", "--quiet", "--force", "--name", "dvcs", "-S", "rows=7", "-S", "title=two")
    theirs, ours = (experiments(project)[name] for name in ("dvcs", "s-4"))
    assert project.run("git", "diff", "--stat", theirs, ours).stdout == ""
    project.run("git", "checkout", "--quiet", ".")
    project.run("dvc", "exp", "apply", "s-3")
    assert "up to date" in project.run("dvc", "status").stdout
    assert "up to date" in project.run("dvc", "repro").stdout
    project.run("dvc", "repro", "--force", "--single-item", "make", "score")
    same = project.run("git", "diff", "--stat", experiments(project)["s-3"], "--", "dvc.lock", "metrics.json")
    assert same.stdout == ""


def test_each_replays_bit_for_bit(project):
    project.run("regrow", "sweep", "rows=6", "metric=top", "--name", "r")
    said = project.run("regrow", "replay", "r-1", "--env", "current").stdout
    assert re.search(r"(\d+) of \1 outputs identical", said)
    assert "is as recorded" in project.run("regrow", "verify", "r-1").stdout


def test_what_is_as_in_the_commit_is_not_run_at_all(project, counting):
    project.run("regrow", "sweep", "title=three", "--name", "t")
    assert count(counting) == 0


def test_a_failing_experiment_is_recorded_with_its_reason_and_the_others_go_on(project, counting):
    asked = ("regrow", "sweep", "rows=6,13,7", "title=one,two", "--name", "f", "--json")
    done = project.run(*asked, code=1)
    assert set(experiments(project)) == {"f-1", "f-2", "f-5", "f-6"}
    assert done.stderr.count("thirteen") == 2
    assert "f-3, rows=13 title=one: failed" in done.stderr
    assert "Traceback" not in done.stderr
    rows = json.loads(done.stdout)
    failed = {row["experiment"]: row for row in rows if "failed" in row}
    assert set(failed) == {"f-3", "f-4"} == {row["experiment"] for row in rows[-2:]}
    assert "ValueError: thirteen" in failed["f-4"]["failed"]
    assert (failed["f-4"]["values"]["rows"], failed["f-4"]["values"]["title"]) == (13, "two")
    assert project.run("dvc", "exp", "list", "--name-only").stdout.split() == ["f-1", "f-2", "f-5", "f-6"]
    kept = json.loads(project.run("regrow", "ls", "--failed", "--json").stdout)
    assert [row for row in kept if "failed" in row] == list(failed.values())

    project.run(*asked, "--resume", code=1)
    assert set(experiments(project)) == {"f-1", "f-2", "f-5", "f-6"}
    (counting.root.parent / "mended").touch()
    try:
        again = json.loads(project.run(*asked, "--resume").stdout)
    finally:
        (counting.root.parent / "mended").unlink()
    assert not [row for row in again if "failed" in row]
    assert project.run("git", "for-each-ref", "refs/regrow").stdout == ""


def test_the_commit_of_one_that_failed_fails_the_same_way(project):
    (row,) = json.loads(project.run("regrow", "sweep", "rows=13", "--json", code=1).stdout)
    project.run("git", "checkout", "--quiet", row["commit"])
    assert "thirteen" in project.run("dvc", "repro", code=255).stderr


def test_what_a_stage_touches_undeclared_is_told_once(project):
    project.edit("conf/config.yaml", "io: none", "io: warn")
    project.edit(project.code("work"), "    start = int", "    open('left', 'w').write('x')\n    start = int")
    project.reproduce("writes")
    project.run("git", "rm", "--quiet", "--cached", "left")
    project.commit("without it")
    said = project.run("regrow", "sweep", "rows=6,7").stderr
    assert said.count("writes left, which it did not declare") == 1
    assert "makes=[..., Artifact(" in said


def test_edits_made_meanwhile_are_no_part_of_it(project):
    slow = "    __import__('time').sleep(1)\n    start = int"
    project.edit(project.code("work"), "    start = int", slow)
    project.reproduce("slow")
    command = [sys.executable, "-m", "regrow", "sweep", "rows=6,7,8", "--name", "e", "--workers", "1", "--json"]
    out, error = subprocess.PIPE, subprocess.PIPE
    process = subprocess.Popen(command, cwd=project.root, env=project.environment, stdout=out, stderr=error, text=True)
    assert process.stderr
    assert "e-1 done" in next(line for line in process.stderr if " next: " not in line)
    project.edit(project.code("work"), "start + n", "start - n")
    project.edit("conf/config.yaml", "seed: 1", "seed: 2")
    project.write("data/raw/x.txt", "99\n")
    project.run("git", "add", "--all")
    project.commit("meanwhile")
    printed, said = process.communicate()
    assert process.returncode == 0, said
    rows = json.loads(printed)
    assert [row["experiment"] for row in rows] == ["e-3", "e-2", "e-1"]
    means = [row["values"]["mean"] for row in rows]
    assert means == sorted(means, reverse=True)
    assert len(set(means)) == 3
    assert project.run("git", "diff", "--stat", "HEAD~1", experiments(project)["e-3"], "--", "src", "conf").stdout == ""


@pytest.mark.parametrize("cold", ["", "1"])
def test_a_killed_sweep_leaves_nothing_and_is_resumed(project, counting, cold):
    environment = project.environment | ({"REGROW_COLD": cold} if cold else {})
    arguments = ["sweep", "rows=6,17", "--name", "k", "--workers", "1"]
    command = [sys.executable, "-m", "regrow", *arguments]
    process = subprocess.Popen(command, cwd=project.root, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    assert "k-1 done" in next(line for line in process.stderr if " next: " not in line)
    give_up = time.monotonic() + 20
    while not working(project) and time.monotonic() < give_up:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT if cold else signal.SIGKILL)
    process.communicate(timeout=20)
    give_up = time.monotonic() + 5
    while (left := working(project)) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not left
    assert set(experiments(project)) == {"k-1"}
    project.edit(project.code("work"), "sleep(60)", "sleep(0)")
    said = project.run("regrow", *arguments, "--resume", code=1).stderr
    assert "experiment k-1: is there already, with other settings or edits" in said
    project.run("git", "checkout", "--quiet", "--", "src")
    again = project.run("regrow", "sweep", "rows=6,8", "--name", "k", code=1).stderr
    assert "--resume" in again
    project.run("regrow", "sweep", "rows=6,8", "--name", "k", "--resume")
    assert set(experiments(project)) == {"k-1", "k-2"}
    assert list((Path(project.environment["REGROW_HOME"]) / "replays").iterdir()) == []


def working(project: Repository) -> list[str]:
    """The processes that work below this project's home."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            place = (entry / "cwd").readlink()
        except OSError:
            continue
        if place.is_relative_to(project.environment["REGROW_HOME"]) and entry.name != str(os.getpid()):
            found.append(entry.name)
    return found


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["rows=6,x"], 1, "rows=x: "),
        (["metric=mean,tpo"], 1, "top"),
        (["rwos=1,2"], 1, "did you mean 'rows'"),
        (["rows=interval(1,2)"], 1, "has no end"),
        ([], 1, "nothing to vary"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(project, counting, arguments, code, told):
    done = project.run("regrow", "sweep", *arguments, code=code)
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert count(counting) == 0
    assert experiments(project) == {}


def test_edits_of_tracked_files_are_in_its_experiments(project, counting):
    project.edit("conf/config.yaml", "seed: 1", "seed: 3")
    project.edit("src/smallreplay/work.py", "start + n", "start + 2 * n")
    project.write("conf/metric/low.yaml", "use: mean\n")
    project.run("git", "add", "conf/metric/low.yaml")
    (project.root / "conf/experiment/.gitkeep").unlink()
    before = users(project)
    project.run("regrow", "sweep", "rows=6,7", "--name", "s")
    assert users(project) == before
    head = project.run("git", "rev-parse", "HEAD").stdout.strip()
    for name, commit in experiments(project).items():
        assert project.run("git", "rev-parse", f"{commit}^").stdout.strip() == head
        edited = project.run("git", "diff", "--name-status", head, commit, "--", "conf", "src").stdout.splitlines()
        assert {tuple(line.split("\t")) for line in edited} == {
            ("M", "conf/config.yaml"), ("D", "conf/experiment/.gitkeep"), ("A", "conf/metric/low.yaml"),
            ("M", "src/smallreplay/work.py"),
        }  # fmt: skip
        assert "as recorded" in project.run("regrow", "verify", name).stdout
        assert "identical" in project.run("regrow", "replay", name, "--env", "current").stdout
    assert project.run("regrow", "sweep", "rows=6,7", "--name", "s", "--resume", "--json").returncode == 0


def test_what_no_commit_could_hold_is_refused(project):
    project.write("conf/metric/low.yaml", "use: mean\n")
    done = project.run("regrow", "sweep", "rows=6", code=5)
    assert "conf/metric/low.yaml: is not in Git" in done.stderr
    assert "--allow-dirty" not in done.stderr


def test_csv_and_the_order(project):
    done = project.run("regrow", "sweep", "rows=7,6,8", "--csv")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [row["rows"] for row in rows] == ["8", "7", "6"]
    asked = ("--resume", "--csv", "--sort-by", "rows", "--sort-order", "asc")
    done = project.run("regrow", "sweep", "rows=7,6,8", *asked)
    assert [row["rows"] for row in csv.DictReader(done.stdout.splitlines())] == ["6", "7", "8"]
    assert all(re.fullmatch(r"sweep-[0-9a-f]{6}-\d", row["experiment"]) for row in rows)


def test_what_a_stage_leaves_behind_is_nobody_elses(project):
    leave = "    assert not __import__('os').path.exists('left'), 'left'\n"
    leave += "    open('left', 'w').write('x')\n    start = int"
    project.edit(project.code("work"), "    start = int", leave)
    project.reproduce("leaves")
    project.run("git", "rm", "--quiet", "left")
    project.commit("without it")
    project.run("regrow", "sweep", "rows=6,7,8", "--workers", "1", "--name", "l")
    assert len(experiments(project)) == 3


OWN = """\
stages:
  parts:
    cmd: mkdir -p parts && cp data/raw/x.txt parts/
    deps: [data/raw]
    outs: [parts{}]
  mine:
    cmd: cp {} mine.txt
    deps: [{}]
    outs: [mine.txt]
"""


@pytest.mark.parametrize(
    ("kept", "needs", "told"),
    [
        (": {cache: false}", "data/raw/x.txt", "a folder that Git keeps"),
        ("", "parts/x.txt", "a sweep takes wholes only"),
    ],
)
def test_what_a_sweep_cannot_do_is_said(project, kept, needs, told):
    text = OWN.format(kept, needs, needs).replace("[parts: {cache: false}]", "[{parts: {cache: false}}]")
    project.edit("dvc.yaml", "stages:\n", text)
    project.run("dvc", "repro", "--quiet")
    project.commit("own stages")
    said = project.run("regrow", "sweep", "rows=6", code=1).stderr
    assert told in said
    assert "dvc exp run --queue" in said
