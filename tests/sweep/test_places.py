"""A private folder for stages: it ends what runs there, whenever it is told to."""

import time

import pytest

from regrow.errors import RegrowError
from regrow.recorded import Entry, StageRecord
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


@pytest.fixture
def shared(tmp_path) -> Place:
    """A place in which an input has been put, and that has been cleared for a stage that does not need it."""
    (tmp_path / "place").mkdir()
    blobs = {"5": b"one", "6": b"two"}
    place = Place(tmp_path / "place", origin=None, supplies=None, blobs=blobs)  # type: ignore[arg-type]
    place._bring(INPUT)
    place._clear({})
    assert not (place.folder / "data/x").exists()
    return place


INPUT = Entry("data/x", "5", 3, False)


def test_an_input_that_is_needed_again_is_the_same_file(shared):
    (aside,) = (file for file in shared.folder.parent.rglob("x") if file.is_file())
    number = aside.stat().st_ino
    shared._bring(INPUT)
    assert (shared.folder / "data/x").stat().st_ino == number
    assert (shared.folder / "data/x").read_bytes() == b"one"


def test_one_that_was_written_into_meanwhile_is_brought_anew(shared):
    (aside,) = (file for file in shared.folder.parent.rglob("x") if file.is_file())
    aside.write_bytes(b"two")
    shared._bring(INPUT)
    assert (shared.folder / "data/x").read_bytes() == b"one"


def test_another_one_is_brought(shared):
    shared._bring(Entry("data/x", "6", 3, False))
    assert (shared.folder / "data/x").read_bytes() == b"two"
