"""What the warm server loads, and in which order."""

import gc
import sys

import pytest

from regrow.warm import libraries
from regrow.warm.libraries import Loaded


@pytest.fixture
def few(monkeypatch):
    """Quick ones in place of the libraries, one of which is not there."""
    for name, value in (("LIGHT", ("colorsys",)), ("CORE", ("no_such_library",)), ("MORE", ("nturl2path", "colorsys"))):
        monkeypatch.setattr(libraries, name, value)
        for module in value:
            monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(libraries, "_remember", lambda: iter([None, None]))
    yield
    gc.unfreeze()


def test_what_can_be_begun_grows_and_one_that_is_missing_is_left_to_who_needs_it(few):
    reached = []
    for level in libraries.load_all():
        reached.append(level)
        assert ("nturl2path" in sys.modules) == (len(reached) > 2)
    assert reached == [Loaded.COMPILES, *[Loaded.STAGES] * 5, Loaded.ALL]


def test_the_garbage_collector_waits_and_is_on_again(few):
    for level in libraries.load_all():
        assert gc.isenabled() == (level == Loaded.ALL)
        assert gc.get_freeze_count()
