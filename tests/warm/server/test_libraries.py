"""What the warm server loads, and in which order."""

import gc
import os
import subprocess
import sys

import pytest

from regrow.warm.server import libraries
from regrow.warm.server.libraries import Loaded


@pytest.fixture
def few(monkeypatch):
    """Quick ones in place of the libraries, one of which is not there."""
    for name, value in (
        ("LIGHT", ("colorsys",)),
        ("CORE", ("no_such_library",)),
        ("MODELS", ("nturl2path",)),
        ("FILES", ("colorsys",)),
    ):
        monkeypatch.setattr(libraries, name, value)
        for module in value:
            monkeypatch.delitem(sys.modules, module, raising=False)
    for module in ("tabnanny", "sched"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(libraries, "SOME", {"unwanted": ("tabnanny",), "wanted": ("sched",)})
    monkeypatch.setattr(libraries, "_remember", lambda wanted=None: iter([None, None]))
    yield
    gc.unfreeze()


def test_what_can_be_begun_grows_and_one_that_is_missing_is_left_to_who_needs_it(few):
    reached = []
    for level in libraries.load_all({"wanted", "unheard of"}):
        reached.append(level)
        assert ("nturl2path" in sys.modules) == (len(reached) > 2)
    assert reached == [
        Loaded.COMPILES,
        Loaded.STAGES,
        Loaded.MODELS,
        *[Loaded.FILES] * 4,
        *[Loaded.ENOUGH] * 5,
        Loaded.ALL,
    ]


def test_where_nothing_is_compiled_first_that_comes_last(few, monkeypatch):
    monkeypatch.setattr(libraries, "LIGHT", ("stringprep",))
    monkeypatch.delitem(sys.modules, "stringprep", raising=False)
    for level in libraries.load_all({"wanted"}, compiles=False):
        assert level >= Loaded.STAGES
        assert ("stringprep" not in sys.modules) or level >= Loaded.ENOUGH
    assert "stringprep" in sys.modules


def test_what_nobody_has_asked_for_comes_last(few):
    wanted = set[str]()
    for level in libraries.load_all(wanted):
        wanted |= {"wanted"} if level is Loaded.COMPILES else set()  # a lease that comes late
        assert ("tabnanny" not in sys.modules) or level >= Loaded.ENOUGH
        assert ("sched" in sys.modules) or level < Loaded.ENOUGH
    assert "tabnanny" in sys.modules


def test_the_garbage_collector_waits_and_is_on_again(few):
    for level in libraries.load_all(set()):
        assert gc.isenabled() == (level >= Loaded.ENOUGH)
        assert gc.get_freeze_count()


def test_a_changed_file_is_seen_and_a_new_package(tmp_path, monkeypatch):
    monkeypatch.setattr(libraries.site, "getsitepackages", lambda: [str(tmp_path)])
    module = tmp_path / "module.py"
    module.write_text("x = 1\n")
    monkeypatch.setitem(sys.modules, "module", type("Module", (), {"__file__": str(module)}))
    lying = libraries.lying()
    before = libraries.look(lying)
    assert libraries.look(lying) == before
    told = module.stat()
    module.with_name("new").write_text("x = 2\n")
    os.utime(module.with_name("new"), ns=(told.st_atime_ns, told.st_mtime_ns))
    module.with_name("new").replace(module)  # of equal size and time
    os.utime(tmp_path, ns=(0, 0))
    changed = libraries.look(lying)
    assert changed != before
    with module.open("r+") as file:
        file.write("x = 3\n")
    os.utime(module, ns=(told.st_atime_ns, told.st_mtime_ns))
    assert libraries.look(lying) != changed  # in place, of equal size and time
    changed = libraries.look(lying)
    (tmp_path / "more-1.0.dist-info").mkdir()
    assert libraries.look(lying) != changed
    assert libraries.changed_since(told.st_mtime_ns - 1, changed)
    assert not libraries.changed_since(libraries.time.time_ns(), changed)


def test_a_stage_waits_for_what_it_would_take_longer_to_load_by_itself():
    assert libraries.needed({"pandas", "numpy"}) == Loaded.STAGES
    assert libraries.needed({"pandas", "scikit-learn"}) == Loaded.MODELS
    assert libraries.needed({"pandas", "scikit-learn", "skops"}) == Loaded.FILES
    assert libraries.needed({"matplotlib"}) == Loaded.ENOUGH


def test_pytest_is_not_loaded_for_skops_and_is_there_for_who_asks():
    code = (
        "import sys; from regrow.warm.server import libraries as l; l._load('skops.io'); l._look_at_a_model()\n"
        "assert 'skops.io' in sys.modules and not {'pytest', l.TOOLS} & set(sys.modules)\n"
        "import sklearn.utils._testing as tools; assert tools.pytest and tools.skip_if_32bit\n"
        "from sklearn.utils import all_estimators; assert len(all_estimators()) > 100\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
