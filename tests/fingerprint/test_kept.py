"""What is kept of the code that stages reach: taken when nothing has changed, and only then."""

import json
import os
import sys
from pathlib import Path

import pytest

from regrow.fingerprint import kept
from regrow.fingerprint.code import lookup, reach
from regrow.fingerprint.code.lookup import Code

MAIN = "import time\nfrom app.help import LIMIT\n\ndef run():\n    return LIMIT, time.time()\n"


@pytest.fixture
def app(tmp_path: Path, monkeypatch) -> Path:
    """A package with a function that reaches a constant and asks the clock; nothing is kept of it yet."""
    monkeypatch.setenv("REGROW_HOME", str(tmp_path / "home"))
    folder = tmp_path / "src/app"
    folder.mkdir(parents=True)
    monkeypatch.syspath_prepend(str(folder.parent))
    for name, text in {"__init__": "", "main": MAIN, "help": "LIMIT = 1\n"}.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def look() -> reach.Reach:
    return kept.reach(Code(), ["app.main:run"])


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "home/reach").glob("*.json"))


@pytest.fixture
def parsed(monkeypatch) -> list[str]:
    """The modules that are parsed from now on."""
    names: list[str] = []

    def parse(file: Path, name: str) -> lookup.Source:
        names.append(name)
        return real(file, name)

    real = lookup.parse
    monkeypatch.setattr(lookup, "parse", parse)
    return names


def test_nothing_is_parsed_where_nothing_has_changed(app, parsed):
    first = look()
    assert "app.help" in parsed
    parsed.clear()
    again = look()
    assert parsed == []
    assert (again.units, again.imports, again.asks) == (first.units, first.imports, first.asks)
    assert [(ask.what, ask.file, ask.line) for ask in again.asks] == [("time.time", app / "main.py", 5)]


def test_it_holds_for_a_copy_elsewhere_and_names_the_files_there(app, tmp_path, parsed, monkeypatch):
    first = look()
    other = tmp_path / "other"
    (app.parent).rename(other)
    monkeypatch.setattr(sys, "path", [str(other), *sys.path[1:]])
    parsed.clear()
    assert look().units == first.units
    assert parsed == []
    assert look().asks[0].file == other / "app/main.py"


@pytest.mark.parametrize("edited", ["help.py", "main.py"])
def test_an_edit_is_seen_even_if_size_and_times_are_as_before(app, edited):
    first = look()
    file = app / edited
    about = file.stat()
    file.write_text(file.read_text().replace("LIMIT = 1", "LIMIT = 2").replace("return LIMIT", "return  1234"))
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert look().units != first.units


def test_a_module_that_comes_to_be_is_seen(app):
    (app / "main.py").write_text("import extra\ndef run():\n    return extra.go()\n")
    first = look()
    assert first.imports == {"extra"}
    (app.parent / "extra.py").write_text("def go():\n    return 1\n")
    assert "extra:go" in look().units


@pytest.mark.parametrize("place", range(0, 3000, 97))
def test_a_file_with_another_byte_is_not_taken(app, tmp_path, place):
    first = look()
    (file,) = files(tmp_path)
    data = bytearray(file.read_bytes())
    data[place % len(data)] ^= 1
    file.write_bytes(data)
    again = look()
    assert (again.units, again.asks) == (first.units, first.asks)


def test_half_a_file_is_not_taken(app, tmp_path):
    first = look()
    (file,) = files(tmp_path)
    file.write_bytes(file.read_bytes()[:-100])
    assert look().units == first.units


def test_other_rules_and_another_python_follow_the_code_again(app, parsed, monkeypatch):
    look()
    for change in (
        lambda: monkeypatch.setattr(sys, "version", "3.99"),
        lambda: monkeypatch.setattr(kept, "_rules", str),
    ):
        change()
        parsed.clear()
        look()
        assert "app.main" in parsed


def test_what_was_used_least_recently_goes(app, tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "OF_ONE", 2)
    for number in range(4):
        (app / "help.py").write_text(f"LIMIT = {number}\n")
        look()
        for age, file in enumerate(sorted(files(tmp_path), key=lambda one: one.stat().st_mtime)):
            os.utime(file, (age, age))
    said = [json.loads(file.read_text().partition("\n")[2])["units"]["app.help:LIMIT"] for file in files(tmp_path)]
    assert len(said) == 2
    assert look().units["app.help:LIMIT"] in said


def test_without_a_folder_to_keep_it_in_the_code_is_followed(app, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("REGROW_HOME", str(tmp_path / "file"))
    assert "app.help:LIMIT" in look().units


def test_code_of_a_commit_is_never_taken_from_there(app, parsed):
    look()
    parsed.clear()

    class Other(Code):
        """As verify's, whose files lie in no folder."""

    kept.reach(Other(), ["app.main:run"])
    assert "app.main" in parsed


def test_a_replay_takes_nothing_that_was_kept(app, parsed, monkeypatch):
    look()
    parsed.clear()
    monkeypatch.setenv("REGROW_WATCH", "1")
    look()
    assert "app.main" in parsed
