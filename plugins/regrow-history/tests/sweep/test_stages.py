"""Sweeps from commits whose dvc.lock does not say of each stage what dvc.yaml says."""

import shutil

import pytest
from tests.repository import Repository

pytestmark = pytest.mark.usefixtures("warm")
OWN = """\
stages:
  mine:
    cmd:
      - mkdir -p kept/deep
      - cp tools/copy.sh kept/deep/it && cat page.html >> kept/deep/it
      - cp kept/deep/it shown.txt
    deps: [tools/copy.sh, page.html]
    params: [title, other.json: [a.b], whole.yaml: ]
    outs:
      - kept/deep/it
      - shown.txt: {cache: false}
  called:
    cmd: ./kept/deep/it > said.txt; ./shown.txt >> said.txt
    deps: [kept/deep/it, shown.txt]
    outs: [said.txt]
"""


@pytest.fixture
def project(recorded) -> Repository:
    return recorded


@pytest.fixture
def unrun(project) -> Repository:
    """As it was generated: compiled, and never run."""
    made = ("dvc.lock", "hashes", "metrics.json", "page.html", "data/table.parquet", ".dvc/cache/runs", ".dvc/tmp")
    for path in made:
        file = project.root / path
        shutil.rmtree(file) if file.is_dir() else file.unlink(missing_ok=True)
    project.write(".gitignore", "__pycache__/\n")
    project.write("data/.gitignore", "/raw\n")
    project.commit("as generated")
    return project


def experiment(project: Repository, name: str) -> str:
    told = project.run("git", "for-each-ref", "--format=%(objectname)", f"refs/exps/**/{name}").stdout.split()
    assert len(told) == 1, name
    return told[0]


def assert_as_dvcs(project: Repository, ours: str, *settings: str) -> None:
    """Run the same as DVC's own experiment, which leaves the same commit."""
    project.run("git", "stash", "--quiet", "--include-untracked")
    overrides = [word for one in settings for word in ("-S", one)]
    project.run("dvc", "exp", "run", "--quiet", "--force", "--name", "dvcs", *overrides)
    new = ":(exclude)kept/deep/.gitignore"  # DVC writes it, and leaves it out of the commit
    difference = project.run(
        "git", "diff", experiment(project, "dvcs"), experiment(project, ours), "--", ".", new
    ).stdout
    print(difference)
    assert difference == ""


def own_stage(project: Repository) -> None:
    project.write("tools/copy.sh", "#!/bin/sh\necho\nexit\n")
    (project.root / "tools/copy.sh").chmod(0o755)
    project.write("other.json", '{"a": {"b": 1.0}}')
    project.write("whole.yaml", "x: 1\na: [1, 2]\n")
    project.edit("dvc.yaml", "stages:\n", OWN)


def test_a_project_that_never_ran(unrun):
    before = unrun.run("git", "status", "--short").stdout
    unrun.run("regrow", "sweep", "rows=6,7", "title=two", "--name", "s")
    assert unrun.run("git", "status", "--short").stdout == before == ""
    assert_as_dvcs(unrun, "s-2", "rows=7", "title=two")
    assert "outputs identical" in unrun.run("regrow", "replay", "s-1", "--env", "current").stdout


def test_a_stage_that_never_ran_beside_others_that_did(project):
    own_stage(project)
    project.commit("a stage more")
    project.run("regrow", "sweep", "title=one,two", "--name", "s")
    project.run("regrow", "replay", "s-2", "--env", "current")
    assert "+/it" in project.run("git", "diff", "HEAD", experiment(project, "s-1"), "--", "kept").stdout
    assert_as_dvcs(project, "s-2", "title=two")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("&& cat page.html", "&& cat page.html page.html"),
        ("[tools/copy.sh, page.html]", "[tools/copy.sh, page.html, metrics.json]"),
        ("params: [title,", "params: [title, rows,"),
        ("shown.txt: {cache: false}", "shown.txt: {cache: false}\n      - kept/deep/more"),
    ],
)
def test_a_stage_that_ran_otherwise(project, old, new):
    own_stage(project)
    project.reproduce("it ran")
    project.edit("dvc.yaml", old, new)
    if "more" in new:
        project.edit("dvc.yaml", "shown.txt\n    deps", "shown.txt && cp shown.txt kept/deep/more\n    deps")
    project.commit("and is another now")
    project.run("regrow", "sweep", "title=two", "--name", "s")
    assert_as_dvcs(project, "s-1", "title=two")


def test_a_stage_that_ran_with_paths_of_another_form(project):
    own_stage(project)
    project.edit("dvc.yaml", "[tools/copy.sh, page.html]", "[./tools/copy.sh, page.html]")
    project.reproduce("it ran")
    project.run("regrow", "sweep", "title=two", "--name", "s")
    assert_as_dvcs(project, "s-1", "title=two")


def test_a_stage_that_is_gone_stays_in_the_lock(project):
    before = project.read("dvc.yaml")
    own_stage(project)
    project.reproduce("a stage more")
    project.write("dvc.yaml", before)
    project.commit("and gone")
    project.run("regrow", "sweep", "title=two", "--name", "s")
    assert_as_dvcs(project, "s-1", "title=two")


def test_data_that_changed_since_the_last_run(project):
    own = "stages:\n  mine:\n    cmd: cp data/raw/x.txt mine.txt\n    deps: [data/raw/x.txt]\n    outs: [mine.txt]\n"
    project.edit("dvc.yaml", "stages:\n", own)
    project.reproduce("a part of the data")
    project.run("regrow", "sweep", "title=two", "--name", "s")
    assert_as_dvcs(project, "s-1", "title=two")
    project.run("git", "reset", "--quiet", "--hard")
    project.write("data/raw/x.txt", "123\n")
    project.run("dvc", "add", "--quiet", "data/raw")
    project.commit("other data")
    project.run("dvc", "exp", "remove", "--quiet", "dvcs")
    project.run("regrow", "sweep", "title=three", "--name", "t")
    assert_as_dvcs(project, "t-1", "title=three")


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ("{cmd: cp loose.txt mine.txt, deps: [loose.txt], outs: [mine.txt]}", "loose.txt: is not in Git"),
        ("{cmd: ls data > mine.txt, deps: [data], outs: [mine.txt]}", "a sweep takes wholes only"),
        ("{cmd: ls data/raw/no > mine.txt, deps: [data/raw/no], outs: [mine.txt]}", "is no file in data/raw"),
        ("{cmd: ls > mine.txt, params: [params.yaml: ], outs: [mine.txt]}", "single settings only"),
        ("{cmd: ls > mine.txt, wdir: src, outs: [mine.txt]}", "uses wdir"),
        ("{cmd: ls > data/raw.dvc, outs: [data/raw.dvc]}", "data/raw.dvc"),
        ("{cmd: ls > mine.txt, outs: [mine.txt], nonsense: 1}", "nonsense"),
        ("{cmd: ls > mine.txt, params: [other.json: 3], outs: [mine.txt]}", "DVC can't read it"),
        ("{cmd: ls > mine.txt, deps: [{}], outs: [mine.txt]}", "deps"),
        ("{cmd: ls > mine.txt, deps: [./pyproject.toml], outs: [mine.txt]}", "write pyproject.toml"),
        ("ls", "mine"),
        ("", "mine"),
    ],
)
def test_what_cannot_be_is_said(project, stage, told):
    project.write("loose.txt", "x")
    project.edit("dvc.yaml", "stages:\n", f"stages:\n  mine: {stage}\n")
    project.run("git", "commit", "--quiet", "--message", "odd", "dvc.yaml")
    done = project.run("regrow", "sweep", "title=two", code=None)
    assert done.returncode != 0
    assert told in done.stderr, done.stderr
    assert "regrow's own" not in done.stderr
