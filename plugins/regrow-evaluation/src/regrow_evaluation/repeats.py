"""Repeated k-fold: the same rows dealt out to folds several times, and how far the scores of all folds spread.

Scores of folds are not independent, as their training rows overlap. Nadeau and Bengio (Inference for the Generalization
Error, Machine Learning 52, 2003) add the ratio of test to training rows to 1 / n in the variance of a mean of n scores;
Bouckaert and Frank (Evaluating the Replicability of Significance Tests, PAKDD 2004) do so with repeated k-fold.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from regrow_evaluation.predicted import Predicted, read

LATER = re.compile(r"repeat_(\d+)_fold")  # the columns of predictions that say the folds of the second repeat, ...


def tables(predictions: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Each repeat as a table of its own, with the columns that `read` reads; the first one first."""
    found = [match for name in predictions if (match := LATER.fullmatch(str(name)))]
    of_later = [name for name in predictions if any(str(name).startswith(f"repeat_{one[1]}_") for one in found)]
    yield predictions.drop(columns=of_later) if found else predictions
    for number in sorted(int(match[1]) for match in found):
        prefix = f"repeat_{number}_"
        names = [name for name in of_later if str(name).startswith(prefix)]
        later = predictions[names].rename(columns=lambda name, prefix=prefix: str(name).removeprefix(prefix))
        yield predictions[["row", "target"]].join(later)


def read_all(predictions: pd.DataFrame, task: str, positive: object = None) -> list[Predicted]:
    """Every repeat: the same rows in the same order. Raises RegrowError as `read` does."""
    return [read(one, task, positive) for one in tables(predictions)]


def standard_error(scores: Sequence[float], folds: int) -> float:
    """Of the mean of the scores of all folds of all repeats, corrected. folds: of one repeat."""
    share = 1 / (folds - 1)  # test rows over training rows
    return float(np.sqrt((1 / len(scores) + share) * np.var(scores, ddof=1)))


def interval(differences: Sequence[float], folds: int, confidence: float) -> tuple[float, float] | None:
    """Of the mean difference of two models, fold by fold: the corrected resampled t-test. None where one is NaN."""
    from scipy.stats import t

    mean = float(np.mean(differences))
    if not np.isfinite(mean):
        return None
    width = float(t.ppf((1 + confidence) / 2, len(differences) - 1)) * standard_error(differences, folds)
    return mean - width, mean + width
