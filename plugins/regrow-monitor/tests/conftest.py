"""One bundle of flights for all tests of this folder, and what the stages make of a log of its rows."""

import os
import sys
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
SERVING = Path(__file__).resolve().parents[2] / "regrow-serve/tests"
for folder in (SERVING, Path(__file__).parent):
    sys.path.insert(0, str(folder))

import flights  # noqa: E402 - it lies in the tests of regrow-serve
import stream  # noqa: E402

from regrow_serve.bundle import Bundle  # noqa: E402


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Not to be changed: `file` is a bundle of flights, `bundle` the same read."""
    folder = tmp_path_factory.mktemp("flights")
    settings = flights.settings_of("linear", serving={"log": {"privacy": {"note": "personal"}}})
    found = flights.stages(flights.raw(folder / "raw", stream.ROWS), settings, requirements_lock=flights.LOCK)
    file = flights.written(folder, found)
    return found | {"file": file, "bundle": Bundle.load(file)}


@pytest.fixture(scope="session")
def month(made, tmp_path_factory):
    """Not to be changed: 30 days of 40 rows each, sealed, with labels a week later; fuel is higher from day 20 on."""
    return stream.log(made, tmp_path_factory.mktemp("month"), days=30, rows=40, shift=("fuel", 0.8, 20))
