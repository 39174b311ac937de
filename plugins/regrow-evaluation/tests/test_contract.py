"""The plugin keeps the contract of regrow's plugins: same bytes twice, settings checked, nothing else touched."""

import pandas as pd
import pytest

from regrow_evaluation.catalogue import fitting
from regrow_evaluation.evaluate import evaluate
from regrow_testing.contract import check_plugin

RECORD = {"rows_read": 70, "rows_kept": 60}
CHECKED = {"code": "near", "title": "all is near", "owner": "maps", "severity": "minor", "verdict": "failed", "n": 60}


def whole(task):
    """params.yaml, as far as the stages read it; all metrics of the task."""
    return {
        "data": {"task": task, "target": {"column": "outcome"}},
        "evaluation": {"metrics": {name: {"use": name} for name in fitting(task)}, "bins": 10},
    }


@pytest.fixture
def tables(binary, multiclass, regression):
    return {"binary": binary(60), "multiclass": multiclass(60, folds=3), "regression": regression(60)}


def test_the_plugin_keeps_its_contract(tables, settings):
    examples = {"evaluate": [], "report": []}
    table = pd.DataFrame({"outcome": range(60)})
    for task, predictions in tables.items():
        made = evaluate(predictions, settings=settings(task))
        sections = {name: made[name] for name in ("result_section", "performance_section")}
        collected = {"sections": sections, "findings": {"assumptions": [CHECKED]}, "records": {"ingest_record": RECORD}}
        examples["evaluate"].append(({"predictions": predictions, "table": table}, whole(task)))
        examples["report"].append(({**collected, "metrics": {"metrics": made["metrics"]}}, whole(task)))
    check_plugin("regrow_evaluation.plugin", examples)
