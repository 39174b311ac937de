"""A replay's stages are forked from a server of its own, as if each had started by itself."""

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.world import left_in, processes_in, start, wait_for
from tests.repository import Repository

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no warm stages here")
CURRENT = ("--env", "current")
# What a stage sees of its process, for the file ../../../seen beside the tree's home.
NOTE = """about = lambda of: __import__('pathlib').Path('/proc', str(of), 'cmdline').read_text().split(chr(0))
    os, sys = __import__('os'), __import__('sys')
    told = {'parent': about(os.getppid()), 'self': about('self'), 'environment': dict(os.environ), 'path': sys.path}
    told |= {'folder': os.getcwd(), 'streams': [os.readlink(f'/proc/self/fd/{n}') for n in range(3)]}
    told |= {'flags': list(sys.flags), 'hash': hash('x')}
    __import__('pathlib').Path(SEEN).write_text(__import__('json').dumps(told))
    start = int"""
# A server that forked this stage is ended by it; a stage that started by itself goes on.
END = """server = __import__('os').getppid()
    if b'regrow.warm' in __import__('pathlib').Path('/proc', str(server), 'cmdline').read_bytes():
        __import__('os').kill(server, 9)
        __import__('time').sleep(60)
    start = int"""


@pytest.fixture
def project(recorded, tmp_path) -> Repository:
    home = tmp_path / "home"
    return replace(recorded, environment=recorded.environment | {"REGROW_HOME": str(home)})


def replayed(project: Repository, *more: str, **variables: str) -> dict:
    """What a replay of HEAD says, whether or not it is proven elsewhere."""
    done = project.run("regrow", "replay", "HEAD", *CURRENT, "--json", *more, code=None, **variables)
    result = json.loads(done.stdout)
    assert result["outputs"], done.stderr
    assert all(row["identical"] for row in result["outputs"])
    return result


def recorded_with(project: Repository, new: str) -> None:
    project.edit(project.code("work"), "start = int", new)
    project.reproduce("another make")


def test_a_stage_is_as_if_it_had_started_by_itself_but_for_its_parent(project, tmp_path):
    seen = tmp_path / "seen"
    recorded_with(project, NOTE.replace("SEEN", repr(str(seen))))
    told = []
    for variables in ({}, {"REGROW_COLD": "1"}):
        replayed(project, PYTHONHASHSEED="77", **variables)
        told.append(json.loads(seen.read_text()))
    warm, cold = told
    assert warm["parent"][1:5] == ["-P", "-m", "regrow.warm", "1"]
    assert warm["self"][:3] == ["regrow", "stage", "make"]
    assert "regrow.warm" not in cold["parent"]
    for one in told:  # the folder of each replay has a name of its own
        place = str(Path(one["folder"]).parent)
        assert Path(place).parent == tmp_path / "home/replays"
        one["same"] = json.loads(
            json.dumps({k: v for k, v in one.items() if k not in {"parent", "self"}}).replace(
                json.dumps(place)[1:-1], "PLACE"
            )
        )
    assert warm["same"] == cold["same"]
    assert left_in(tmp_path / "home") == {}
    assert list((tmp_path / "home/replays").iterdir()) == []


def test_a_server_that_ends_early_is_told_of_once_and_the_rest_starts_by_itself(project, tmp_path):
    recorded_with(project, END)
    notes = replayed(project)["notes"]
    assert [note for note in notes if "warm server" in note] == [notes[-1]]
    assert left_in(tmp_path / "home") == {}


def test_ctrl_c_leaves_no_stage_no_server_and_no_folder(project, tmp_path):
    recorded_with(
        project,
        f"__import__('os').path.exists({str(tmp_path / 'hold')!r}) and __import__('time').sleep(60)\n    start = int",
    )
    (tmp_path / "hold").touch()
    process = start(project, "regrow", "replay", "HEAD", *CURRENT)
    wait_for(lambda: any("stage make" in said for said in processes_in(tmp_path).values()))
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert left_in(tmp_path, patience=5) == {}
    assert list((tmp_path / "home/replays").iterdir()) == []


def test_a_variation_uses_no_server_that_was_there_before(project, tmp_path):
    """The server of the user's that stays is of the same environment; stages are forked from another."""
    seen = tmp_path / "seen"
    recorded_with(project, NOTE.replace("SEEN", repr(str(seen))))
    project.run("regrow", "run", "--keep-warm", "--force")
    (server,) = [number for number, said in servers().items() if str(tmp_path / "home/warm") in said]
    try:
        before = json.loads(seen.read_text())
        assert "regrow.warm" in before["parent"]
        project.run("regrow", "replay", "HEAD", "-S", "rows=4", *CURRENT)
        after = json.loads(seen.read_text())
        assert "regrow.warm" in after["parent"]
        assert after["environment"]["REGROW_HOME"].startswith(str(tmp_path / "home/replays"))
    finally:
        os.kill(server, signal.SIGKILL)
    assert left_in(tmp_path / "home") == {}


def servers() -> dict[int, str]:
    """Process -> the file that a warm server of a user's writes to."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if b"regrow.warm" in (entry / "cmdline").read_bytes():
                found[int(entry.name)] = str((entry / "fd/1").readlink())
        except (OSError, ValueError):
            continue
    return found


def test_a_history_is_told_in_order_and_one_that_fails_stops_no_other(project):
    project.edit(project.code("work"), "start = int", "raise ValueError('no way')\n    start = int")
    project.run("regrow", "compile")
    broken = project.commit("broken")
    project.run("git", "revert", "--no-edit", "--quiet", "HEAD", code=None)
    done = project.run("regrow", "replay", "--all", "main", *CURRENT, "--json", "-j", "3", code=None)
    rows = json.loads(done.stdout)
    assert [row["subject"] for row in rows][:3] == ["rows 3", "rows 5", "broken"]
    assert [row["exit_code"] for row in rows][:2] == [0, 0]
    assert rows[2]["exit_code"] not in {0, 8}
    assert rows[2]["commit"] == broken
    assert "ValueError: no way" in json.dumps(rows[2])
    for line in done.stderr.splitlines():
        assert "commit " in line or any(row["commit"][:10] in line for row in rows), line


def test_ctrl_c_ends_a_whole_history(project, tmp_path):
    process = start(project, "regrow", "replay", "--all", "main", *CURRENT, "-j", "2")
    wait_for(lambda: sum("stage make" in said for said in processes_in(tmp_path).values()))
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert left_in(tmp_path, patience=5) == {}
    assert list((tmp_path / "home/replays").iterdir()) == []


def test_jobs_are_for_many(project):
    assert "--all" in project.run("regrow", "replay", "HEAD", "-j", "2", code=1).stderr
