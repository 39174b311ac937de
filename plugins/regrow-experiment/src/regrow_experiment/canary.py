"""The canary: on a shuffled target nothing can be learnt, so whatever predicts it has seen what it may not see.

After Ojala and Garriga, Permutation Tests for Studying Classifier Performance, JMLR 11, 2010.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata, t
from sklearn.metrics import roc_auc_score

from regrow import RegrowError, random_state

COLUMN = "canary"  # a random feature
ROWS = 4_000  # of the table that are taken, drawn by the project's seed
FOLDS = 3
SHUFFLES = 5
CONFIDENCE = 0.995  # one-sided: one honest project in two hundred is told to leak

Predictions = Callable[[pd.DataFrame, pd.DataFrame, Mapping[str, Any]], pd.DataFrame]
Steps = Mapping[str, Mapping[str, Any]]  # dotted key -> the settings without that step


@dataclass(frozen=True)
class Sung:
    """What came of it: scores over shuffles, what a guess has, and how far above it noise goes."""

    scores: tuple[float, ...]
    chance: float
    noise: float

    @property
    def mean(self) -> float:
        """Over the shuffles."""
        return float(np.mean(self.scores))

    @property
    def leaks(self) -> bool:
        """Whether the score beats chance beyond its noise."""
        return self.mean > self.chance + self.noise


def sing(table: pd.DataFrame, target: str, seed: int, predictions: Predictions, settings: Mapping[str, Any]) -> Sung:
    """Shuffle the target, add a random feature, and score what predicts it, SHUFFLES times.

    predictions(table, split, settings) are those of the project's own features and training: fold, target, prediction
    and probabilities. Every row is held out once, and a model has been fitted on all of them before. Raises
    RegrowError.
    """
    draw = np.random.default_rng(random_state(seed, "canary"))
    if len(table) > ROWS:
        table = table.iloc[np.sort(draw.choice(len(table), ROWS, replace=False))]
    table = table.reset_index(drop=True)
    if COLUMN in table:
        raise RegrowError(f"the table has a column {COLUMN!r}", where="canary", fix="rename it")
    scores, spread = [], []
    for _ in range(SHUFFLES):
        shuffled = table[target].to_numpy()[draw.permutation(len(table))]
        made = table.assign(**{COLUMN: draw.normal(size=len(table)), target: shuffled})
        made[target] = made[target].astype(table[target].dtype)
        rows = np.arange(len(made), dtype="int64")
        split = pd.DataFrame({"row": rows, "fold": draw.permutation(rows % FOLDS)})
        score, chance, deviation = measure(predictions(made, split, settings))
        scores.append(score)
        spread.append(deviation)
    deviation = max(float(np.std(scores, ddof=1)), float(np.mean(spread)))
    noise = float(t.ppf(CONFIDENCE, SHUFFLES - 1)) * deviation / np.sqrt(SHUFFLES)
    return Sung(tuple(scores), chance, noise)


def measure(predictions: pd.DataFrame) -> tuple[float, float, float]:
    """The score of held-out rows, what a guess has, and the deviation that chance gives it.

    Classes: the area under the ROC curve, one class against the rest, 0.5 for a guess (of predictions as they are,
    where there are no probabilities). Numbers: the rank correlation, 0 for a guess. Each within folds, then averaged:
    models of other folds differ in level.
    """
    found = []
    for _, part in predictions.groupby("fold"):
        target = part["target"].to_numpy()
        probabilities = [name for name in part if name.startswith("probability_")]
        if not probabilities and np.issubdtype(target.dtype, np.floating):
            found.append((_rank_correlation(target, part["prediction"].to_numpy()), 1 / np.sqrt(len(part))))
            continue
        classes = np.unique(target)
        said = part["prediction"].to_numpy()
        for label in classes[:1] if len(classes) == 2 else classes:
            name = f"probability_{label}"
            score = part[name].to_numpy() if name in part else (said == label).astype(float)
            inside = target == label
            if 0 < inside.sum() < len(inside):
                ours, others = int(inside.sum()), int((~inside).sum())
                wide = np.sqrt((ours + others + 1) / (12 * ours * others))
                found.append((float(roc_auc_score(inside, score)), wide))
    if not found:
        raise RegrowError("held-out rows are all of one class", where="canary", fix="it needs more rows")
    chance = 0.0 if not any(name.startswith("probability_") for name in predictions) and np.issubdtype(
        predictions["target"].dtype, np.floating
    ) else 0.5  # fmt: skip
    scores, wide = np.array(found).T
    return float(scores.mean()), chance, float(np.sqrt((wide**2).sum()) / len(wide))


def _rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    ranks = [rankdata(values) for values in (one, other)]
    if any(np.ptp(values) == 0 for values in ranks):
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def culprits(steps: Steps, sung: Callable[[Mapping[str, Any]], Sung]) -> list[str]:
    """The steps without which nothing leaks any more. A step that can't be left out is passed over."""
    found = []
    for name, without in steps.items():
        try:
            if not sung(without).leaks:
                found.append(name)
        except RegrowError:
            continue
    return found
