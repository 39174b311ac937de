"""Hostile answers are refused with a reason and nothing written; odd ones give files that read back as that text."""

import os
import tomllib
from pathlib import Path

import pytest
import yaml
from omegaconf import OmegaConf
from ruamel.yaml import YAML
from template_projects import ODD_AUTHOR, ODD_NAME, ODD_TARGET, ROOT, good, run, tree

HOSTILE = [
    ("project_slug", "../x", "a-z"),
    ("project_slug", "/tmp/absolute-regrow", "a-z"),
    ("project_slug", "a/b", "a-z"),
    ("project_slug", ".git", "a-z"),
    ("project_slug", "..", "a-z"),
    ("project_slug", "-rf", "a-z"),
    ("project_slug", "CON", "a-z"),
    ("project_slug", "con", "Windows"),
    ("project_slug", "a b;c", "a-z"),
    ("project_slug", "a\nb", "a-z"),
    ("project_slug", "$(touch canary)", "a-z"),
    ("project_slug", "a" * 300, "a-z"),
    ("project_slug", "ünsicher", "a-z"),
    ("project_slug", "", "a-z"),
    ("project_slug", "{{7*7}}", "{{"),
    ("package_name", "class", "keyword"),
    ("package_name", "json", "hide"),
    ("package_name", "pandas", "hide"),
    ("package_name", "sklearn", "hide"),
    ("package_name", "regrow_data", "hide"),
    ("package_name", "data", "hide"),
    ("package_name", "aux", "Windows"),
    ("package_name", "a.b", "a-z"),
    ("package_name", "1st", "a-z"),
    ("project_name", "{{7*7}}", "{{"),
    ("project_name", "{# gone #}x", "{#"),
    ("project_name", "two\nlines", "U+000A"),
    ("project_name", "two\u2028lines", "U+2028"),
    ("project_name", "two\x85lines", "U+0085"),
    ("project_name", "\u202egnisrever", "U+202E"),
    ("project_name", "\x1b[31mred", "U+001B"),
    ("project_name", "😀", "a-z"),
    ("project_name", "  ", "empty"),
    ("project_name", "x" * 300, "longer"),
    ("author", '{% set x = 1 %}A"; touch canary; echo "', "{%"),
    ("author", os.fsdecode(b"\xff\xfe"), "UTF-8"),
    ("author", "\ufeffA", "U+FEFF"),
    ("task", "multiclass", "binary or regression"),
    ("task", "classification", "must be binary, multiclass or regression: two classes are binary"),
    ("task", "", "must be binary"),
    ("target", "arr_delay", "leave it empty"),
    ("data", "no-such.csv", "no such file"),
    ("data", "/etc/hostname", ".csv"),
    ("data", "", "empty"),
    ("dvc_remote", "relative/path", "s3://"),
    ("dvc_remote", 's3://b"\nx', "control"),
    ("dvc_remote", "s3://b #c", "s3://"),
    ("dvc_remote", "/mnt/%(here)s", "s3://"),
]


@pytest.mark.parametrize(("question", "answer", "reason"), HOSTILE, ids=[f"{q}-{ascii(a)[:24]}" for q, a, _ in HOSTILE])
def test_a_hostile_answer_is_refused_and_leaves_nothing(generate, tmp_path, question, answer, reason):
    here = tmp_path / "a" / "b"
    slug = {} if question in {"project_slug", "project_name"} and answer != "{# gone #}x" else {"project_slug": "fine"}
    done = generate(here, **{**slug, question: answer})
    told = done.stdout + done.stderr
    assert done.returncode != 0
    assert reason in told
    assert "Traceback" not in told
    assert question in told or "project_slug" in told
    assert not list(here.iterdir())
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert not Path("/tmp/absolute-regrow").exists()


def test_all_that_is_wrong_is_told_at_once(generate, tmp_path):
    told = generate(tmp_path / "x", project_slug="../x", package_name="class", author="a\nb", target="t").stdout
    assert all(f"{question} = " in told for question in ("project_slug", "package_name", "author", "target"))


def test_a_password_is_neither_taken_nor_repeated(generate, tmp_path):
    done = generate(tmp_path / "x", dvc_remote="ssh://me:hunter2@example.org/data")
    assert done.returncode
    assert "dvc remote modify --local" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_a_private_variable_can_not_move_the_project(generate, tmp_path):
    done = generate(tmp_path / "x", __folder="elsewhere")
    assert done.returncode
    assert "project_slug" in done.stdout + done.stderr
    assert not list((tmp_path / "x").iterdir())


def test_without_git_nothing_is_made(generate, tmp_path):
    (tmp_path / "bin").mkdir()
    done = generate(tmp_path / "x", env={"PATH": str(tmp_path / "bin")})
    assert done.returncode
    assert "install git" in done.stdout
    assert not list((tmp_path / "x").iterdir())


@pytest.mark.parametrize("force", [(), ("--overwrite-if-exists",)])
def test_a_project_that_is_there_is_not_touched(generate, own_flights, force):
    before = tree(own_flights)
    done = generate(own_flights.parent, arguments=force)
    assert done.returncode
    assert tree(own_flights) == before
    assert run("git", "status", "--porcelain", cwd=own_flights).stdout == ""


def test_odd_texts_read_back_as_they_were(odd):
    answers = tomllib.loads((odd / "pyproject.toml").read_text("utf-8"))["tool"]["regrow"]["template"]["answers"]
    assert (answers["project_name"], answers["author"], answers["target"]) == (ODD_NAME, ODD_AUTHOR, ODD_TARGET)
    project = tomllib.loads((odd / "pyproject.toml").read_text("utf-8"))["project"]
    assert (project["description"], project["authors"]) == (ODD_NAME, [{"name": ODD_AUTHOR}])
    text = (odd / "conf/data/own.yaml").read_text("utf-8")
    readings = [yaml.safe_load(text), YAML(typ="safe").load(text), OmegaConf.to_container(OmegaConf.create(text))]
    assert all(reading["target"]["column"] == ODD_TARGET for reading in readings)
    assert all(reading["reader"] == {"use": "csv", "file": "süß 1.CSV"} for reading in readings)
    assert (odd / "README.md").read_text("utf-8").startswith(f"# {ODD_NAME}\n")
    assert not list(odd.parent.rglob("canary"))


def test_every_yaml_file_means_the_same_to_all_readers(flights, odd):
    for file in [*flights.rglob("*.y*ml"), *odd.rglob("*.y*ml")]:
        text = file.read_text("utf-8")
        assert yaml.safe_load(text) == YAML(typ="safe").load(text), file


def test_the_remote_reads_back_as_it_was(odd, environment, python_m):
    listed = python_m("dvc", "remote", "list", cwd=odd, env=environment).stdout
    assert listed.split(maxsplit=1)[1].strip().startswith("/nowhere/bücket/a b,c=d&e%20f")
    assert python_m("dvc", "config", "remote.storage.verify", cwd=odd, env=environment).stdout.strip() == "true"


@pytest.mark.parametrize("place", ["/", "."])
def test_the_template_may_be_named_by_a_relative_path(environment, generate, tmp_path, place):
    done = generate(
        tmp_path / "x",
        template="template/project",
        env={"PWD": place},
        arguments=["--output-dir", tmp_path / "x"],
        cwd=ROOT,
    )
    good(done, tmp_path / "x" / "late-flights")
