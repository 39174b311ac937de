"""Intervals of eight metrics: regrow-evaluation's bootstrap beside a plain loop over scikit-learn.

`python -m benchmarks.evaluation [--rows 300000] [--rounds 1000]`. The loop does what a notebook does: rows drawn with
replacement, each metric called anew; it runs a few rounds, and is counted up to the same number.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from sklearn import metrics as sk
from threadpoolctl import threadpool_limits

from regrow import Context
from regrow.plugin.components import Use
from regrow_evaluation.asked import Asked
from regrow_evaluation.metric_settings import ThresholdSettings
from regrow_evaluation.plugin import regrow_components
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.resampling import Bootstrap

RANKED, LABELLED = (
    ["roc_auc", "average_precision", "log_loss", "brier"],
    ["accuracy", "balanced_accuracy", "f1", "matthews"],
)
NAMES = [*RANKED, *LABELLED]
ROUNDS_OF_THE_LOOP = 5


def rows(count: int) -> Predicted:
    """Held-out rows of a model with probabilities, one in ten positive."""
    rng = np.random.default_rng(1)
    score = 1 / (1 + np.exp(3.2 - 1.6 * rng.normal(size=count)))
    target = (rng.random(count) < score).astype("int64")
    shares = np.column_stack([1 - score, score])
    at = np.arange(count)
    return Predicted("binary", target, (score >= 0.3).astype("int64"), shares, ("0", "1"), 1, at * 0, at)


def asked() -> list[Asked]:
    """The eight metrics."""
    known = {one.name: one for one in regrow_components() if one.kind == "metric"}
    given = [ThresholdSettings() if "Threshold" in known[name].settings else None for name in NAMES]
    return [Asked(Use(known[name], one), Context(task="binary")) for name, one in zip(NAMES, given, strict=True)]


def loop(p: Predicted, rounds: int) -> None:
    """scikit-learn's metrics on rows drawn with replacement."""
    rng = np.random.default_rng(2)
    for _ in range(rounds):
        drawn = p.rows(rng.integers(0, len(p.target), len(p.target)))
        truth, score, said = drawn.is_positive, drawn.score, drawn.prediction
        for of_score in (sk.roc_auc_score, sk.average_precision_score, sk.log_loss, sk.brier_score_loss):
            of_score(truth, score)
        for of_class in (sk.accuracy_score, sk.balanced_accuracy_score, sk.f1_score, sk.matthews_corrcoef):
            of_class(truth, said)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock, and of this process on a core."""
    clock, core = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - core


def main() -> None:
    """Print both, and how many times faster."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=1000)
    given = parser.parse_args()
    p, metrics = rows(given.rows), asked()
    with threadpool_limits(1):  # as stages have it; where cores are shared, more threads wait for one another
        ours = timed(lambda: Bootstrap(given.rounds, 0.95, 1).of_metrics(metrics, p))
        theirs = timed(lambda: loop(p, ROUNDS_OF_THE_LOOP))
    counted = [one / ROUNDS_OF_THE_LOOP * given.rounds for one in theirs]
    print(f"{given.rows:,} rows x {given.rounds:,} rounds x {len(metrics)} metrics")
    print(f"regrow-evaluation       {ours[0]:8.1f} s, {ours[1]:8.1f} s on a core")
    print(
        f"a loop over scikit-learn {counted[0]:7.1f} s, {counted[1]:8.1f} s on a core, by {ROUNDS_OF_THE_LOOP} rounds"
    )
    print(f"{counted[1] / ours[1]:.0f} times")


if __name__ == "__main__":
    main()
