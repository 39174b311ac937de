"""What the warm server has found compiled is believed as long as nothing has changed."""

import pytest

from regrow import handing, names, recording
from regrow.project import Project


@pytest.fixture
def project(recorded) -> Project:
    return Project(recorded.root)


@pytest.mark.parametrize(
    "name", ["conf/config.yaml", "conf/more.yaml", "src/new.py", "params.yaml", "dvc.yaml", "pyproject.toml"]
)
def test_a_file_that_changes_is_a_reason_to_compile(recorded, project, name):
    found = handing.Compiled("", handing._seen(project))
    assert found.is_so_in(project)
    with recorded.root.joinpath(name).open("a") as file:
        file.write("\n# more\n")
    assert not found.is_so_in(project)


def test_bytecode_is_none(recorded, project):
    found = handing.Compiled("", handing._seen(project))
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
    monkeypatch.setattr(handing, "stage", lambda *given: seen.append(given) or 0)
    found = handing.Compiled("", handing._seen(project))
    ready = recording.Ready(project, lambda: None, compiled=found)
    assert ready.execute(names.COMPILE_COMMAND, str(project.root / inner), {}, lambda end: None) == 0
    assert bool(seen) == asked
