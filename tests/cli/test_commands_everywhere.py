"""`regrow.commands`: what an installed package brings to every project, and what is said where it is not there."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import pytest
from click.testing import CliRunner

from regrow import RegrowError, layout
from regrow.cli import cli
from regrow.plugin import commands

METADATA = "Metadata-Version: 2.1\nName: regrow-music\nVersion: 1.0\n"
PLUGIN = """
from regrow import Command

def regrow_commands():
    return [Command("tune", run="regrow_music:command"), Command("replay", run="regrow_music:command")]
"""
TUNE = """
import click

@click.command()
def command():
    click.echo("playing")
"""


@pytest.fixture
def music(tmp_path, monkeypatch):
    """A package that was installed in a folder on sys.path, and the folder we are in, which is no project."""
    folder = tmp_path / "site"
    for name, text in {
        "regrow_music/__init__.py": TUNE,
        "regrow_music/plugin.py": PLUGIN,
        "regrow_music-1.0.dist-info/METADATA": METADATA,
        "regrow_music-1.0.dist-info/entry_points.txt": "[regrow.commands]\nmusic = regrow_music.plugin\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.chdir(tmp_path)
    yield folder
    for name in [one for one in sys.modules if one.partition(".")[0] == "regrow_music"]:
        del sys.modules[name]


def called(*arguments: str):
    return CliRunner().invoke(cli, list(arguments))


def test_it_is_listed_and_runs_outside_of_any_project(music):
    assert "tune" in called("--help").output.partition("Commands of installed packages:")[2]
    assert called("tune").output == "playing\n"


def test_it_takes_no_name_of_ours(music):
    assert "regrow_history.cli.replay" in commands.everywhere()["replay"][0].run
    assert "Run the commit REV again" in called("replay", "--help").output


def test_a_broken_package_leaves_the_others_alone(music):
    (music / "regrow_music/plugin.py").write_text("1 / 0\n")
    assert "no command 'tune'" in called("tune").output
    assert called("inspect", "--help").exit_code == 0


@pytest.mark.parametrize("name", [*layout.ELSEWHERE, "ls"])
def test_without_its_package_a_command_says_which_that_is(name, monkeypatch):
    def absent(package: str):
        raise PackageNotFoundError(package)

    monkeypatch.setattr(commands, "distribution", absent)
    error = called(name).exception
    assert isinstance(error, RegrowError)
    assert "comes with the package regrow-history, which is not installed" in str(error)
    assert "pip install regrow-history" in str(error)


def test_every_command_that_may_be_elsewhere_is_there():
    assert {name for name, (_, by) in commands.everywhere().items() if by.distribution == "regrow-history"} == {
        *layout.ELSEWHERE
    }


def test_without_its_package_open_says_which_that_is():
    script = "import sys; sys.modules['regrow_history'] = None\nimport regrow\nregrow.open()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "AttributeError: regrow.open comes with the package regrow-history" in done.stderr


def test_run_twice_says_so_before_it_runs(small, monkeypatch):
    monkeypatch.setitem(layout.ELSEWHERE, "replay", "regrow-elsewhere")
    error = called("run", "--twice").exception
    assert isinstance(error, RegrowError)
    assert "regrow replay: comes with the package regrow-elsewhere" in str(error)
