"""A setting that cannot work is refused before anything runs, with what can."""

import subprocess
import sys

import pytest
from pydantic import ValidationError


@pytest.mark.parametrize(
    ("task", "metrics", "said"),
    [
        ("regression", {"roc_auc": {"use": "roc_auc"}}, "mae, median_absolute_error"),
        ("binary", {"rmse": {"use": "rmse"}}, "evaluation.metrics.rmse: rmse is for regression"),
        ("multiclass", {"acc": {"use": "accuracy", "threshold": 0.3}}, "evaluation.metrics.acc.threshold"),
        ("binary", {"folds": {"use": "f1"}}, "'folds' is a key of metrics.json"),
        ("binary", {"f1": {"use": "f1", "threshold": 1.5}}, "less than 1"),
        ("binary", {"f1": {"use": "f1", "treshold": 0.5}}, "treshold"),
        ("binary", {"auc": {"use": "roc_acu"}}, "did you mean 'roc_auc'"),
        ("binary", {"a b": {"use": "f1"}}, "pattern"),
        ("binary", {}, "at least 1"),
    ],
)
def test_metrics_that_cannot_work_are_refused(settings, task, metrics, said):
    with pytest.raises(ValidationError) as refused:
        settings(task, metrics)
    assert said in str(refused.value)


def test_compiling_needs_no_heavy_import():
    code = (
        "import sys, regrow_evaluation.plugin as p, regrow_evaluation.settings; p.regrow_components();"
        "print([m for m in ('numpy', 'pandas', 'sklearn', 'matplotlib', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
