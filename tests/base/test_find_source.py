"""Modules are found without being imported, and what was not there a moment ago is found, too."""

import sys

from regrow.base import find_source


def test_packages_modules_namespaces_and_nothing(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_source.find_source("found.inner.x") is None
    (tmp_path / "found/inner").mkdir(parents=True)
    (tmp_path / "found/__init__.py").write_text("raise RuntimeError\n")
    (tmp_path / "found/inner/x.py").write_text("raise RuntimeError\n")
    monkeypatch.syspath_prepend(str(tmp_path))  # forgets what Python itself remembers of folders
    assert find_source.find_source("found") == tmp_path / "found/__init__.py"
    assert find_source.find_source("found.inner.x") == tmp_path / "found/inner/x.py"
    assert find_source.find_source("found.inner") is None
    assert find_source.find_folder("found.inner") == tmp_path / "found/inner"
    assert find_source.find_source("found.inner.x.y") is None
    assert "found" not in sys.modules


def test_what_has_no_source():
    assert find_source.find_source("sys") is None
    assert find_source.find_source("no_such_module_here") is None
    assert find_source.find_source("") is None
    assert find_source.find_folder("json").name == "json"
