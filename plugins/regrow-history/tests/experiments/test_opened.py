"""`regrow.open`: any artifact of any commit from Python, read by hash; nothing of the commit is run."""

import sys

import pytest
from tests.tiny import flip

import regrow
from regrow.base.errors import Exit


@pytest.fixture
def opened(recorded, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    return regrow.open(recorded.root)


def test_artifacts_of_two_commits(opened, recorded):
    before = recorded.state()
    assert len(opened.at("HEAD")["table"]) == 5
    assert len(opened.at("HEAD~1")["table"]) == 3
    commit = opened.at()
    assert {"table", "metrics", "page"} <= set(commit)
    assert commit.metrics == commit["metrics"] == commit["metrics.json"]
    assert recorded.state() == before


def test_an_output_as_a_file(opened, tmp_path):
    file = opened.at("HEAD~1").save("table", tmp_path / "out")
    assert file.is_file()
    assert file.relative_to(tmp_path / "out").as_posix() == "data/table.parquet"


def test_what_is_not_there_or_not_as_recorded(opened, recorded):
    with pytest.raises(regrow.RegrowError, match="no artifact 'tabel'; did you mean 'table'"):
        opened.at()["tabel"]
    with pytest.raises(regrow.RegrowError, match="names no commit"):
        opened.at("nothing")
    entry = opened.at().entries["table"]
    flip(recorded.object(entry.md5))
    with pytest.raises(regrow.RegrowError, match="corrupt") as told:
        opened.at()["table"]
    assert told.value.code == Exit.DATA_MISSING
    recorded.object(entry.md5).unlink()
    with pytest.raises(regrow.RegrowError, match="missing"):
        opened.at()["table"]


def test_experiments_are_a_table(opened, recorded):
    table = opened.experiments()
    assert table["rows"].tolist() == [5]
    assert table["commit"].tolist() == [recorded.run("git", "rev-parse", "HEAD").stdout.strip()]


def test_a_name_that_is_none():
    with pytest.raises(AttributeError):
        regrow.opened  # noqa: B018
