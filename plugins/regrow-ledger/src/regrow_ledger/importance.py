"""What a model loses on rows that it was not fitted on when a column is shuffled: Breiman, Machine Learning 45, 2001;
with its spread over folds, since one fold's number says little: Fisher, Rudin and Dominici, JMLR 20, 2019."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from regrow import random_state
from regrow_experiment import folds
from regrow_experiment.scoring import score

PARTS = 5  # into which the rows of a hold-out are cut, for a spread
LEAST = 1e-15


def importances(
    model: Any, X: pd.DataFrame, y: np.ndarray, split: pd.DataFrame, repeats: int, rows: int, seed: int
) -> pd.DataFrame:
    """(folds, columns): by how much the score falls: R2, the mean log probability, or accuracy where there is none.

    Hold-out: by the model, whose held-out rows are cut into PARTS. k-fold: by the model's own pipeline, fitted anew on
    each fold's training rows, as the stage `train` did without a search.
    """
    found = []
    for number, (fitted, chosen) in enumerate(_fits(model, X, y, split)):
        some = chosen[np.unique(np.linspace(0, len(chosen) - 1, min(len(chosen), rows)).astype("int64"))]
        found.append(_losses(fitted, X.iloc[some].reset_index(drop=True), y[some], repeats, f"fold {number}", seed))
    return pd.DataFrame(found, columns=list(X.columns))


def _fits(model: Any, X: pd.DataFrame, y: np.ndarray, split: pd.DataFrame) -> Iterator[tuple[Any, np.ndarray]]:
    """A fitted model, and rows that it has not seen."""
    fold = folds.of(split, len(X))
    final, held_out = folds.learnt_from(split, fold), fold >= 0
    if not (final & held_out).any():
        rows = np.flatnonzero(held_out)
        yield from ((model, rows[part::PARTS]) for part in range(min(PARTS, len(rows))))
        return
    for one in np.unique(fold[held_out]):
        seen = final & (fold < one if folds.is_rolling(split) else fold != one)
        yield clone(model).fit(X[seen], y[seen]), np.flatnonzero(fold == one)


def _losses(model: Any, X: pd.DataFrame, y: np.ndarray, repeats: int, fold: str, seed: int) -> list[float]:
    whole, losses = _score(model, X, y), []
    for name in X:
        draw = np.random.default_rng(random_state(seed, f"feature_ledger/{fold}/{name}"))
        scores = []
        for _ in range(repeats):
            order = draw.permutation(len(X))
            scores.append(_score(model, X.assign(**{str(name): X[name].to_numpy()[order]}).astype(X.dtypes), y))
        losses.append(whole - float(np.mean(scores)))
    return losses


def _score(model: Any, X: pd.DataFrame, y: np.ndarray) -> float:
    prediction, shares = score(model, X)
    if not hasattr(model, "classes_"):
        spread = float(((y - y.mean()) ** 2).sum())
        return 1.0 - float(((y - prediction) ** 2).sum()) / spread if spread else 0.0
    if shares is None:
        return float((prediction == y).mean())
    place = {label: at for at, label in enumerate(model.classes_.tolist())}
    at = np.array([place.get(label, -1) for label in y.tolist()])
    right = np.where(at < 0, 0.0, shares[np.arange(len(y)), at])
    return float(np.log(np.maximum(right, LEAST)).mean())
