"""Scores of rows for choosing a threshold: of training rows, each by a fit that had not seen it; never the hold-out."""

import warnings

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold

from regrow_evaluation.evidence import FittedModel
from regrow_evaluation.predicted import class_name


def scores(scorer: FittedModel, positive: str, folds: int, seed: int) -> tuple[np.ndarray, np.ndarray] | None:
    """(n,) score of the positive class and whether a row is of it, of the training rows; None where the model can't be
    fitted again, gives no probabilities, or the rows are too few for so many folds."""
    truth = np.array([class_name(one) == positive for one in scorer.target.tolist()])
    if min(truth.sum(), (~truth).sum()) < folds or not hasattr(scorer.model, "predict_proba"):
        return None
    place = [class_name(one) for one in scorer.model.classes_.tolist()].index(positive)
    made = np.zeros(len(truth))
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=seed).split(truth, truth):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fitted = clone(scorer.model).fit(scorer.training.iloc[train], scorer.target[train])
            except (TypeError, ValueError):
                return None
            made[test] = fitted.predict_proba(scorer.training.iloc[test])[:, place]
    return made, truth


def usual_row(training: pd.DataFrame) -> dict[str, object]:
    """The median of each number, the most frequent value of each other column, of the training rows."""
    usual: dict[str, object] = {}
    for name in training:
        known = training[name].dropna()
        numeric = pd.api.types.is_numeric_dtype(known) and not pd.api.types.is_bool_dtype(known)
        if not len(known):
            usual[str(name)] = None
        elif numeric:
            usual[str(name)] = known.sort_values().iloc[(len(known) - 1) // 2]  # a value that occurs
        else:
            usual[str(name)] = known.mode().iloc[0]
    return usual
