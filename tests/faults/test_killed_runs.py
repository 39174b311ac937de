"""kill -9 in the middle of `regrow run` and of `dvc repro`: the same command goes on, and nothing half is recorded."""

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.conftest import LONG
from tests.faults.world import copy, hold_up, leaks, left_in, processes_in, slow_down, start, wait_for
from tests.repository import Repository
from tests.shared import once

from regrow.base.yaml_files import read_yaml

KILLS, AT_ONCE = (200, 20) if LONG else (4, 4)
COMMANDS = (("regrow", "run"), ("dvc", "repro"))


@pytest.fixture(scope="session")
def before(made, tmp_path_factory) -> Repository:
    """All is committed, and every stage is to run."""

    def make(folder: Path) -> None:
        project = copy(made, folder)
        slow_down(project)
        project.edit("conf/config.yaml", "rows: 5", "rows: 9")
        project.edit("conf/config.yaml", 'title: "a title"', 'title: "another"')
        project.run("regrow", "compile")
        project.commit("to be run")

    return replace(made, root=once(tmp_path_factory, "before", make) / made.root.name)


@pytest.fixture(scope="session")
def undisturbed(before, tmp_path_factory) -> tuple[dict[str, bytes], float]:
    """What a run leaves that nobody kills, and the seconds that it takes."""

    def make(folder: Path) -> None:
        project = copy(before, folder)
        started = time.monotonic()
        project.run("regrow", "run")
        (folder / "seconds").write_text(f"{time.monotonic() - started}")

    folder = once(tmp_path_factory, "undisturbed", make)
    return results(replace(before, root=folder / before.root.name)), float((folder / "seconds").read_text())


def results(project: Repository) -> dict[str, bytes]:
    made = [project.root / path for path in re.findall(r"path: (\S+)", project.read("dvc.lock"))]
    files = [file for path in made for file in (path.rglob("*") if path.is_dir() else [path]) if file.is_file()]
    kept = [file for file in files if "__pycache__" not in file.parts]
    return {file.relative_to(project.root).as_posix(): file.read_bytes() for file in [*kept, project.root / "dvc.lock"]}


def corrupt(project: Repository) -> list[str]:
    """Objects of the cache that are not what their name says."""
    objects = [file for file in (project.root / ".dvc/cache/files/md5").glob("??/*") if file.is_file()]
    named = [file for file in objects if re.fullmatch(r"[0-9a-f]{30}(\.dir)?", file.name)]
    return [
        str(file)
        for file in named
        if hashlib.md5(file.read_bytes()).hexdigest() != file.parent.name + file.name.removesuffix(".dir")
    ]


def recorded_but_not_there(project: Repository) -> list[str]:
    """What dvc.lock newly names, and neither the cache nor a file in Git's hands has with those bytes."""
    known = _outs(project.run("git", "show", "HEAD:dvc.lock").stdout)
    return [
        path
        for path, md5 in _outs(project.read("dvc.lock"))
        if (path, md5) not in known and not project.object(md5).exists() and _md5(project.root / path) != md5
    ]


def _outs(lock: str) -> list[tuple[str, str]]:
    stages = (read_yaml(lock, "dvc.lock") or {}).get("stages") or {}
    return [(str(out["path"]), str(out["md5"])) for stage in stages.values() for out in stage.get("outs") or ()]


def _md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes()).hexdigest() if file.is_file() else ""


def killed(project: Repository, command: tuple[str, ...], after: float, whole: bool) -> None:
    """Start it, and kill it after so many seconds: the whole group, or the one process that was started."""
    process = start(project, *command)
    time.sleep(after)
    if whole:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def one_kill(number: int, before: Repository, expected: dict[str, bytes], longest: float, folder: Path) -> str:
    """What went wrong, "" if nothing did."""
    dice = random.Random(number)
    command, whole = COMMANDS[number % 2], number // 2 % 2 == 0
    after = dice.uniform(0, longest)
    told = f"kill {number}: {' '.join(command)}, {'group' if whole else 'parent'}, after {after:.2f} s: "
    folder = folder / str(number)
    folder.mkdir()
    project = copy(before, folder)
    killed(project, command, after, whole)
    wrong = [f"corrupt object {one}" for one in corrupt(project)]
    wrong += [f"{one} is recorded, and not there" for one in recorded_but_not_there(project)]
    again = project.run(*command, code=None)
    if again.returncode:
        wrong.append(f"the same command: exit {again.returncode}\n{again.stdout}{again.stderr}")
    if left := left_in(project.root):
        wrong.append(f"processes left: {left}")
    found = results(project)
    wrong += [
        f"{path} differs" for path in sorted(expected.keys() | found.keys()) if expected.get(path) != found.get(path)
    ]
    wrong += [f"corrupt object {one}" for one in corrupt(project)]
    wrong += [f"left in the cache: {one}" for one in leaks(project.root / ".dvc/cache")]
    return told + "; ".join(wrong) if wrong else ""


@pytest.mark.parametrize("first", range(0, KILLS, AT_ONCE))
def test_the_same_command_just_goes_on(before, undisturbed, tmp_path, first):
    expected, seconds = undisturbed
    numbers = range(first, first + AT_ONCE)
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda number: one_kill(number, before, expected, seconds, tmp_path), numbers)
        wrong = [said for said in found if said]
    assert not wrong, f"{len(wrong)} of {AT_ONCE}:\n" + "\n".join(wrong)


@pytest.mark.parametrize("command", COMMANDS if LONG else COMMANDS[:1], ids=" ".join)
def test_no_orphan_goes_on(before, tmp_path, command):
    project = copy(before, tmp_path)
    marker = tmp_path / "hold"
    marker.touch()
    hold_up(project, marker)
    project.run("regrow", "compile")
    project.commit("it waits")
    process = start(project, *command)
    # by itself, or forked of the warm server
    wait_for(lambda: any(re.search("stage make|regrow.warm", said) for said in processes_in(project.root).values()))
    process.kill()
    process.wait()
    left = left_in(project.root)
    marker.unlink()
    assert not left
    project.run(*command)
    assert "rows: 9" in project.read("dvc.lock")


OTHERS = json.dumps(
    {"read": {}, "write": {"data/table.parquet": {"pid": os.getpid(), "cmd": "dvc repro no-such-word"}}}
)


@pytest.mark.parametrize("text", ["", '{"write": {', OTHERS], ids=["empty", "half", "its number is another's now"])
def test_what_a_killed_dvc_left_is_swept(before, tmp_path, text):
    project = copy(before, tmp_path)
    project.write(".dvc/tmp/rwlock", text)
    project.write(".dvc/cache/files/md5/.left.tmp", "half an object")
    project.run("regrow", "run")
    assert leaks(project.root / ".dvc/cache") == []


@pytest.mark.parametrize("shell", ["exec", "true;"], ids=["replaced shell", "waiting shell"])
def test_a_stage_whose_dvc_died_before_it_was_awake(before, tmp_path, shell):
    project = copy(before, tmp_path)
    dead = subprocess.Popen(["true"])
    dead.wait()
    project.write(".dvc/tmp/rwlock", json.dumps({"read": {}, "write": {"x": {"pid": dead.pid, "cmd": "dvc repro"}}}))
    table = (project.root / "data/table.parquet").read_bytes()
    command = f'{shell} "$0" -m regrow stage make; exit $?'
    told = {"DVC_ROOT": str(project.root), "DVC_STAGE": "make"}
    project.run("sh", "-c", command, sys.executable, code=None, **told)
    assert (project.root / "data/table.parquet").read_bytes() == table
    project.run("sh", "-c", command, sys.executable, DVC_ROOT=str(project.root))
    assert (project.root / "data/table.parquet").read_bytes() != table
