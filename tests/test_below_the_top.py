"""Two projects side by side below the top of one repository: each command minds its own, as at the top."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from regrow.run import nothing_to_do
from tests.repository import Repository
from tests.shared import BELOW

pytestmark = [pytest.mark.usefixtures("warm"), pytest.mark.skipif(bool(BELOW), reason="all are below the top already")]


@pytest.fixture(scope="module")
def pair(made, tmp_path_factory) -> tuple[Repository, Repository]:
    """Two of the recorded project in one repository, two folders below its top, one beside the other."""
    top = tmp_path_factory.mktemp("top ü")
    for name in ("one $x", "two"):
        shutil.copytree(made.root, top / "apps" / name, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    one, two = (replace(made, root=top / "apps" / name) for name in ("one $x", "two"))
    (top / "README").write_text("both\n")
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", top], check=True)
    one.run("git", "add", "--all")
    one.commit("both")
    one.run("regrow", "run")
    return one, two


@pytest.fixture
def one(pair) -> Repository:
    """The first, as committed, whatever the test before has left."""
    pair[0].run("git", "checkout", "--quiet", "--", ":/")
    pair[0].run("git", "clean", "-fdq", "--", ":/")
    pair[0].run("dvc", "checkout", "--quiet")
    return pair[0]


@pytest.fixture
def two(pair) -> Repository:
    return pair[1]


@pytest.mark.parametrize(
    "command", ["doctor", "compile --check", "explain", "inspect HEAD", "plugins", "verify", "verify HEAD"]
)
def test_what_only_looks_has_nothing_to_say(one, command):
    said = one.run("regrow", *command.split())
    assert "FIX" not in said.stdout + said.stderr
    assert "mismatch   " not in said.stdout
    assert one.run("git", "status", "--porcelain").stdout == ""


def test_run_needs_no_dvc_where_nothing_changed_and_edits_of_the_other_are_no_dirt(one, two):
    one.run("regrow", "run")
    assert (
        nothing_to_do.nothing_to_do(one.root)
        or one.run("regrow", "run").stdout == "Data and pipelines are up to date.\n"
    )
    two.write("conf/new.yaml", "a: 1\n")
    two.edit("conf/config.yaml", "rows: 5", "rows: 6")
    assert one.run("regrow", "run").stdout == "Data and pipelines are up to date.\n"
    assert "conf/" in two.run("regrow", "run", code=5).stderr
    (one.root.parents[1] / ".gitignore").write_text("*.parquet\n")
    assert "didn't change" in one.run("regrow", "run").stdout, "what is ignored above counts"


def test_what_no_commit_could_hold_is_marked_and_told_by_its_own_path(one):
    one.write("conf/metric/new.yaml", "use: mean\n")
    said = one.run("regrow", "run", "--allow-dirty")
    patch = one.read("hashes/not-replayable.patch")
    assert "b/conf/metric/new.yaml" in patch, said.stderr
    assert "two/" not in patch
    assert "README" not in patch


def test_experiments_are_those_of_their_project(one, two):
    for project in (one, two):  # the same names would be of no use to either
        project.run("regrow", "sweep", "rows=7,8")
        project.run("regrow", "run", "-S", "rows=9", "--name", f"run-{project.root.name[:3]}")
        project.run("git", "checkout", "--quiet", "--", ".")
    one.run("regrow", "replay", "HEAD", "--env", "current", "-S", "rows=4", "--name", "four")
    names = {project.root.name: set(project.run("regrow", "ls", "--csv").stdout.split()) for project in (one, two)}
    rows = {name: sorted(line.split(",")[0] for line in found) for name, found in names.items()}
    assert len(rows["one $x"]) == 6, rows
    assert len(rows["two"]) == 5, rows
    assert {"four", "run-one"} <= set(rows["one $x"])
    assert "run-two" in rows["two"]
    assert "8 of 9" not in one.run("regrow", "replay", "four", "--env", "current").stdout
    one.run("regrow", "adopt", "run-one")
    assert "rows: 9" in one.read("conf/experiment/run-one.yaml")
    assert "no experiment" in one.run("regrow", "adopt", "run-two", code=1).stderr
    assert one.run("git", "status", "--porcelain").stdout.split() == [
        "??",
        '"apps/one',
        '$x/conf/experiment/run-one.yaml"',
    ]


def test_a_replay_lays_the_project_out_alone_and_leaves_a_branch(one):
    said = one.run("regrow", "replay", "HEAD", "--env", "current", "--branch", "again").stdout
    assert "9 of 9 outputs identical" in said
    assert one.run("git", "rev-parse", "again").stdout == one.run("git", "rev-parse", "HEAD").stdout


def test_all_means_the_commits_that_changed_it(one, two):
    two.write("conf/metric/other.yaml", "use: mean\n")
    two.commit("the other's")
    rows = one.run("regrow", "replay", "--all", "HEAD", "--env", "current").stdout
    assert "both" in rows
    assert "the other's" not in rows
    one.run("git", "reset", "--quiet", "--hard", "HEAD~1")


def test_it_comes_out_twice(one):
    assert "9 of 9 outputs identical" in one.run("regrow", "run", "--twice").stdout
