"""A private folder for stages: it ends what runs there, whenever it is told to."""

import hashlib
import stat
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from regrow.base import process
from regrow.base.errors import RegrowError
from regrow.record.commit_record import Entry, StageRecord
from regrow_history.sweep.workdirs import Workdir


def test_a_command_that_was_started_while_it_was_stopped_is_ended(tmp_path, monkeypatch):
    (tmp_path / "place").mkdir()
    place = Workdir(tmp_path / "place", origin=None, supplies=None, blobs={})  # type: ignore[arg-type]
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
def shared(tmp_path) -> Workdir:
    """A place in which an input has been put, and that has been cleared for a stage that does not need it."""
    (tmp_path / "place").mkdir()
    blobs = {"5": b"one", "6": b"two"}
    place = Workdir(tmp_path / "place", origin=None, supplies=None, blobs=blobs)  # type: ignore[arg-type]
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


MADE = hashlib.md5(b"one\n", usedforsecurity=False).hexdigest()
NEEDED = Entry("out/x", MADE, 4, False)


class Making:
    """A place in which a stage makes out/x, and another one follows."""

    def __init__(self, folder: Path) -> None:
        self.place = Workdir(folder, None, None, {MADE: b"one\n"})  # type: ignore[arg-type]
        self.file = folder / "out/x"
        folder.mkdir()

    def run(self, command: str) -> "Making":
        experiment = SimpleNamespace(files={})
        self.place.run(StageRecord("make", (command,), outs=(NEEDED,)), experiment, {})  # type: ignore[arg-type]
        self.number = self.file.stat().st_ino
        return self

    def follow(self, *needs: Entry) -> Path:
        self.place._clear({entry.path: entry for entry in needs})
        for entry in needs:
            self.place._bring(entry)
        return self.file


@pytest.fixture
def making(tmp_path) -> Making:
    return Making(tmp_path / "place")


def test_what_a_stage_made_stays_for_the_next_one_that_needs_it(making):
    file = making.run("echo one > out/x").follow(NEEDED)
    assert file.read_bytes() == b"one\n"
    assert file.stat().st_ino == making.number


@pytest.mark.parametrize("command", ["echo one > out/y && ln -s y out/x", "echo one > out/x && chmod 755 out/x"])
def test_but_not_where_it_is_another_kind_of_file(making, command):
    file = making.run(command).follow(NEEDED)
    assert file.read_bytes() == b"one\n"
    assert not file.is_symlink()
    assert not file.stat().st_mode & stat.S_IXUSR


def test_nor_where_another_one_is_needed(making):
    assert making.run("echo two > out/x").follow(NEEDED).read_bytes() == b"one\n"


def test_nor_where_nothing_needs_it(making):
    assert not making.run("echo one > out/x").follow().exists()
    assert making.follow(NEEDED).read_bytes() == b"one\n"


def test_nor_where_it_was_written_into_meanwhile(making):
    making.run("echo one > out/x").file.write_text("two\n")
    assert making.follow(NEEDED).read_bytes() == b"one\n"
