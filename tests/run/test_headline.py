"""What a run ends with."""

import json

import pytest

from regrow.plugin.project import Project
from regrow.run import headline

STAGES = "stages:\n  e: {metrics: [{metrics.json: {cache: false}}], outs: [page.html: {cache: false}]}\n"


@pytest.mark.parametrize(
    ("metrics", "better", "told"),
    [
        (
            {"auc": 0.78291, "baseline": {"auc": 0.5}},
            "higher",
            "auc: 0.7829 (a constant guess has 0.5, higher is better)",
        ),
        ({"auc": 0.4, "baseline": {"auc": 0.5}}, "higher", "no better than guessing"),
        ({"auc": 3.0, "baseline": {"auc": 2}}, "lower", "no better than guessing"),
        ({"auc": 1.0, "baseline": {"auc": 2}}, "lower", "auc: 1.0 (a constant guess has 2, lower is better)"),
        ({"auc": 1.0, "baseline": {"auc": 2}}, "", "auc: 1.0 (a constant guess has 2)"),
        ({"auc": 1.0}, "lower", "auc: 1.0 (lower is better)"),
        ({"auc": 1.0, "noise": {"auc": 0.0123}}, "", "auc: 1.0, noise 0.012"),
        ({"auc": 1.0, "folds": {"auc": {"std": 0.125}}}, "", "auc: 1.0 ± 0.12 over folds"),
    ],
)
def test_the_first_metric_of_the_settings_beside_its_baseline(tmp_path, metrics, better, told):
    (tmp_path / "dvc.yaml").write_text(STAGES)
    (tmp_path / "params.yaml").write_text("evaluation:\n  metrics:\n    auc: {use: auc}\n    acc: {use: acc}\n")
    (tmp_path / "metrics.json").write_text(json.dumps({"acc": 0.9, **metrics}))
    (tmp_path / "hashes").mkdir()
    (tmp_path / "hashes/e.json").write_text(json.dumps({"better": [["auc", better], ["acc", ""]]}))
    assert told in headline.lines(Project(tmp_path))[0]
    assert len(headline.lines(Project(tmp_path))) == 1
    (tmp_path / "page.html").write_text("")
    assert headline.lines(Project(tmp_path))[1] == "report: page.html"


def test_the_last_stage_that_makes_a_page_tells_it_in_one_line(tmp_path):
    page = (
        "  first: {outs: [data.html]}\n  e: {outs: [page.html: {cache: false}, decision.json]}\n  last: {outs: [x]}\n"
    )
    (tmp_path / "dvc.yaml").write_text(f"stages:\n{page}")
    (tmp_path / "decision.json").write_text(json.dumps({"sentence": "approved: all is well"}))
    (tmp_path / "page.html").write_text("")
    said = {stage: headline.line_after(Project(tmp_path), stage) for stage in ("first", "e", "last", "elsewhere")}
    assert said == {"first": "", "e": "decision: approved: all is well; report: page.html", "last": "", "elsewhere": ""}


def test_a_pipeline_without_metrics_has_none(tmp_path):
    assert headline.lines(Project(tmp_path)) == []
