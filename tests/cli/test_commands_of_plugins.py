"""`regrow_commands`: a plugin's commands are listed in its project, imported when called, and break no other."""

import sys

import pytest
from click.testing import CliRunner

from regrow import Command, RegrowError
from regrow.cli import cli, main

PLUGIN = """
from regrow import Command

def regrow_commands():
    return [Command("tune", run="PKG.tune:command", about="Play a tune.")]
"""
TUNE = """
import click

@click.command()
@click.argument("note")
def command(note):
    if note == "h":
        raise LookupError("no h here")
    click.echo(f"playing {note}")
"""


@pytest.fixture
def tuned(small):
    small.with_code(plugin=PLUGIN, tune=TUNE)
    return small


def called(*arguments: str):
    return CliRunner().invoke(cli, list(arguments))


def test_it_is_listed_in_its_project_and_not_imported(tuned):
    shown = called("--help").output
    assert "  tune  Play a tune.\n" in shown.partition("Commands of this project's plugins:")[2]
    assert f"{tuned.package}.tune" not in sys.modules


def test_it_runs(tuned):
    assert called("tune", "c").output == "playing c\n"


def test_elsewhere_there_is_none(tuned, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "tune" not in called("--help").output
    assert "no command 'tune'" in called("tune", "c").output


def test_outside_a_project_there_are_those_of_all_that_is_installed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = called("--help").output.partition("Commands of plugins:")[2]
    assert "  predict  " in shown
    assert "Score the rows of FILE" in called("predict", "--help").output


def test_a_misspelt_one_is_told_with_the_nearest(tuned):
    assert "no command 'tuen'; did you mean 'tune'?" in called("tuen").output


def test_a_broken_plugin_leaves_other_commands_alone(tuned):
    tuned.write(tuned.code("plugin"), "1 / 0\n")
    tuned.with_code()
    assert "tune" not in called("--help").output
    assert called("compile", "--help").exit_code == 0
    assert "no command 'tune'" in called("tune", "c").output


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", "command tune: .* can't be imported: ZeroDivisionError"),
        ("import sys; sys.exit(3)", "command tune: .* can't be imported: SystemExit"),
        ("command = 3", "command tune: .* is no click command, but a int"),
    ],
)
def test_one_that_can_not_be_imported_is_told(tuned, code, said):
    tuned.write(tuned.code("tune"), code)
    assert "Play a tune" in called("--help").output
    error = called("tune", "c").exception
    assert isinstance(error, RegrowError)
    with pytest.raises(RegrowError, match=said):
        raise error


def test_one_that_fails_is_not_called_an_error_of_regrows_own(tuned, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["regrow", "tune", "h"])
    with pytest.raises(SystemExit, match="1"):
        main()
    assert "regrow: command 'tune' of a plugin failed: LookupError: no h here" in capsys.readouterr().err


def test_a_name_of_ours_is_a_problem_and_ours_runs(tuned):
    tuned.edit(tuned.code("plugin"), '"tune"', '"ls"')
    tuned.with_code()
    with pytest.raises(RegrowError, match=r"plugins project, regrow: command 'ls' is declared twice"):
        tuned.plugins.require_sound()
    assert "List" in called("ls", "--help").output


def test_a_malformed_name():
    with pytest.raises(ValueError, match="command 'Tune it'"):
        Command("Tune it", "m:f")
