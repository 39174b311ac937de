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
    brought = {"unwanted.one": "tabnanny", "wanted.one": "sched"}
    monkeypatch.setattr(libraries, "libraries_of", lambda names: {brought[name] for name in names if name in brought})
    monkeypatch.setattr(libraries, "modules_in", lambda tops: {"unwanted.one"} if "wanted" in tops else set())
    monkeypatch.setattr(libraries, "_remember", lambda wanted=None, code=True: iter([None, None]))
    yield
    gc.unfreeze()


def test_what_can_be_begun_grows_and_one_that_is_missing_is_left_to_who_needs_it(few):
    reached = []
    for level in libraries.load_all({"wanted.one", "unheard of"}):
        reached.append(level)
        assert ("nturl2path" in sys.modules) == (len(reached) > 2)
    assert reached == [
        Loaded.COMPILES,
        Loaded.STAGES,
        Loaded.MODELS,
        *[Loaded.FILES] * 5,
        *[Loaded.ENOUGH] * 5,
        Loaded.ALL,
    ]


def test_where_nothing_is_compiled_first_that_comes_last(few, monkeypatch):
    monkeypatch.setattr(libraries, "LIGHT", ("stringprep",))
    monkeypatch.delitem(sys.modules, "stringprep", raising=False)
    for level in libraries.load_all({"wanted.one"}, compiles=False):
        assert level >= Loaded.STAGES
        assert ("stringprep" not in sys.modules) or level >= Loaded.ENOUGH
    assert "stringprep" in sys.modules


def test_what_nobody_has_asked_for_comes_last(few):
    wanted = set[str]()
    for level in libraries.load_all(wanted):
        wanted |= {"wanted.one"} if level is Loaded.COMPILES else set()  # a lease that comes late
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


def test_a_stage_waits_for_the_libraries_of_its_plugins(monkeypatch):
    monkeypatch.delitem(sys.modules, "xmlish", raising=False)
    monkeypatch.setattr(libraries, "_imported", lambda module: {"m.a": frozenset({"xmlish"})}.get(module, frozenset()))
    assert libraries.needed({"pandas"}, {"m.a", "m.b"}) == Loaded.ENOUGH
    assert libraries.needed({"pandas"}, {"m.b"}) == Loaded.STAGES


CODE = '''
"""Moons
from the sky."""
import json, os
import pandera.pandas as pa
from moons.inner import half
from regrow import Stage

def draw():
    from matplotlib.figure import Figure
    import jinja2
'''


def test_the_libraries_of_a_plugin_are_found_in_its_text(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "moons/inner").mkdir(parents=True)
    (tmp_path / "moons/full.py").write_text(CODE)
    assert libraries.libraries_of({"moons.full", "moons.gone", "omegaconf", "pandas"}) == {
        "jinja2",
        "matplotlib.figure",
        "omegaconf",
        "pandera.pandas",
    }
    assert libraries.modules_in({"moons", "gone"}) == {"moons.full"}
    assert "moons" not in sys.modules


def test_those_of_our_plugins_are_found():
    found = libraries.libraries_of(libraries.modules_in({"regrow_data", "regrow_evaluation"}))
    assert {"pandera.pandas", "matplotlib.figure", "matplotlib.backends.backend_svg", "jinja2"} <= found
    assert not [one for one in found if one.startswith("regrow")]


def test_pytest_is_not_loaded_for_skops_and_is_there_for_who_asks():
    code = (
        "import sys; from regrow.warm.server import libraries as l; l._load('skops.io'); l._look_at_a_model()\n"
        "assert 'skops.io' in sys.modules and not {'pytest', l.TOOLS} & set(sys.modules)\n"
        "import sklearn.utils._testing as tools; assert tools.pytest and tools.skip_if_32bit\n"
        "from sklearn.utils import all_estimators; assert len(all_estimators()) > 100\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
