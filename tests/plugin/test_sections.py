"""A section of anybody's own is on the report: the guide's ten lines, as a project would write them."""

import re
from pathlib import Path

import pandas as pd

from regrow import Use
from regrow.artifacts import findings, section
from regrow.plugin.declare import Component
from regrow.plugin.manager import load_modules

GUIDE = Path(__file__).resolve().parents[2] / "docs/plugin-guide.md"
PLUGIN = """
from regrow import Artifact, Stage


def regrow_stages():
    return [
        {stage}
        Stage("look", "evaluation", "wind_of_mine:wind", makes=[Artifact("looked", "findings")]),
    ]
"""
FIRST_PARTY = ["regrow_data.plugin", "regrow_evaluation.plugin", "regrow_experiment.plugin", "regrow_features.plugin"]


def test_the_guides_section_is_made_needed_and_shown(tmp_path, monkeypatch):
    text = GUIDE.read_text(encoding="utf-8").partition("## A section of your own")[2]
    work, stage = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[:2]
    (tmp_path / "wind_of_mine.py").write_text(work)
    declared = stage.strip().replace("late_flights.wind:", "wind_of_mine:")
    (tmp_path / "wind_plugin.py").write_text(PLUGIN.format(stage=f"{declared},"))
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins = load_modules([*FIRST_PARTY, "wind_plugin"])
    assert not plugins.problems
    needed = plugins.stages["report"].inputs
    assert {"wind_section", "looked", "data_section", "result_section", "assumptions", "metrics"} <= set(needed)
    from wind_of_mine import wind

    from regrow_evaluation.report import report

    made = wind(table=pd.DataFrame({"wind_speed": [10.0, 40.0]}), settings={})
    section.check(made["wind_section"])
    page = report(sections=made, findings={}, metrics={}, records={}, settings={})["report"]
    assert "Planes fly late in strong wind." in page
    assert "50.0%" in page
    assert "40.00 knots" in page or "40 knots" in page


def test_an_assumption_that_fails_is_a_finding_and_a_record():
    from regrow_data.check_settings import RangeCheck
    from regrow_data.settings import ValidateSettings
    from regrow_data.validate import validate

    given = RangeCheck(column="delay", min=0, says="nobody is early", owner="ops", severity="warn")
    use = Use(Component("range", "check", "regrow_data.checks:range_check"), given)
    settings = ValidateSettings.model_construct(data=ValidateSettings.model_fields["data"].annotation.model_construct(
        assumptions={"early": use}
    ))  # fmt: skip
    made = validate(pd.DataFrame({"delay": [3.0, -1.0, 5.0]}), settings)
    findings.check(made["assumptions"])
    (finding,) = made["assumptions"]
    assert (finding["code"], finding["verdict"], finding["severity"]) == ("assumption.early", "failed", "minor")
    assert "row 1: delay = -1.0" in finding["seen"]
    assert (finding["numbers"], finding["n"], finding["owner"]) == ({"rows against it": 1}, 3, "ops")
    assert made["validation"]["assumptions"][0]["result"] == "failed"
