"""A sweep on a Dask cluster, by regrow-dask: its workers share nothing with us but the Git and the DVC remote."""

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from sweep.clusters import Cluster, until
from sweep.test_sweep import copied, experiments, users
from tests.repository import Repository, shell

from regrow.base.errors import Exit, RegrowError
from regrow_history.sweep import elsewhere


@pytest.fixture(scope="module")
def shared(made, environment, tmp_path_factory) -> Repository:
    """The project, below the top of its repository. `make` fails with rows 13; with 17 it waits for the file `go`."""
    folder = tmp_path_factory.mktemp("shared ü")
    theirs = replace(copied(made, folder / "from"), environment=made.environment)
    more = "    import pathlib, time\n"
    more += "    if settings.rows == 13: raise ValueError('thirteen')\n"
    more += f"    if settings.rows == 17: pathlib.Path({str(folder)!r}, 'ran').touch()\n"
    more += f"    while settings.rows == 17 and not pathlib.Path({str(folder)!r}, 'go').exists(): time.sleep(0.05)\n"
    theirs.edit(theirs.code("work"), "    start = int", f"{more}    start = int")
    theirs.edit("conf/config.yaml", "compute:\n", "compute:\n  io: none\n")
    theirs.reproduce("shared")
    variables = shell(folder) | {"REGROW_HOME": environment["REGROW_HOME"]}
    project = Repository(folder / "whole" / "inner", made.package, variables)
    shutil.copytree(theirs.root, project.root, symlinks=True, ignore=shutil.ignore_patterns(".git", "tmp"))
    project.run("git", "init", "--quiet", "--initial-branch=main", str(project.root.parent))
    project.commit("all")
    return project


@pytest.fixture(scope="module")
def cluster(shared, tmp_path_factory):
    environment = {key: value for key, value in shared.environment.items() if not key.startswith("GIT_")}
    made = Cluster(tmp_path_factory.mktemp("cluster"), environment)
    made.start("scheduler")
    made.start("one")
    yield made
    made.close()


@pytest.fixture
def project(shared, tmp_path) -> Repository:
    whole = tmp_path / "whole"
    shutil.copytree(shared.root.parent, whole, symlinks=True)
    mine = replace(shared, root=whole / "inner")
    mine.run("git", "init", "--quiet", "--bare", str(tmp_path / "git"))
    mine.run("git", "remote", "add", "origin", "../git")
    mine.run("git", "push", "--quiet", "origin", "main")
    (tmp_path / "dvc").mkdir()
    mine.run("dvc", "remote", "add", "--quiet", "--default", "--local", "store", str(tmp_path / "dvc"))
    return mine


def pushed(project: Repository) -> set[str]:
    """The references of the bare repository."""
    return {line.split()[1] for line in project.run("git", "ls-remote", "origin").stdout.splitlines()}


def test_each_is_what_a_sweep_here_makes(project, cluster, tmp_path):
    whole = tmp_path / "local" / "whole"
    shutil.copytree(project.root.parent, whole, symlinks=True)
    local = replace(project, root=whole / "inner")
    for one in (project, local):
        one.edit("conf/config.yaml", "title: ", "title: edited ")  # which no commit holds
        one.run("regrow", "compile")
    before, sent = users(project), pushed(project)
    asked = ("rows=6,13", "--name", "s")
    done = project.run("regrow", "sweep", *asked, "--on", cluster.address, "--json", code=1)
    assert users(project) == before
    assert "Traceback" not in done.stderr.replace("Traceback (most recent call last)", "", 1)  # of the stage itself
    there = experiments(project)
    assert set(there) == {"s-1"}, done.stderr
    rows = {row["experiment"]: row for row in json.loads(done.stdout)}
    assert rows["s-1"]["commit"] == there["s-1"]
    assert "thirteen" in rows["s-2"]["failed"]
    assert {name.rpartition("/")[2] for name in pushed(project) - sent} == {"s-1"}, "and nothing else is left there"

    local.run("regrow", "sweep", *asked, code=1)
    project.run("git", "fetch", "--quiet", str(whole), "refs/exps/*:refs/local/*")
    assert project.run("git", "diff", "--stat", there["s-1"], "refs/local/" + reference(local, "s-1")).stdout == ""
    shutil.rmtree(project.root / ".dvc/cache")
    project.run("git", "checkout", "--quiet", "--force", there["s-1"])
    project.run("dvc", "pull", "--quiet", "--force")  # DVC's remote holds all of it
    assert "identical" in project.run("regrow", "replay", "s-1", "--env", "current").stdout


def reference(project: Repository, name: str) -> str:
    told = project.run("git", "for-each-ref", "--format=%(refname)", f"refs/exps/**/{name}").stdout
    return told.strip().removeprefix("refs/exps/")


def test_an_end_ends_what_runs_there_and_resume_goes_on(project, shared, cluster):
    command = [sys.executable, "-m", "regrow", "sweep", "rows=17", "--name", "e", "--on", cluster.address]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    sweep = subprocess.Popen(command, cwd=project.root, env=project.environment, text=True, **streams)
    try:
        until(lambda: (shared.root.parents[1] / "ran").exists(), 120)
        sweep.send_signal(signal.SIGINT)
        assert sweep.wait(60) == 130
    finally:
        sweep.kill()
    until(lambda: not cluster.at_work("one"))
    assert experiments(project) == {}
    assert [name for name in pushed(project) if "exps" in name or "regrow" in name] == []
    (shared.root.parents[1] / "go").touch()
    project.run("regrow", "sweep", "rows=17", "--name", "e", "--resume", "--on", cluster.address)
    assert set(experiments(project)) == {"e-1"}


def test_what_a_worker_cannot_reach_and_what_is_not_there_is_said(project, cluster):
    project.run("git", "remote", "set-url", "--push", "origin", "../git")
    project.run("git", "remote", "set-url", "origin", "../nowhere")
    said = project.run("regrow", "sweep", "rows=6", "--name", "g", "--on", cluster.address, code=1).stderr
    assert "nowhere' does not appear to be a git repository" in said
    assert "workers have to reach that address" in said
    project.run("dvc", "remote", "remove", "--quiet", "--local", "store")
    said = project.run("regrow", "sweep", "rows=6", "--on", cluster.address, code=1).stderr
    assert "DVC has no remote here" in said
    project.run("git", "remote", "remove", "origin")
    said = project.run("regrow", "sweep", "rows=6", "--on", cluster.address, code=1).stderr
    assert "Git: has no remote" in said
    assert experiments(project) == {}


def test_a_scheduler_that_is_gone_ends_the_sweep(project, cluster):
    address = cluster.address
    cluster.kill("scheduler")
    said = project.run("regrow", "sweep", "rows=6", "--on", address, code=1).stderr
    assert "no Dask scheduler answers" in said
    assert "Traceback" not in said


def test_a_scheme_that_no_package_runs_is_named_with_what_to_install():
    with pytest.raises(RegrowError, match="pip install regrow-slurm; installed are: dask") as raised:
        elsewhere.runner("slurm://head")
    assert raised.value.code is Exit.ENVIRONMENT
