"""Warm stages: the same bytes and exit codes as by themselves, nothing left behind, nobody else's requests."""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.conftest import LONG
from tests.repository import Repository

from regrow.environment import variables
from regrow.warm import address, client

TREES = 20 if LONG else 6  # as many runs at once
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no warm stages here")


def noting(project: Repository) -> Repository:
    """Its stage `make` notes in ../parent which process forked it, or started it."""
    note = "__import__('pathlib').Path('../parent').write_text(str(__import__('os').getppid()))\n    start = int"
    project.edit(project.code("work"), "start = int", note)
    project.run("regrow", "compile")
    project.commit("it notes its parent")
    return project


@pytest.fixture
def project(recorded, tmp_path) -> Repository:
    alone = recorded.environment | {"REGROW_HOME": str(tmp_path / "home")}
    return noting(replace(recorded, environment=alone))


@pytest.fixture(scope="module")
def standing(made, tmp_path_factory) -> Iterator[tuple[Repository, int]]:
    """A project, and the process of its server that stays: for tests that leave it alone."""
    base = tmp_path_factory.mktemp("standing")
    shutil.copytree(made.root, base / "ü" / made.root.name, symlinks=True)
    home = {"REGROW_HOME": str(base / "home")}
    project = noting(replace(made, root=base / "ü" / made.root.name, environment=made.environment | home))
    yield project, warm_run(project)
    end(project)


@pytest.fixture
def shared(standing) -> Iterator[tuple[Repository, int]]:
    yield standing
    standing[0].run("git", "checkout", "--quiet", "--", ".")


def end(project: Repository) -> None:
    for number in servers(project):
        os.kill(number, signal.SIGKILL)


def home(project: Repository) -> Path:
    return Path(project.environment["REGROW_HOME"]) / "warm"


def servers(project: Repository) -> list[int]:
    """The processes of the servers below this home, by what they write to."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            said = (entry / "cmdline").read_bytes()
            if b"regrow.warm" in said and (entry / "fd/1").readlink().is_relative_to(home(project)):
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return found


def wait_for_end(project: Repository, seconds: float = 5.0) -> None:
    """No server is there, and no socket."""
    give_up = time.monotonic() + seconds
    while (left := [*servers(project), *sockets(project)]) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert left == []


def sockets(project: Repository) -> list[str]:
    return [file.name for file in home(project).glob("*") if file.suffix not in {".lock", ".log"}]


def warm_run(project: Repository, *more: str) -> int:
    """A run after which the server stays; its process."""
    project.run("regrow", "run", "--keep-warm", *more)
    (server,) = servers(project)
    return server


@pytest.fixture
def kept(project):
    """The process of a server that stays."""
    yield warm_run(project)
    end(project)


def parent(project: Repository) -> int:
    return int((project.root.parent / "parent").read_text())


def test_the_server_ends_with_the_run(project):
    project.run("regrow", "run")
    wait_for_end(project)
    log = next(home(project).glob("*.log"))
    assert log.read_text() == ""


def test_the_bytes_are_the_same(project):
    project.run("regrow", "run")
    warm = project.read("dvc.lock")
    project.run("regrow", "run", "--force", "--cold")
    assert project.read("dvc.lock") == warm
    project.run("dvc", "repro", "--force")
    assert project.read("dvc.lock") == warm
    assert project.run("dvc", "status").stdout.endswith("up to date.\n")


def test_many_runs_in_trees_of_their_own_do_not_disturb_one_another(made, tmp_path):
    alone = made.environment | {"REGROW_HOME": str(tmp_path / "home")}
    trees = {}
    for rows in range(6, 6 + TREES):
        shutil.copytree(made.root, tmp_path / str(rows) / made.root.name, symlinks=True)
        tree = trees[rows] = replace(made, root=tmp_path / str(rows) / made.root.name, environment=alone)
        tree.edit("conf/config.yaml", "rows: 5", f"rows: {rows}")
        tree.commit(f"{rows} rows")
    command, said = [sys.executable, "-m", "regrow", "run"], subprocess.PIPE
    runs = [
        (tree, subprocess.Popen(command, cwd=tree.root, env=alone, stdout=said, stderr=said, text=True))
        for tree in trees.values()
    ]
    for tree, run in runs:
        out, error = run.communicate(timeout=120)
        assert run.returncode == 0, out + error
        assert "no warm stages" not in error, tree.root
    for rows, tree in trees.items():
        assert json.loads(tree.read("metrics.json")) == {"mean": 7 + rows}
        table = hashlib.md5((tree.root / "data/table.parquet").read_bytes(), usedforsecurity=False).hexdigest()
        assert table in tree.read("dvc.lock")
    wait_for_end(trees[6])


def test_it_stays_for_who_asks_and_dvc_finds_it(shared):
    project, kept = shared
    assert parent(project) == kept
    (project.root.parent / "parent").unlink()
    project.run("dvc", "repro", "--force", "make")
    assert parent(project) == kept
    project.run("dvc", "repro", "--force", "make", REGROW_COLD="1")
    assert parent(project) != kept


def test_errors_and_exit_codes_come_through(shared):
    project, _ = shared
    project.edit("fingerprints/make.lock", "python 3", "python 2")
    done = project.run("regrow", "stage", "make", code=4)
    assert "fingerprints/make.lock" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert "no stage" in project.run("regrow", "stage", "nothing", code=1).stderr


def test_two_children_draw_other_numbers(shared):
    project, kept = shared
    project.edit(project.code("work"), '"s": random_state', '"r": __import__("numpy").random.rand(), "s": random_state')
    project.run("regrow", "compile")
    made = []
    for _ in range(2):
        project.run("regrow", "stage", "make")
        made.append((project.root / "data/table.parquet").read_bytes())
    assert parent(project) == kept
    assert made[0] != made[1]


def test_a_changed_environment_is_noticed(project):
    site = project.root.parent / "site"
    site.mkdir()
    project.environment["PYTHONPATH"] = str(site)
    server = warm_run(project)
    (site / "new.py").write_text("")
    project.run("regrow", "stage", "make")
    assert parent(project) != server, "what it holds may be old"
    project.run("regrow", "stage", "make")
    assert parent(project) == server, "the same process, begun anew"
    os.kill(server, signal.SIGKILL)


def test_a_stage_that_began_with_what_has_changed_is_not_waited_for(project):
    work = "__import__('time').sleep(1.5); open('../ended', 'a').write('.')\n    start = int"
    project.edit(project.code("work"), "start = int", work)
    project.run("regrow", "compile")
    project.commit("it takes a while")
    site = project.root.parent / "site"
    site.mkdir()
    project.environment["PYTHONPATH"] = str(site)
    server = warm_run(project)
    (project.root.parent / "ended").unlink()
    (site / "new.py").write_text("")
    project.run("regrow", "stage", "make")
    assert (project.root.parent / "ended").read_text() == "."
    os.kill(server, signal.SIGKILL)


def test_other_variables_are_another_environment(shared):
    project, kept = shared
    project.run("regrow", "stage", "make", TMPDIR=str(project.root.parent))
    assert parent(project) != kept


def test_a_server_that_is_killed_leaves_the_stage_to_the_client(project, kept):
    project.edit(project.code("work"), "    start = int", "    __import__('time').sleep(2)\n    start = int")
    project.run("regrow", "compile")
    command = [sys.executable, "-m", "regrow", "stage", "make"]
    process = subprocess.Popen(command, cwd=project.root, env=project.environment, stderr=subprocess.PIPE, text=True)
    (project.root.parent / "parent").unlink()
    while not (project.root.parent / "parent").exists():
        time.sleep(0.02)
    os.kill(kept, signal.SIGKILL)
    said = process.communicate()[1]
    assert process.returncode == 0, said
    assert parent(project) != kept


def test_a_client_that_is_killed_takes_its_child_along(project, kept):
    wait = "while __import__('os').path.exists('../hold'): __import__('time').sleep(0.02)\n    start = int"
    project.edit(project.code("work"), "start = int", wait)
    project.run("regrow", "compile")
    (project.root.parent / "hold").touch()
    (project.root.parent / "parent").unlink()
    command = [sys.executable, "-m", "regrow", "stage", "make"]
    process = subprocess.Popen(command, cwd=project.root, env=project.environment)
    while not (project.root.parent / "parent").exists():
        time.sleep(0.02)
    before = (project.root / "data/table.parquet").stat().st_mtime_ns
    process.kill()
    process.wait()
    require_childless(kept)
    (project.root.parent / "hold").unlink()
    assert (project.root / "data/table.parquet").stat().st_mtime_ns == before


@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL"])
def test_a_run_that_is_ended_takes_its_stage_along(project, kept, how):
    wait = "while __import__('os').path.exists('../hold'): __import__('time').sleep(0.02)\n    start = int"
    project.edit(project.code("work"), "start = int", wait)
    project.run("regrow", "compile")
    project.commit("it waits")
    (project.root.parent / "hold").touch()
    (project.root.parent / "parent").unlink()
    before = project.read("dvc.lock")
    command = [sys.executable, "-m", "regrow", "run"]
    process = subprocess.Popen(command, cwd=project.root, env=project.environment, stdout=-3, stderr=-3)
    while not (project.root.parent / "parent").exists():
        assert process.poll() is None
        time.sleep(0.02)
    assert parent(project) == kept
    process.send_signal(signal.Signals[how])
    assert process.wait(10) != 0
    require_childless(kept)
    assert [line for line in project.read("dvc.lock").splitlines() if "table.parquet" in line] == [
        line for line in before.splitlines() if "table.parquet" in line
    ]
    (project.root.parent / "hold").unlink()
    project.run("regrow", "run")


def require_childless(server: int) -> None:
    """Within five seconds it has no child any more."""
    children = Path(f"/proc/{server}/task/{server}/children")
    give_up = time.monotonic() + 5
    while children.read_text() and time.monotonic() < give_up:
        time.sleep(0.02)
    assert children.read_text() == ""


def test_a_server_that_is_killed_leaves_no_socket(project, kept):
    os.kill(kept, signal.SIGKILL)
    wait_for_end(project)
    project.run("regrow", "run", "--force")
    assert parent(project) != kept
    wait_for_end(project)


def test_a_socket_that_nobody_listens_to_is_replaced(project):
    wanted = variables.variables(project.environment, portable=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGROW_HOME", project.environment["REGROW_HOME"])
        name = address.key(wanted)
        address.listen(name).close()
    assert (home(project) / name).exists()
    project.run("regrow", "run", "--force")
    assert parent(project) != os.getpid()
    wait_for_end(project)
    assert not (home(project) / name).exists()


def test_an_idle_server_ends(tmp_path, monkeypatch):
    monkeypatch.setenv("REGROW_HOME", str(tmp_path))
    monkeypatch.setattr(client, "KEEP", 0.5)
    wanted = variables.variables(os.environ, portable=True)
    with client.kept(wanted, client.Terms(keep=True)) as wrong:
        assert wrong == ""
    name = address.key(wanted)
    assert (tmp_path / "warm" / name).exists()
    give_up = time.monotonic() + 30
    while (tmp_path / "warm" / name).exists() and time.monotonic() < give_up:
        time.sleep(0.1)
    assert not (tmp_path / "warm" / name).exists()


def test_what_is_no_request_is_refused(shared):
    project, kept = shared
    name = next(file.name for file in home(project).iterdir() if not file.suffix)
    run = {"do": "run", "key": name, "folder": "/"}
    nul = {**run, "arguments": ["regrow", "stage", "a\0b"]}
    lease = {"do": "lease"}
    said = [{"do": "x"}, {"do": "run"}, {**run, "key": "y"}, run, nul, {**run, "arguments": 3}]
    leases = [{**lease, "keep": "x"}, {**lease, "wants": 3}, {**lease, "keep": []}, {**lease, "jobs": "x"}]
    plain = [b"{", b"[]", *(json.dumps(one).encode() for one in said)]
    for text, streams in [*((one, [0, 1, 2]) for one in plain), *((json.dumps(one).encode(), []) for one in leases)]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            os.chdir(home(project))
            connection.connect(name)
            socket.send_fds(connection, [text], streams)
            assert connection.recv(100) == b""
    assert servers(project) == [kept]
