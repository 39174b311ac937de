"""`regrow explain --io`: what the last runs noted; and following its fix declares what was missing."""

import importlib
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from regrow.artifacts import TYPES
from regrow.base.errors import RegrowError
from regrow.cli.explain import command
from regrow.compile.dvc_yaml import path_of
from regrow.plugin.manager import load_plugins
from regrow.stage import run_stage
from regrow.stage.io import report
from regrow.stage.io.contract import Watch

ROOT = Path(__file__).resolve().parents[3]


def explain(*arguments: str) -> str:
    done = CliRunner().invoke(command, ["--io", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def ran(small, name: str, mode: str = "warn") -> Watch:
    """Call a stage's function under a watch, as `regrow stage` does, from the code as it is now."""
    for module in [module for module in sys.modules if module.partition(".")[0] == small.package]:
        del sys.modules[module]
    importlib.invalidate_caches()
    stages = load_plugins(small.project).stages
    stage = stages[name]
    made = {artifact.name: path_of(artifact) for one in stages.values() for artifact in one.makes}
    paths = {**small.project.sources, **made}
    watch = Watch(small.project, stage, [paths[need] for need in stage.needs], mode)
    inputs = {need: small.root / paths[need] for need in stage.needs}
    with watch.on():
        run_stage.call(stage, inputs, None)
    watch.save()
    return watch


@pytest.fixture
def reading(small):
    """The project's stage `make` reads data/extra.csv, and writes a log."""
    small.write("data/extra.csv", "a\n1\n")
    small.write(
        small.code("work"),
        "import pandas as pd\n\n\ndef make(raw, settings):\n    table = pd.read_csv('data/extra.csv')\n"
        "    open('make.log', 'w').write('1')\n    return {'table': table}\n\n\n"
        "def score(table, settings):\n    return {'metrics': {'a': 1.0}, 'page': '<html></html>'}\n",
    )
    return small


def test_before_any_run(small):
    assert explain() == (
        "stage make: has not run here yet; to run it: dvc repro make\n"
        "stage score: has not run here yet; to run it: dvc repro score\n"
    )
    assert json.loads(explain("make", "--json"))["make"]["mode"] == ""


def test_each_stage_with_what_it_touched_and_the_lines_to_write(reading):
    ran(reading, "make")
    ran(reading, "score")
    work = reading.code("work")
    assert (
        explain()
        == f"""\
stage make, {work}:5, in make: reads data/extra.csv, which it did not declare
    dvc add data/extra.csv    (if neither Git nor DVC has it)
    in pyproject.toml, [tool.regrow.sources]: extra = "data/extra.csv"
    in Stage("make", ...): needs=["raw", "extra"]
    and let make(...) take it as the argument `extra`; then: regrow compile
stage make, {work}:6, in make: writes make.log, which it did not declare
    in Stage("make", ...): makes=[..., Artifact("make", "TYPE")]
    and let the function return it: {{..., "make": ...}}; then: regrow compile
    TYPE is one of {", ".join(TYPES)}
    a file that nobody needs afterwards belongs into a temporary folder (tempfile)
stage score: nothing undeclared
"""
    )
    assert explain("score") == "stage score: nothing undeclared\n"
    shown = (ROOT / "docs/io.md").read_text(encoding="utf-8").replace("src/shop/", f"src/{reading.package}/")
    assert "".join(explain().splitlines(keepends=True)[:5]) in shown, "the page shows what is said"


def test_the_lines_do_what_they_say(reading):
    ran(reading, "make")
    reading.edit(reading.code("work"), "    open('make.log', 'w').write('1')\n", "")
    reading.edit("pyproject.toml", "[tool.regrow.sources]\n", '[tool.regrow.sources]\nextra = "data/extra.csv"\n')
    reading.edit(reading.code("plugin"), 'needs=["raw"]', 'needs=["raw", "extra"]')
    reading.edit(reading.code("work"), "def make(raw, settings)", "def make(raw, extra, settings)")
    reading.edit(reading.code("work"), "'data/extra.csv'", "extra")
    assert ran(reading, "make", "strict").findings == []
    assert explain("make") == "stage make: nothing undeclared\n"


def test_an_artifact_that_another_stage_makes(reading):
    reading.edit(reading.code("work"), "data/extra.csv", "metrics.json")
    reading.write("metrics.json", "a\n1\n")
    ran(reading, "make")
    assert 'needs=["raw", "metrics"]' in explain("make")


def test_json(reading):
    ran(reading, "make")
    told = json.loads(explain("--json"))
    assert list(told) == ["make", "score"]
    assert [(one["what"], one["target"], one["inside"]) for one in told["make"]["findings"]] == [
        ("reads", "data/extra.csv", True),
        ("writes", "make.log", True),
    ]
    assert 'extra = "data/extra.csv"' in told["make"]["problems"][0]["fix"]
    assert f"{reading.code('work')}" in told["make"]["project_files"]


def test_a_stage_that_was_not_watched(reading):
    ran(reading, "make", "none")
    assert explain("make") == "stage make: ran without being watched (compute.io: none)\n"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"findings": [{"x": 1}], "project_files": [], "mode": "warn"}'])
def test_notes_that_somebody_else_wrote_count_as_none(small, text):
    small.write(".dvc/tmp/regrow/io/make.json", text)
    assert "has not run here yet" in explain("make")


def test_an_unknown_stage(small):
    with pytest.raises(RegrowError, match="no stage is called 'mak'; did you mean 'make'"):
        report.explain_io(small.project, "mak")
