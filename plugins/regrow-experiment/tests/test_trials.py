"""Trials in processes of their own."""

import os
import subprocess
import sys

SCRIPT = """
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from regrow_experiment.trials import Journal, Limits, Outcome, Trials

draw = np.random.default_rng(0)
X = draw.normal(size=(3000, 5))
y = X[:, 0] > 0

def work(job):
    return Outcome("complete", (HistGradientBoostingClassifier(max_iter=20).fit(X, y).score(X, y),))

work(None)  # OpenMP has a pool of threads from here on
trials = Trials(lambda number: number, work, Limits(), 2, Journal(None))
print([outcome.state for _, outcome in trials.outcomes(iter([0, 1, 2]), {})])
"""


def test_a_parent_that_used_threads_may_have_trials():
    """A pool of OpenMP's threads is not there after a fork: the trial crashed."""
    several = os.environ | {"OMP_NUM_THREADS": "4"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=several, timeout=60
    )
    assert done.stdout.strip() == "['complete', 'complete', 'complete']"
