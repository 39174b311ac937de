"""What the warm server has found compiled is believed as long as nothing has changed."""

import shutil

import pytest
from tests.repository import Repository

from regrow import layout
from regrow.plugin.project import Project
from regrow.run import reproduce
from regrow.run.journal import Journal
from regrow.warm import run_in_server


@pytest.fixture
def project(recorded) -> Project:
    return Project(recorded.root)


@pytest.mark.parametrize(
    "name", ["conf/config.yaml", "conf/more.yaml", "src/new.py", "params.yaml", "dvc.yaml", "pyproject.toml"]
)
def test_a_file_that_changes_is_a_reason_to_compile(recorded, project, name):
    found = run_in_server.Compiled("", run_in_server._seen(project))
    assert found.is_so_in(project)
    with recorded.root.joinpath(name).open("a") as file:
        file.write("\n# more\n")
    assert not found.is_so_in(project)


def test_bytecode_is_none(recorded, project):
    found = run_in_server.Compiled("", run_in_server._seen(project))
    recorded.write("src/__pycache__/x.pyc", "x")
    assert found.is_so_in(project)


def test_the_stage_is_recorded_as_dvc_records_it(recorded):
    lock = recorded.read("dvc.lock")
    said = recorded.run("regrow", "run", "--force").stdout
    assert "> regrow compile --in-pipeline" in said
    assert recorded.read("dvc.lock") == lock
    assert "up to date" in recorded.run("dvc", "status").stdout


@pytest.mark.parametrize(("inner", "asked"), [("", False), ("other", True)])
def test_another_folder_is_compiled_for_itself(project, monkeypatch, inner, asked):
    """One DVC repository may hold two projects; each has a stage with this very command."""
    seen = []
    monkeypatch.setattr(run_in_server, "stage", lambda *given: seen.append(given) or 0)
    found = run_in_server.Compiled("", run_in_server._seen(project))
    ready = reproduce.Ready(project, lambda: None, Journal(project.root), compiled=lambda: found)
    assert ready.execute(layout.COMPILE_COMMAND, str(project.root / inner), {}, lambda end: None) == 0
    assert bool(seen) == asked


@pytest.fixture
def served(recorded, project, monkeypatch) -> Project:
    """With this process's commands handed to the server that the tests share."""
    for name in ("REGROW_HOME", "PATH"):
        monkeypatch.setenv(name, recorded.environment[name])
    return project


def test_compiling_early_is_what_the_stage_does(recorded, served):
    recorded.edit("conf/config.yaml", "rows: 5", "rows: 6")
    before = {path: (recorded.root / path).stat().st_ino for path in ("dvc.yaml", "fingerprints/make.lock")}
    found = run_in_server.compile_early(served)
    assert found is not None
    assert found.is_so_in(served)
    assert "rows: 6" in recorded.read("params.yaml")
    assert {path: (recorded.root / path).stat().st_ino for path in before} == before
    recorded.edit("conf/config.yaml", "rows: 6", "rows: 7")
    assert not found.is_so_in(served)


def test_what_cannot_be_compiled_is_left_to_the_stage(recorded, served):
    recorded.edit("conf/config.yaml", "rows: 5", "rows: five")
    before = recorded.read("params.yaml")
    assert run_in_server.compile_early(served) is None
    assert recorded.read("params.yaml") == before


def test_an_edit_meanwhile_is_compiled_by_the_stage(recorded, served, monkeypatch):
    compile_ = run_in_server._compile

    def edited(*given):
        done = compile_(*given)
        recorded.edit("conf/config.yaml", "rows: 5", "rows: 6")
        return done

    monkeypatch.setattr(run_in_server, "_compile", edited)
    assert not run_in_server.compile_early(served).is_so_in(served)


def test_what_comes_of_it_is_what_dvc_makes_of_it(recorded, tmp_path):
    recorded.run("regrow", "run")
    recorded.edit("conf/config.yaml", "rows: 5", "rows: 6")
    recorded.commit("a setting")
    other = Repository(tmp_path / "other", recorded.package, recorded.environment)
    shutil.copytree(recorded.root, other.root, symlinks=True)
    said = recorded.run("regrow", "run").stdout
    assert said.index("> regrow compile --in-pipeline") < said.index("> regrow stage make")
    other.run("dvc", "repro", REGROW_COLD="1")
    for file in ("dvc.lock", "params.yaml", "fingerprints/settings.json", "fingerprints/make.lock"):
        assert recorded.read(file) == other.read(file)
    assert "up to date" in recorded.run("dvc", "status").stdout
