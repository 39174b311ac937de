"""The plugin keeps the contract of regrow's plugins: same bytes twice, settings checked, nothing else touched."""

import pandas as pd
import pytest

from regrow_evaluation.catalogue import fitting
from regrow_evaluation.evaluate import evaluate
from regrow_evaluation.examine import examine
from regrow_evaluation.plugin import ANALYSES, GOES_ALONG
from regrow_testing.contract import check_plugin

RECORD = {"rows_read": 70, "rows_kept": 60}
CHECKED = {"code": "near", "title": "all is near", "owner": "maps", "severity": "minor", "verdict": "failed", "n": 60}


RULES = {"better": {"use": "beats_guess", "owner": "maps", "severity": "critical"}}


def every():
    """All analyses."""
    return {name: {"use": name, **({"by": "age"} if name in GOES_ALONG else {})} for name in ANALYSES}


def whole(task):
    """params.yaml, as far as the stages read it; all metrics of the task, all analyses."""
    intervals = {"rounds": 100, "confidence": 0.95, "by": None, "blocks": None}
    metrics = {name: {"use": name} for name in fitting(task)}
    analyses = every()
    return {
        "data": {"task": task, "target": {"column": "outcome"}},
        "evaluation": {"metrics": metrics, "bins": 10, "intervals": intervals, "analyses": analyses, "champion": None},
        "objective": {"question": "Is it so?"},
        "gates": {"as_of": None, "rules": RULES},
        "seed": 1,
    }


@pytest.fixture
def tables(binary, multiclass, regression):
    return {"binary": binary(60), "multiclass": multiclass(60, folds=3), "regression": regression(60)}


def test_the_plugin_keeps_its_contract(tables, settings, examining):
    examples = {"evaluate": [], "examine": [], "decide": [], "report": []}
    table = pd.DataFrame({"outcome": range(60), "age": [n % 7 for n in range(60)]})
    for task, predictions in tables.items():
        made = evaluate(predictions, settings=settings(task))
        sections = {name: made[name] for name in ("result_section", "performance_section")}
        inputs = {"predictions": predictions, "table": table, "metrics": made["metrics"]}
        seen = examine(**inputs, settings=examining(task, every()))
        asks = dict.fromkeys(("features", "split", "model", "champion", "cases"))
        examples["examine"].append(({**inputs, **asks}, whole(task)))
        judged = {"findings": {"examine_findings": seen["examine_findings"]}, "metrics": {"metrics": made["metrics"]}}
        examples["decide"].append(({**judged, "analyses": {"examined": seen["examined"]}}, whole(task)))
        collected = {"sections": sections, "findings": {"assumptions": [CHECKED]}, "records": {"ingest_record": RECORD}}
        examples["evaluate"].append(({"predictions": predictions, "table": table}, whole(task)))
        collected |= {"metrics": {"metrics": made["metrics"]}, "analyses": {"examined": seen["examined"]}}
        examples["report"].append((collected, whole(task)))
    check_plugin("regrow_evaluation.plugin", examples)
