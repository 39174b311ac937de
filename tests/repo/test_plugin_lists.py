"""A plugin that is added to plugins/ is checked, installed, and built into projects that use it, with no other edit."""

import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = sorted(file.parent.relative_to(ROOT).as_posix() for file in ROOT.glob("plugins/*/pyproject.toml"))


def test_mypy_finds_each():
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]
    assert mypy["mypy_path"] == ["src", *(f"{plugin}/src" for plugin in PLUGINS)]
    assert "plugins/*/src" in mypy["files"]


@pytest.mark.parametrize("plugin", PLUGINS)
def test_each_asks_for_the_packages_of_ours_that_it_imports(plugin):
    project = tomllib.loads((ROOT / plugin / "pyproject.toml").read_text())["project"]
    needs = [
        *project["dependencies"],
        *(one for more in project.get("optional-dependencies", {}).values() for one in more),
    ]
    said = {re.match(r"[\w-]+", one)[0] for one in needs} | {project["name"]}
    texts = (file.read_text(encoding="utf-8") for file in (ROOT / plugin / "src").rglob("*.py"))
    imported = {name for text in texts for name in re.findall(r"(?m)^ *(?:from|import) (regrow_\w+)", text)}
    assert {name.replace("_", "-") for name in imported} <= said


def test_make_installs_each():
    command = ["make", "--dry-run", "--print-data-base", "help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"PACKAGES := . {' '.join(PLUGINS)}\n" in done.stdout.replace("PACKAGES = ", "PACKAGES := ")


@pytest.mark.parametrize("names", [["data"], ["features", "data"], []])
def test_a_project_gets_the_wheels_of_those_it_uses(tmp_path, monkeypatch, names):
    monkeypatch.syspath_prepend(ROOT / "hooks")
    steps = importlib.import_module("steps")
    monkeypatch.delitem(sys.modules, "steps")
    (tmp_path / "pyproject.toml").write_text(f"[tool.regrow]\nplugins = {names!r}\n")
    assert steps.plugins_of(tmp_path) == sorted(names)


def test_those_that_the_template_uses_are_there():
    text = (ROOT / "template/project/{{cookiecutter.__folder}}/pyproject.toml").read_text()
    line = next(one for one in text.splitlines() if one.startswith("plugins = "))
    names = tomllib.loads(line)["plugins"]
    assert {f"plugins/regrow-{name}" for name in names} <= {*PLUGINS}
