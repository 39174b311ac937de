"""What comes out: a Git repository with one commit, the same on every machine, with nothing of this machine in it."""

import getpass
import io
import platform
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from omegaconf import OmegaConf
from template_projects import ROOT, good, run, tree

GROUPS = ("compute", "data", "evaluation", "experiment", "features", "gates", "model", "search", "split")


def test_it_is_a_repository_with_one_commit_and_nothing_left_over(flights):
    assert run("git", "status", "--porcelain", cwd=flights).stdout == ""
    assert run("git", "log", "--format=%an %s", cwd=flights).stdout == "T A regrow project, as generated\n"
    assert run("git", "branch", "--show-current", cwd=flights).stdout == "main\n"
    kept = run("git", "ls-files", cwd=flights).stdout.split()
    assert {"requirements.lock", "data/raw.dvc", ".dvc/config", "conf/config.yaml", ".gitattributes"} <= set(kept)
    assert not [name for name in kept if name.startswith("data/raw/") or "cache" in name]


def test_inside_a_repository_it_is_staged_there_and_nothing_is_committed(generate, flights, tmp_path):
    run("git", "init", "--quiet", tmp_path, cwd=tmp_path)
    (tmp_path / ".gitignore").write_text("vendor/\n*.lock\nscratch/\n")
    (tmp_path / "mine.txt").write_text("staged before\n")
    run("git", "add", "mine.txt", cwd=tmp_path)
    done = generate(tmp_path / "apps")
    project = good(done, tmp_path / "apps" / "late-flights")
    assert f"a part of the Git repository {tmp_path}" in done.stdout
    assert tree(project) == tree(flights)
    assert not (project / ".git").exists()
    staged = run("git", "ls-files", cwd=project).stdout
    assert staged == run("git", "ls-files", cwd=flights).stdout
    assert ".whl" in staged
    assert run("git", "log", cwd=project).returncode == 128
    assert run("git", "ls-files", cwd=tmp_path).stdout.splitlines()[-1] == "mine.txt"
    again = good(generate(tmp_path / "scratch"), tmp_path / "scratch" / "late-flights")
    assert run("git", "log", "--format=%s", cwd=again).stdout == "A regrow project, as generated\n"


def test_settings_have_every_group_and_the_answers(flights, odd):
    for project in (flights, odd):
        assert sorted(path.name for path in (project / "conf").iterdir() if path.is_dir()) == sorted(GROUPS)
        assert all(list((project / "conf" / group).glob("*.yaml")) for group in GROUPS)
    data = yaml.safe_load((flights / "conf/data/flights_common.yaml").read_text())
    assert data["target"] == {"column": "arr_delay", "above": 60, "name": "late"}
    assert len(data["assumptions"]) >= 6
    assert "warn" in {one["severity"] for one in data["assumptions"].values()}
    assert sorted(path.name for path in (flights / "conf/evaluation").iterdir()) == ["binary.yaml"]
    assert sorted(path.name for path in (odd / "conf/data").iterdir()) == ["own.yaml"]


def test_a_run_is_portable_and_tells_what_it_was_not_told(flights, odd):
    for project in (flights, odd):
        for file in (project / "conf/compute").glob("*.yaml"):
            said = yaml.safe_load(file.read_text())
            assert (said["portable"], said["io"]) == (True, "warn"), file
            assert all("  # " in line for line in file.read_text().splitlines() if not line.startswith("#")), file
        recorded = run("git", "check-ignore", "hashes/train.json", "hashes/not-replayable.patch", cwd=project)
        assert recorded.stdout == "", "what a run recorded would not be committed"


def test_the_workflow_comes_out_as_it_is_in_the_template(flights, odd):
    name = ".github/workflows/ci.yml"
    for project in (flights, odd):
        assert (project / name).read_bytes() == (
            ROOT / "template/project/{{cookiecutter.__folder}}" / name
        ).read_bytes()


def test_the_same_answers_give_the_same_files_whatever_the_umask(generate, flights, tmp_path):
    again = good(generate(tmp_path / "x y", umask=0o077), tmp_path / "x y" / "late-flights")
    assert tree(again) == tree(flights)
    assert all(
        path.stat().st_mode & 0o777 == 0o755 for path in again.rglob("*") if path.is_dir() and ".git" not in path.parts
    )
    commits = [run("git", "rev-parse", "HEAD^{tree}", cwd=project).stdout for project in (flights, again)]
    assert commits[0] == commits[1]


def test_nothing_of_this_machine_is_in_it(flights, odd):
    private = [str(ROOT), str(Path.home()), str(flights.parent), str(odd.parent), str(Path.cwd())]
    private += [word for word in (platform.node(), getpass.getuser()) if len(word) > 5]
    for project in (flights, odd):
        for name, (_, content) in tree(project).items():
            found = [text for text in private if len(text) > 4 and text.encode() in content]
            assert not found, (name, found)
            assert not re.search(rb"://[^\s\"']*/simple", content), f"{name} names a package index"


def test_a_hostile_git_configuration_changes_nothing(generate, environment, flights, tmp_path):
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    (tmp_path / "ignored").write_text("*.lock\n*.whl\n")
    (tmp_path / "gitconfig").write_text(
        f"[core]\n hooksPath = {hooks}\n excludesFile = {tmp_path}/ignored\n autocrlf = true\n"
        "[commit]\n gpgSign = true\n[init]\n defaultBranch = trunk\n"
    )
    nobody = {
        name: "" for name in environment if name.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_")) and "DATE" not in name
    }
    settings = {"GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "GIT_DIR": "/nowhere", "EMAIL": "", **nobody}
    project = good(generate(tmp_path / "x", env=settings, author="Ada <a@b.c>"), tmp_path / "x" / "late-flights")
    assert (
        run("git", "log", "-1", "--format=%an|%ae|%D", cwd=project).stdout
        == "Ada a@b.c|nobody@example.invalid|HEAD -> main\n"
    )
    files = [run("git", "ls-tree", "-r", "--name-only", "HEAD", cwd=here).stdout for here in (project, flights)]
    assert files[0] == files[1]


def test_the_template_is_named_only_by_a_public_address(flights, generate, tmp_path):
    def named(project):
        return tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["tool"]["regrow"]["template"]

    assert set(named(flights)) == {"answers"}
    commit = run("git", "rev-parse", "HEAD", cwd=ROOT).stdout.strip()
    (tmp_path / "config.yaml").write_text(
        f"abbreviations: {{gh: 'git+file://{ROOT.parent}/{{0}}'}}\n"
        f"cookiecutters_dir: {tmp_path}/c\nreplay_dir: {tmp_path}/r\n"
    )
    done = generate(
        tmp_path / "x",
        template=f"gh:{ROOT.name}",
        env={"COOKIECUTTER_CONFIG": str(tmp_path / "config.yaml")},
        arguments=["--directory", "template/project", "--checkout", commit],
    )
    found = named(good(done, tmp_path / "x" / "late-flights"))
    assert (found["address"], found["checkout"]) == (f"gh:{ROOT.name}", commit)


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".CSV"])
@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("a,b\n1,x\n2,y\n", "utf-8", {}),
        ("a;b\r\n1,5;x\r\n2,5;y\r\n", "utf-8", {"separator": ";", "decimal": ","}),
        ("a\tb\n1.5\tx\n", "utf-8", {"separator": "\t"}),
        ('"a, or"|b\n"1|1"|x\n', "utf-8", {"separator": "|"}),
        ("\ufeffa,b\n1,x\n", "utf-8", {}),
        ("größe;b\n1;ü\n", "cp1252", {"separator": ";", "encoding": "cp1252"}),
        ("a,b\n1,ü\n", "utf-16", {"encoding": "utf-16"}),
        ("Report 2023;;\n;;\na;b\n1;x\n", "utf-8", {"separator": ";", "skip_rows": 2}),
        ("# by a tool\n# in mm\na,b\n1,x\n", "utf-8", {"comment": "#"}),
        ("a,b\n1,x\n2,y\n\nTotal: 2\nSource: us\n", "utf-8", {"skip_footer": 2}),
        ("a,b\n1,x\n2", "utf-8", {}),  # cut off
    ],
)
def test_how_a_csv_is_written_is_found_out(tables, write_table, tmp_path, text, encoding, expected, ending):
    file = write_table(tmp_path / f"t{ending}", text, encoding)
    assert tables.unusable(file, "b") == []
    found = tables.read(file, "b")
    usual = {"separator": ",", "decimal": ".", "encoding": "utf-8", "skip_rows": 0, "skip_footer": 0, "comment": ""}
    assert {key: getattr(found, key) for key in usual} == {**usual, **expected}


@pytest.mark.parametrize(
    ("text", "target", "reason"),
    [
        ("income,churned\n1,yes\n", "churn", "did you mean 'churned'"),
        ("income,churned\n1,yes\n", "", "name the column to predict: income, churned"),
        ("a,b,b\n1,2,3\n", "b", "names 2 columns"),
        ("b\n1\n", "b", "no column but the target"),
        ("a,b\n", "b", "no rows"),
        ("", "b", "empty"),
    ],
)
def test_a_csv_that_can_not_do_is_refused(tables, write_table, tmp_path, text, target, reason):
    assert reason in str(tables.unusable(write_table(tmp_path / "t.csv", text), target))


def test_files_that_are_not_what_their_name_says_are_refused(tables, tmp_path):
    for name, content in {"a.parquet": b"PAR1 but no more", "b.csv.gz": b"a,b\n1,2\n", "c.csv": b"\0\1,\n"}.items():
        (tmp_path / name).write_bytes(content)
        assert tables.unusable(tmp_path / name, "b"), name
    assert "folder" in str(tables.unusable(tmp_path, "b")) or "ends in" in str(tables.unusable(tmp_path, "b"))


def test_a_parquet_file_gives_a_regression_project(generate, tables, tmp_path, python_m, environment):
    import pandas as pd

    buffer = io.BytesIO()
    pd.DataFrame({"größe": range(60), "price": [n * 1.5 for n in range(60)]}).to_parquet(buffer)
    (tmp_path / "houses.parquet").write_bytes(buffer.getvalue())
    assert "is no column" in str(tables.unusable(tmp_path / "houses.parquet", "prize"))
    answers = {"project_slug": "houses", "task": "regression", "target": "price", "data": tmp_path / "houses.parquet"}
    project = good(generate(tmp_path / "x", **answers), tmp_path / "x" / "houses")
    settings = OmegaConf.to_container(OmegaConf.load(project / "conf/data/own.yaml"))
    assert settings["reader"] == {"use": "parquet", "file": "houses.parquet"}
    assert settings["task"] == "regression"
    assert (project / "data/raw/houses.parquet").read_bytes() == buffer.getvalue()
    assert str(tmp_path) not in "".join(path.read_text("utf-8") for path in project.rglob("*.toml"))


def test_data_may_be_named_from_the_shells_folder_or_from_home(generate, write_table, tmp_path):
    for place, named in {"here": "t.csv", "home": "~/t.csv"}.items():
        (tmp_path / place).mkdir()
        write_table(tmp_path / place / "t.csv", "a,b\n" + "1,j\n2,n\n" * 30)
        answers = {"project_slug": f"from-{place}", "task": "multiclass", "target": "b", "data": named}
        done = generate(tmp_path / place, env={"HOME": str(tmp_path / place)}, **answers)
        good(done, tmp_path / place / f"from-{place}")


@pytest.mark.parametrize(
    ("text", "task", "reason"),
    [
        (
            "a,y\n1,red\n2,green\n3,blue\n",
            "binary",
            "3 classes (blue, green, red), and binary means two: choose multiclass",
        ),
        ("a,y\n1,0\n2,1\n3,2\n", "binary", "choose multiclass or regression"),
        ("a,y\n1,red\n2,green\n", "regression", "holds text (green, red), and regression predicts a number"),
        ("a,y\n1,x\n2,x\n", "multiclass", "one value only (x)"),
        ("a,y\n1,\n2,?\n", "binary", "no value in any row"),
        ("a,,y\n1,2,x\n2,3,y\n", "binary", "column 2 has no name"),
        (",a,y\n7,2,x\n9,3,y\n", "binary", "column 1 has no name"),
        (",a,y\n0,2,x\n1,3,y\n", "binary", ""),
        ("a,y,\n2,x,\n3,y,\n", "binary", ""),
        ("a,a,y\n2,2,x\n3,3,y\n", "binary", "more than once: a"),
        ("a,y\n1,1\n2,1.0\n3,0\n", "binary", ""),
        ("a,y\n" + "".join(f"1,{row}\n" for row in range(30)), "binary", ""),
        ("a;y\n1;1.113,43\n2;?\n3;$5\n", "regression", ""),
        ("a,y\n1,u\n2,v\na,y\n3,u\n", "binary", ""),
        ("a,y\n1,no\n2,yes\n3,Yes\n", "binary", "write them alike in the file (upper and lower case differ)"),
    ],
)
def test_what_the_first_stage_would_refuse_is_refused(tables, write_table, tmp_path, text, task, reason):
    told = tables.unusable(write_table(tmp_path / "t.csv", text), "y", task)
    assert reason in str(told)
    assert bool(told) == bool(reason)


def test_make_lists_its_tasks_and_says_when_python_is_too_old(flights, own_flights, environment, tmp_path):
    listed = run("make", cwd=flights).stdout
    assert all(
        f"make {task} " in listed
        for task in ("setup", "run", "replay", "verify", "test", "lint", "format", "lock", "clean", "help")
    )
    (tmp_path / "bin").mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "bin" / name).chmod(0o755)
    done = run("make", "setup", cwd=own_flights, env={**environment, "PATH": f"{tmp_path}/bin:{environment['PATH']}"})
    assert done.returncode
    assert "Python 3.11 or newer" in done.stderr


@pytest.fixture(scope="session")
def longest(generate, tmp_path_factory) -> Path:
    """A project whose names are as long as they may be."""
    folder = tmp_path_factory.mktemp("longest")
    return good(generate(folder, project_slug="n" * 50), folder / ("n" * 50))


def test_its_own_tests_and_checks_pass(flights, odd, longest, python_m, environment):
    commands = [("pytest", "-q", "-p", "no:cacheprovider"), ("ruff", "check", "--no-cache")]
    for project in (flights, odd, longest):
        for command in [*commands, ("ruff", "format", "--check", "--no-cache")]:
            done = python_m(*command, cwd=project, env=environment)
            assert done.returncode == 0, (project, command, done.stdout + done.stderr)


def test_the_first_commit_holds_the_compiled_pipeline(flights, python_m, environment):
    kept = run("git", "ls-files", "dvc.yaml", "params.yaml", "fingerprints", cwd=flights).stdout.split()
    assert {"dvc.yaml", "params.yaml", "fingerprints/train.lock"} <= set(kept)
    assert python_m("regrow", "compile", "--check", cwd=flights, env=environment).returncode == 0
