"""What is loaded, told without touching again what was there before a fork."""

import importlib
import sys

from regrow.base import loaded_modules


def test_what_was_remembered_and_what_is_new(tmp_path, monkeypatch):
    monkeypatch.setattr(loaded_modules, "_known", loaded_modules._known)
    monkeypatch.syspath_prepend(tmp_path / "a")
    monkeypatch.syspath_prepend(tmp_path / "b")
    for name in ("a/loaded_one", "b/loaded_apart", "a/loaded_two"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "__init__.py").write_text("from . import inner\n")
        (tmp_path / name / "inner.py").write_text("")
    everything = (set(loaded_modules.files()), set(loaded_modules.tops()))
    for name in ("loaded_one", "loaded_apart"):
        importlib.import_module(name)
    loaded_modules.remember((f"{tmp_path}/b/",))
    importlib.import_module("loaded_two")
    new = set(loaded_modules.files()) - everything[0]
    assert new == {f"{tmp_path}/a/loaded_{n}/{file}.py" for n in ("one", "two") for file in ("__init__", "inner")}
    assert set(loaded_modules.tops()) - everything[1] == {f"{tmp_path}/a/loaded_one", f"{tmp_path}/a/loaded_two"}
    for name in [name for name in sys.modules if name.startswith("loaded_")]:
        del sys.modules[name]
