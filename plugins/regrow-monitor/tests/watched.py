"""A real project of flights with a bundle and the monitoring pipeline, in Git and DVC."""

import sys
from pathlib import Path

SERVING = Path(__file__).resolve().parents[2] / "regrow-serve/tests"
if str(SERVING) not in sys.path:
    sys.path.insert(0, str(SERVING))

import project as serving  # noqa: E402 - the tests of regrow-serve make it

LEFT_OUT = 'without = ["evaluation.evaluate", "evaluation.examine", "evaluation.decide", "evaluation.report"]\n'
PYPROJECT = serving.PYPROJECT.replace("plugins = [", f'{LEFT_OUT}plugins = ["evaluation", "monitor", ')
MORE = {
    "evaluation": {
        "metrics": {"roc_auc": {"use": "roc_auc"}, "accuracy": {"use": "accuracy"}},
        "intervals": {"rounds": 100},
    },
    "objective": {
        "decision": "call the crew",
        "owner": "Ann",
        "unit": "EUR",
        "value": {"false_negative": -100.0, "false_positive": -20.0},
    },
}


def make(root: Path) -> serving.Project:
    """A project that was run and committed once."""
    return serving.make(root, PYPROJECT, MORE)
