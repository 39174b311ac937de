"""A sweep on a Dask cluster: its workers share nothing with us but the Git and the DVC remote."""

import importlib.metadata
import json
import signal
import subprocess
import sys
import sysconfig
import venv
from dataclasses import replace
from pathlib import Path

import pytest
from tests.repository import Repository
from tests.sweep.clusters import Cluster, until
from tests.sweep.test_sweep import copied, experiments, users

from regrow.base.yaml_files import read_yaml

PROGRAM = """\
stages:
  write:
    cmd: (echo '#!/bin/cat'; cat metrics.json) > say.sh && chmod +x say.sh
    deps: [metrics.json]
    outs: [say.sh]
  say:
    cmd: ./say.sh > said.txt
    deps: [say.sh]
    outs: [said.txt: {cache: false}]
"""


@pytest.fixture(scope="module")
def shared(made, environment, tmp_path_factory) -> Repository:
    """The project. `make` says where it runs; with rows 13 it fails, with 17 it waits for the file `go`."""
    folder = tmp_path_factory.mktemp("shared ü")
    project = at_home(copied(made, folder), environment)
    marks = folder / "marks"
    marks.mkdir()
    more = "    import os, pathlib, time, uuid\n"
    more += f"    marks = pathlib.Path({str(marks)!r})\n"
    more += "    (marks / f'{settings.rows} {uuid.uuid4().hex}').write_text(os.getcwd())\n"
    more += "    if settings.rows == 13: raise ValueError('thirteen')\n"
    more += "    while settings.rows == 17 and not (marks / 'go').exists(): time.sleep(0.05)\n"
    project.edit(project.code("work"), "    start = int", f"{more}    start = int")
    project.edit("conf/config.yaml", "compute:\n", "compute:\n  io: none\n")
    pins = {f"{one.name}=={one.version}\n" for one in importlib.metadata.distributions()}
    project.write("requirements.lock", "".join(sorted(pins)))
    project.reproduce("shared")
    project.edit("dvc.yaml", "stages:\n", PROGRAM)
    project.commit("two stages that have not run")
    return project


def at_home(project: Repository, environment: dict[str, str]) -> Repository:
    """With the session's warm server for what runs here."""
    return replace(project, environment=project.environment | {"REGROW_HOME": environment["REGROW_HOME"]})


@pytest.fixture(scope="module")
def cluster(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    environment = {key: value for key, value in shared.environment.items() if not key.startswith("GIT_")}
    made = Cluster(folder, environment)
    made.start("scheduler")
    yield made
    made.close()


@pytest.fixture
def project(shared, tmp_path) -> Repository:
    for mark in marks(shared).iterdir():
        mark.unlink()
    mine = replace(shared, root=copied(shared, tmp_path).root)
    mine.run("git", "init", "--quiet", "--bare", str(tmp_path / "git"))
    mine.run("git", "remote", "add", "origin", "../git")
    mine.run("git", "push", "--quiet", "origin", "main")
    (tmp_path / "dvc").mkdir()
    mine.run("dvc", "remote", "add", "--quiet", "--default", "--local", "store", str(tmp_path / "dvc"))
    return mine


def marks(shared: Repository) -> Path:
    return shared.root.parent / "marks"


def runs(shared: Repository, rows: int) -> list[str]:
    """Where the stage `make` has run with so many rows."""
    return [mark.read_text() for mark in marks(shared).glob(f"{rows} *")]


def pushed(project: Repository) -> dict[str, str]:
    """Reference -> commit of the bare repository."""
    told = project.run("git", "ls-remote", "origin").stdout
    return {line.split()[1]: line.split()[0] for line in told.splitlines()}


def objects(folder: Path) -> dict[str, bytes]:
    """What a cache, or a remote, holds."""
    found = (file for file in (folder / "files/md5").rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in found}


def begun(project: Repository, cluster: Cluster, *asked: str) -> subprocess.Popen[str]:
    """A sweep that goes on."""
    command = [sys.executable, "-m", "regrow", "sweep", *asked, "--on", cluster.address]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=project.root, env=project.environment, text=True, **streams)


def worker_at(cluster: Cluster, place: str) -> str:
    return Path(place).relative_to(cluster.folder).parts[0]


def test_each_is_what_a_sweep_here_makes(project, shared, cluster, environment, tmp_path):
    cluster.start("one")
    cluster.start("two")
    before, sent = users(project), pushed(project)
    asked = ("rows=6,13,7", "title=one,two", "--name", "s")
    done = project.run("regrow", "sweep", *asked, "--on", cluster.address, "--json", code=1)
    assert users(project) == before
    assert "6/6 s-" in done.stderr
    assert "Traceback" not in done.stderr
    places = [place for rows in (6, 7, 13) for place in runs(shared, rows)]
    assert len(places) == 3, "what experiments share runs once in the cluster, also when it fails"
    assert {worker_at(cluster, place) for place in places} <= {"one", "two"}
    there = experiments(project)
    assert set(there) == {"s-1", "s-2", "s-5", "s-6"}
    rows = json.loads(done.stdout)
    assert {row["experiment"]: row["commit"] for row in rows if "failed" not in row} == there
    assert {row["experiment"] for row in rows if "failed" in row} == {"s-3", "s-4"}
    new = {name: commit for name, commit in pushed(project).items() if name not in sent}
    assert {name.rpartition("/")[2]: commit for name, commit in new.items()} == there, "and nothing else is left there"

    local = at_home(copied(shared, tmp_path / "local"), environment)
    said = local.run("regrow", "sweep", *asked, code=1).stderr
    assert told_failures(done.stderr) == told_failures(said)
    assert "s-3, rows=13 title=one: failed" in said
    project.run("git", "fetch", "--quiet", str(local.root), "refs/exps/*:refs/local/*")
    for name, commit in there.items():
        (theirs,) = project.run("git", "for-each-ref", "--format=%(objectname)", f"refs/local/**/{name}").stdout.split()
        assert project.run("git", "diff", "--stat", commit, theirs).stdout == ""
    ours = objects(project.root / ".dvc/cache")
    assert ours == objects(local.root / ".dvc/cache")
    remote = objects(tmp_path / "dvc")
    wanted = {f"files/md5/{md5[:2]}/{md5[2:]}" for commit in there.values() for md5 in cached(project, commit)}
    assert wanted, "and DVC's remote holds all of it, for whoever pulls"
    assert {name: remote.get(name) for name in wanted} == {name: ours[name] for name in wanted}


def told_failures(said: str) -> str:
    """What is said at the end; a traceback of a stage names the folder that it ran in."""
    return "\n".join(line for line in said[said.index("regrow: s-") :].splitlines() if "File " not in line)


def cached(project: Repository, commit: str) -> list[str]:
    """The objects that the record of a commit names, and DVC keeps."""
    lock = read_yaml(project.run("git", "show", f"{commit}:dvc.lock").stdout, "dvc.lock")
    outs = [out for stage in lock["stages"].values() for out in stage["outs"]]
    tracked = set(project.run("git", "ls-tree", "-r", "--name-only", commit).stdout.split())
    return [out["md5"] for out in outs if out["path"] not in tracked]


def test_a_worker_that_is_killed_is_replaced(project, shared, cluster):
    sweep = begun(project, cluster, "rows=6,17", "--name", "k")
    (first,) = until(lambda: runs(shared, 17))
    until(lambda: "k-1" in experiments(project))
    killed = worker_at(cluster, first)
    cluster.kill(killed)
    other = until(lambda: [place for place in runs(shared, 17) if place != first])[0]
    assert worker_at(cluster, other) != killed
    cluster.kill(worker_at(cluster, other))
    assert sweep.stderr
    told = [sweep.stderr.readline()]
    while "no worker is there" not in told[-1]:
        told.append(sweep.stderr.readline())
    assert sum("is gone" in line for line in told) == 2
    assert set(experiments(project)) == {"k-1"}
    cluster.start("three", "--nthreads", "2")
    until(lambda: len(runs(shared, 17)) == 3)
    until(lambda: not cluster.at_work("one") and not cluster.at_work("two"), 5)
    (marks(shared) / "go").touch()
    _, said = sweep.communicate(timeout=30)
    assert sweep.returncode == 0, said
    assert "a worker has come" in said
    assert set(experiments(project)) == {"k-1", "k-2"}


def test_two_at_once_in_a_worker_then_an_end_then_on_with_the_rest(project, shared, cluster):
    asked = ("rows=17", "seed=2,3", "--name", "e")
    sweep = begun(project, cluster, *asked)
    until(lambda: len(set(runs(shared, 17))) == 2)
    sweep.send_signal(signal.SIGINT)
    assert sweep.wait(20) == 130
    until(lambda: not cluster.at_work("three"), 5)
    assert experiments(project) == {}
    assert [name for name in pushed(project) if "exps" in name or "regrow" in name] == []
    until(lambda: not list((cluster.home("three") / "replays").iterdir()), 5)

    (marks(shared) / "go").touch()
    project.run("regrow", "sweep", *asked, "--resume", "--on", cluster.address)
    assert set(experiments(project)) == {"e-1", "e-2"}


def test_a_worker_with_other_packages_takes_no_part(project, shared, cluster, tmp_path):
    sweep = begun(project, cluster, "rows=17", "--name", "o")
    until(lambda: runs(shared, 17))
    cluster.start("old", PYTHONPATH=str(installed(tmp_path / "old", "click", "0.1")))
    cluster.start("bare", python=without_regrow(tmp_path / "bare"))
    assert sweep.stderr
    told = ""
    while told.count("left out") < 2 or "not installed" not in told or "click: locked" not in told:
        told += sweep.stderr.readline()
    (marks(shared) / "go").touch()
    _, said = sweep.communicate(timeout=30)
    assert sweep.returncode == 0, said
    refused = project.run("regrow", "sweep", "rows=6", "--name", "p", "--on", cluster.address, code=4).stderr
    assert "click: locked" in refused
    assert ", here 0.1" in refused
    assert "regrow: not installed" in refused
    assert runs(shared, 6) == []
    cluster.kill("old")
    cluster.kill("bare")


def installed(site: Path, name: str, version: str) -> Path:
    """A folder for PYTHONPATH in which a package is installed in that version."""
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return site


def without_regrow(folder: Path) -> str:
    """A Python that has all of this one's packages but regrow."""
    venv.create(folder, with_pip=False)
    (theirs,) = folder.glob("lib/*/site-packages")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if entry.suffix != ".pth" and not entry.name.startswith("regrow"):
            (theirs / entry.name).symlink_to(entry)
    return str(folder / "bin/python")


def test_a_worker_that_cannot_reach_the_remotes_says_so(project, shared, cluster):
    project.run("git", "remote", "set-url", "--push", "origin", "../git")
    project.run("git", "remote", "set-url", "origin", "../nowhere")
    said = project.run("regrow", "sweep", "rows=6", "--name", "g", "--on", cluster.address, code=1).stderr
    assert "can't get the commit from the Git remote" in said
    assert "nowhere' does not appear to be a git repository" in said
    project.run("git", "remote", "set-url", "origin", "../git")
    elsewhere = "/proc/self/cwd/../dvc"  # another folder for each process
    project.run("dvc", "remote", "modify", "--quiet", "--local", "store", "url", elsewhere)
    said = project.run("regrow", "sweep", "rows=6", "--name", "g", "--on", cluster.address, code=3).stderr
    assert f"in DVC's remote store, {elsewhere}, is not what was pushed there" in said
    assert runs(shared, 6) == []
    assert experiments(project) == {}
    assert [name for name in pushed(project) if "exps" in name or "regrow" in name] == []


def test_without_remotes_nothing_is_begun(project, cluster):
    project.run("dvc", "remote", "remove", "--quiet", "--local", "store")
    said = project.run("regrow", "sweep", "rows=6", "--on", cluster.address, code=1).stderr
    assert "DVC has no remote here" in said
    project.run("git", "remote", "remove", "origin")
    said = project.run("regrow", "sweep", "rows=6", "--on", cluster.address, code=1).stderr
    assert "Git: has no remote" in said


def test_a_scheduler_that_is_killed_ends_the_sweep(project, shared, cluster):
    sweep = begun(project, cluster, "rows=6,17", "--name", "z")
    until(lambda: "z-1" in experiments(project) and runs(shared, 17))
    cluster.kill("scheduler")
    _, said = sweep.communicate(timeout=30)
    assert sweep.returncode == 1
    assert "the scheduler is gone" in said
    assert "--resume" in said
    assert "Traceback" not in said
    assert set(experiments(project)) == {"z-1"}
