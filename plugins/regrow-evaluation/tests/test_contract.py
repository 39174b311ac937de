"""The plugin keeps the contract of regrow's plugins: same bytes twice, settings checked, nothing else touched."""

import pandas as pd
import pytest

from regrow.testing.contract import check_plugin
from regrow_evaluation.catalogue import fitting
from regrow_evaluation.evaluate import evaluate

RECORD = {"rows_read": 70, "rows_kept": 60, "columns": [{"name": "outcome", "type": "text", "missing": 0.25}]}
CHECKED = {"name": "near", "says": "all is near", "owner": "maps", "severity": "warn", "result": "failed", "failing": 2}


def whole(task):
    """params.yaml, as far as both stages read it; all metrics of the task."""
    return {
        "seed": 1,
        "data": {"task": task, "reader": {"use": "csv", "file": "data.csv"}, "target": {"column": "outcome"}},
        "split": {"use": "holdout", "test_size": 0.2},
        "features": {"derive": {}, "steps": {"scale": {"use": "scale"}}},
        "model": {"use": "linear", "C": 1.0},
        "search": {"use": "none"},
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
        told = {"ingest_record": RECORD, "validation": {"assumptions": [CHECKED]}}
        examples["evaluate"].append(({"predictions": predictions, "table": table}, whole(task)))
        examples["report"].append(({**told, **made, "predictions": predictions}, whole(task)))
    check_plugin("regrow_evaluation.plugin", examples)
