"""Ctrl-C while DVC waits for a stage that somebody else runs."""

import os
import signal

import pytest

from regrow.tools.dvc_patches.commands import Running


@pytest.fixture
def heard():
    told = []
    before = signal.signal(signal.SIGINT, lambda *_: told.append("stop"))
    yield told
    signal.signal(signal.SIGINT, before)


def test_a_stage_that_ends_well_is_asked_once_and_ended_then(tmp_path, heard):
    file = tmp_path / ".dvc/tmp/regrow/scratch/train/stops"
    file.parent.mkdir(parents=True)
    file.write_text(f"{os.getpid()}\n")
    ended = []
    running = Running(ends=[lambda: ended.append("end")], folder=str(tmp_path))
    running.interrupt()
    assert (heard, ended, running.interrupted) == (["stop"], [], False)
    running.interrupt()
    assert (heard, ended, running.interrupted) == (["stop"], ["end"], True)


def test_any_other_is_ended_at_once(tmp_path, heard):
    ended = []
    file = tmp_path / ".dvc/tmp/regrow/scratch/train/stops"
    file.parent.mkdir(parents=True)
    file.write_text("999999999\n")  # of a process that is gone
    running = Running(ends=[lambda: ended.append("end")], folder=str(tmp_path))
    running.interrupt()
    assert (heard, ended, running.interrupted) == ([], ["end"], True)
