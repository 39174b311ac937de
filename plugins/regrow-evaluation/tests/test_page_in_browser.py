"""The report in a real Chromium: axe-core finds nothing, no page scrolls sideways on a phone, and the keyboard gets to
all that scrolls or folds."""

import axe
import browser
import pytest

from regrow.artifacts import blocks, section
from regrow_evaluation.evaluate import evaluate
from regrow_evaluation.report import report

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browser.program() is None, reason="no Chromium on PATH, nor in CHROMIUM"),
]
UNREACHED = "[...document.querySelectorAll('.scroll, summary')].filter(one => one.tabIndex < 0).length"


@pytest.fixture(scope="session")
def script(tmp_path_factory) -> str:
    return axe.script(tmp_path_factory.mktemp("axe"))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("width", [390, 1200])
def test_who_can_not_see_or_point_can_read_it(script, task, width, request, settings, tmp_path):
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
        assert page.run(axe.WIDER) <= 0
        assert page.run(UNREACHED) == 0
        page.run(script)
        assert page.run(axe.WRONG) == []
