"""`regrow_doctor`: what a plugin finds is told by `regrow doctor`, and one that breaks is named."""

import pytest
from click.testing import CliRunner

from regrow.cli import cli

PLUGIN = """
from regrow.run.doctor import Diagnosis

def regrow_doctor(project):
    if (project.root / "broken").exists():
        raise LookupError("no piano")
    wrong = (project.root / "wrong").exists()
    yield Diagnosis("piano", "out of tune" if wrong else "in tune", "tune it" if wrong else "")
    yield Diagnosis("lid", "open", "close it", warning=True)
"""


@pytest.fixture
def tuned(small):
    small.with_code(plugin=PLUGIN)
    return small


def doctor(*more: str):
    return CliRunner().invoke(cli, ["doctor", "--plugins", *more])


def test_what_is_in_order_and_warnings_end_in_0(tuned):
    done = doctor()
    assert done.exit_code == 0
    assert "piano: in tune" in done.output
    assert "warn    lid: open\n          close it" in done.output


def test_what_is_wrong_ends_in_1_with_how_to_mend_it(tuned):
    (tuned.root / "wrong").touch()
    done = doctor()
    assert done.exit_code == 1
    assert "FIX     piano: out of tune\n          tune it" in done.output


def test_a_plugin_whose_checks_break_is_named(tuned):
    (tuned.root / "broken").touch()
    done = doctor()
    assert done.exit_code == 1
    assert "plugin project: its checks failed: LookupError: no piano" in done.output
