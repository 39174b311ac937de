"""A private folder for stages: it ends what runs there, whenever it is told to."""

import time

import pytest

from regrow.errors import RegrowError
from regrow.recorded import StageRecord
from regrow.sweep.places import Place
from regrow.tools import process


def test_a_command_that_was_started_while_it_was_stopped_is_ended(tmp_path, monkeypatch):
    (tmp_path / "place").mkdir()
    place = Place(tmp_path / "place", origin=None, supplies=None, blobs={})  # type: ignore[arg-type]
    run = process.run

    def stopped_between(*arguments):
        *others, begun = arguments
        return run(*others, lambda started: (place.stop(), begun(started)))

    monkeypatch.setattr(process, "run", stopped_between)
    began = time.monotonic()
    with pytest.raises(RegrowError, match="was stopped"):
        place._execute(StageRecord("slow", ("exec sleep 60",)), tmp_path / "log")
    assert time.monotonic() - began < 30
