"""The report in a real Chromium: axe-core finds nothing, no page scrolls sideways on a phone, and the keyboard gets to
all that scrolls or folds."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

from regrow.artifacts import blocks, section
from regrow_evaluation.evaluate import evaluate
from regrow_evaluation.report import report

HERE = Path(__file__)
SPEC = importlib.util.spec_from_file_location("browser", HERE.parents[2] / "regrow-serve/tests/browser.py")
browser = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(browser)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browser.program() is None, reason="no Chromium on PATH, nor in CHROMIUM"),
]
WRONG = (
    """axe.run().then(found => found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html).join()))"""
)
WIDER = "document.documentElement.scrollWidth - window.innerWidth"
UNREACHED = "[...document.querySelectorAll('.scroll, summary')].filter(one => one.tabIndex < 0).length"


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """axe-core's script, from the registry that npm asks."""
    folder = tmp_path_factory.mktemp("axe")
    if shutil.which("npm") is None:
        pytest.skip("axe-core comes by npm, which is not here")
    if subprocess.run(["npm", "pack", "--silent", "axe-core@4"], cwd=folder, check=False).returncode:
        pytest.skip("npm can't fetch axe-core")
    (archive,) = folder.glob("*.tgz")
    shutil.unpack_archive(archive, folder)
    return (folder / "package/axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("width", [390, 1200])
def test_who_can_not_see_or_point_can_read_it(axe, task, width, request, settings, tmp_path):
    made = evaluate(request.getfixturevalue(task)(folds=2), settings=settings(task, name="late"))
    said = {name: made[name] for name in ("result_section", "performance_section")}
    table = blocks.table("Alike", ["", "Value"], [["a", 1.0], ["b", 2.0]])
    said["alike_section"] = {"title": "Alike", "level": "decide", "order": 1, "blocks": [table]}
    section.check(said["alike_section"])
    finding = {"code": "x.y", "title": "A check", "severity": "minor", "verdict": "passed"}
    file = tmp_path / "report.html"
    file.write_text(
        report(said, {"examine": [finding]}, {"metrics": made["metrics"]}, {}, {})["report"], encoding="utf-8"
    )
    with browser.Browser(tmp_path / "profile", width=width) as page:
        page.open(file.as_uri())
        assert page.run(WIDER) <= 0
        assert page.run(UNREACHED) == 0
        page.run(axe)
        assert page.run(WRONG) == []
