# ruff: noqa: E501
"""What is compiled, to the letter: conf -> dvc.yaml, conf/plugins.yaml, params.yaml and the shape of the fingerprints.

To take what is compiled now for what is right: REGROW_UPDATE_GOLDEN=1 pytest tests/golden; then read `git diff`.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.small import Small, install, make_project

HERE = Path(__file__).parent
PLUGIN = """
from regrow import Artifact, Component, Stage, every
def regrow_config():
    return "golden_shift.conf"
def regrow_stages():
    return [Stage("shift", "evaluation", "golden_shift.work:shift", needs=["table"], params=["shift"], about="How far: \\"x\\" # ä",
                  makes=[Artifact("shift_curve", "curve", options={"x": "a", "y": "b"}), Artifact("shift_plot", "plot"),
                         Artifact("parts", "tables"), Artifact("shift_record", "record"),
                         Artifact("shift_section", "section"), Artifact("shift_findings", "findings"),
                         Artifact("tried", "ledger"), Artifact("by_group", "models"), Artifact("decided", "choices")]),
            Stage("told", "delivery", "golden_shift.work:shift", needs=[every("section"), every("findings")], about="All",
                  makes=[Artifact("told", "report")])]
"""


def plain(project: Small, site: Path) -> None:
    """Nothing but the small project."""


def own_stages(project: Small, site: Path) -> None:
    project.write(
        "dvc.yaml",
        "# my pipeline\nvars:\n- a: 1\n\nstages:\n  # mine\n  mine:\n    cmd: echo   ${a}   # so\n    params: [rows]\n\nplots:\n- x.csv  # mine too\n",
    )


def with_plugin(project: Small, site: Path) -> None:
    install(site, "regrow-golden", "golden_shift", PLUGIN, "shift")
    (site / "golden_shift/work.py").write_text("import numpy\n\ndef shift(settings, **inputs):\n    return numpy\n")
    (site / "golden_shift/conf/shift").mkdir(parents=True)
    (site / "golden_shift/conf/shift/default.yaml").write_text("far: 1\n")
    (site / "golden_shift/conf/shift/wide.yaml").write_text("far: 9\n")
    project.edit("pyproject.toml", "plugins = []", 'plugins = ["shift"]')


CASES = {"plain": plain, "own_stages": own_stages, "with_plugin": with_plugin}


def masked(text: str) -> str:
    """A fingerprint without hashes and versions: which units and packages, not what they are today."""
    text = re.sub(r"^(code .*|data .*) [0-9a-f]{16}$", r"\1 HASH", text, flags=re.MULTILINE)
    return re.sub(r"^(package \S+|python) .*$", r"\1 VERSION", text, flags=re.MULTILINE)


@pytest.mark.parametrize("case", CASES)
def test_golden(case, tmp_path):
    site = tmp_path / "site-packages"
    site.mkdir()
    project = make_project(tmp_path / "project", "golden")
    CASES[case](project, site)
    environment = {key: value for key, value in os.environ.items() if key not in {"DVC_EXP_NAME", "PYTHONPATH"}}
    command = [sys.executable, "-m", "regrow", "compile"]
    done = subprocess.run(
        command,
        cwd=project.root,
        env=environment | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    names = [
        "dvc.yaml",
        "conf/plugins.yaml",
        "params.yaml",
        *(f"fingerprints/{f.name}" for f in sorted((project.root / "fingerprints").glob("*.lock"))),
    ]
    made = {name: masked(project.read(name)) if name.endswith(".lock") else project.read(name) for name in names}
    kept = HERE / case
    if os.environ.get("REGROW_UPDATE_GOLDEN"):
        for name, text in made.items():
            (kept / name).parent.mkdir(parents=True, exist_ok=True)
            (kept / name).write_text(text, encoding="utf-8")
    there = {
        file.relative_to(kept).as_posix(): file.read_text(encoding="utf-8")
        for file in kept.rglob("*")
        if file.is_file()
    }
    assert made == there
