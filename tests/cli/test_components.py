"""`regrow components`, inside a project and outside of one."""

import json

import pytest
from click.testing import CliRunner

from regrow.cli.components import command


def run(*arguments: str) -> str:
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def outside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_outside_of_a_project_it_lists_all_installed_in_80_columns(outside):
    lines = run().splitlines()
    assert "transformer" in lines
    assert any(line.split()[:2] == ["one_hot", "features"] for line in lines)
    assert max(map(len, lines)) <= 80


def test_inside_a_project_it_lists_what_its_plugins_bring(small):
    assert [line.split()[0] for line in run().splitlines()] == ["metric", "mean", "top", "step", "add", "times"]


def test_one_component_with_its_settings(outside):
    told = run("transformer", "scale")
    assert "method: standard, robust or minmax, default" in told
    assert "source: LeCun" in told
    assert max(map(len, told.splitlines())) <= 80


def test_json_has_the_same_as_values(outside):
    told = json.loads(run("splitter", "k_fold", "--json"))
    assert told["settings"][0] | {"description": ""} == {
        "name": "folds",
        "type": "whole number",
        "range": ">= 2 and <= 1000",
        "required": False,
        "default": 5,
        "description": "",
    }
    assert [one["name"] for one in json.loads(run("splitter", "--json"))] == [
        "group",
        "holdout",
        "k_fold",
        "rolling",
        "time",
    ]
