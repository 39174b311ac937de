"""A plugin with one of everything: installed, listed, run, replayed and removed, with no edit of regrow's."""

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.conftest import ROOT, Tree

GROVE = ROOT / "tests" / "plugins" / "regrow-grove"
BUILD = """\
import sys
from hatchling.builders.wheel import WheelBuilder

print(next(WheelBuilder(".").build(directory=sys.argv[1])))
"""
KINDS = {
    "reader": "grove_csv", "check": "grove_rows", "splitter": "grove_nth", "derive": "grove_double",
    "transformer": "grove_centre", "estimator": "grove", "search": "grove_fit", "metric": "ece",
    "analysis": "grove_look", "gate": "grove_gate", "exporter": "grove_export",
}  # fmt: skip
EDITS = (
    ("conf/config.yaml", "split: holdout", "split: grove"),
    ("conf/config.yaml", "model: linear", "model: grove"),
    ("conf/config.yaml", "search: none", "search: grove"),
    ("conf/data/flights.yaml", "reader: {use: csv,", "reader: {use: grove_csv,"),
    ("conf/features/flights.yaml", "\nexclude:", "\n  double: {use: grove_double, column: distance}\nexclude:"),
    (
        "conf/features/flights.yaml",
        "scale: {use: scale, columns: numeric}",
        "centre: {use: grove_centre}",
    ),
    ("conf/evaluation/binary.yaml", "metrics:\n", "metrics:\n  ece: {use: ece, bins: 10}\n"),
)
CHECKED = "assumptions:{}\n  grown: {{use: grove_rows, min: 100, says: enough, owner: foresters, severity: error}}\n"


@pytest.fixture(scope="module")
def grown(pristine, tmp_path_factory) -> Tree:
    """A project with the wheel in vendor/ and in its lock, listed, run and committed. Not to be changed."""
    base = tmp_path_factory.mktemp("grown")
    build = [sys.executable, "-c", BUILD, str(base)]
    wheel = Path(subprocess.check_output(build, cwd=GROVE, text=True).strip())
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--offline", "--target"]
    subprocess.run([*install, str(base / "site"), str(wheel)], check=True)
    root = Path(shutil.copytree(pristine.root, base / "project", symlinks=True))
    tree = Tree(root, {**pristine.environment, "PYTHONPATH": str(base / "site")})
    shutil.copy(wheel, root / "vendor")
    tree.write("requirements.in", tree.read("requirements.in") + "regrow-grove==2.3\n")
    pin = f"regrow-grove==2.3 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    tree.write("requirements.lock", tree.read("requirements.lock") + pin)
    tree.edit("pyproject.toml", 'plugins = ["', 'plugins = ["grove", "')
    for path, old, new in EDITS:
        tree.edit(path, old, new)
    common = tree.read("conf/data/flights_common.yaml")
    tree.write("conf/data/flights_common.yaml", re.sub("assumptions:(.*)\n", CHECKED.format(r"\1"), common))
    tree.run("regrow", "compile")
    tree.commit("a grove")
    tree.run("regrow", "run")
    tree.commit("grown")
    return tree


def test_it_is_listed_with_all_that_it_brings(grown):
    shown = grown.run("regrow", "plugins").stdout
    assert "grove 2.3 regrow-grove" in shown
    for kind, name in KINDS.items():
        assert name in grown.run("regrow", "components", kind).stdout
    assert re.search(r"(?m)^ +grove +Count the rings", grown.run("regrow", "--help").stdout)
    assert grown.run("regrow", "grove").stdout == "2 rings\n"


def test_each_thing_has_run(grown):
    params = grown.read("params.yaml")
    assert [name for name in KINDS.values() if f"use: {name}\n" not in params] == []
    page = grown.read("report.html")
    assert "Rings tell the years of the grove." in page
    assert "All rows were counted" in page
    assert 0 < grown.metrics()["ece"] < 1
    with zipfile.ZipFile(grown.root / "models/model.skops") as model:
        assert any(b"regrow_grove.classes" in model.read(name) for name in model.namelist())
    fingerprint = grown.read("fingerprints/grove.lock")
    assert "regrow_grove.rings" in fingerprint
    assert "regrow_grove.parts:analysis" in fingerprint


def answer(tree: Tree, *command: str) -> str:
    """What a command prints, without what it says on the way."""
    command = (sys.executable, "-m", "regrow", *command)
    done = subprocess.run(command, cwd=tree.root, env=tree.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_metric_is_listed_best_first(grown):
    grown.run("regrow", "sweep", "model.weight=0.0,0.5")
    listed = csv.DictReader(io.StringIO(answer(grown, "experiments", "--sort-by", "ece", "--csv")))
    found = [float(row["ece"]) for row in listed if row["ece"]]
    assert len(found) >= 3
    assert found == sorted(found), "an error of 0 is best"
    assert found[0] < found[-1]


def test_a_replay_makes_the_same_bytes(grown):
    done = json.loads(answer(grown, "replay", "HEAD", "--env", "current", "--json"))
    assert done["exit_code"] == 0
    assert {"ingest", "validate", "split", "features", "train", "evaluate", "grove", "report"} <= {
        row["stage"] for row in done["outputs"] if row["identical"]
    }


def test_removed_it_leaves_nothing(grown, pristine, tmp_path):
    tree = Tree(Path(shutil.copytree(grown.root, tmp_path / "project", symlinks=True)), pristine.environment)
    tree.run("git", "revert", "--no-edit", "HEAD", "HEAD~1")
    assert tree.run("git", "diff", "--name-only", "HEAD", "HEAD~4").stdout == ""
    assert "grove" not in tree.run("regrow", "plugins").stdout
    assert "grove" not in tree.run("regrow", "--help").stdout
    assert tree.fails("regrow", "grove")
    tree.run("dvc", "checkout")
    tree.run("regrow", "run")
    assert tree.changed() == []
