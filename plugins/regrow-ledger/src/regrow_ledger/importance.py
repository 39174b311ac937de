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
    """(columns,): all repeats of a column are predicted at once, since most of a small prediction is its start."""
    whole, losses = _score(model, X, y)[0], []
    many, known = X.iloc[np.tile(np.arange(len(X)), repeats)].reset_index(drop=True), np.tile(y, repeats)
    for name in X:
        draw = np.random.default_rng(random_state(seed, f"feature_ledger/{fold}/{name}"))
        order = np.concatenate([draw.permutation(len(X)) for _ in range(repeats)])
        shuffled = many.assign(**{str(name): X[name].iloc[order].reset_index(drop=True)})
        losses.append(whole - float(np.mean(_score(model, shuffled, known, repeats))))
    return losses


def _score(model: Any, X: pd.DataFrame, y: np.ndarray, parts: int = 1) -> list[float]:
    """(parts,): how good predictions are, of each of so many equal parts of the rows."""
    prediction, shares = score(model, X)
    if not hasattr(model, "classes_"):
        values = 1.0 - (y - prediction) ** 2 / max(float(np.var(y)), LEAST)
    elif shares is None:
        values = (prediction == y).astype("float64")
    else:
        place = {label: at for at, label in enumerate(model.classes_.tolist())}
        at = np.array([place.get(label, -1) for label in y.tolist()])
        values = np.log(np.maximum(np.where(at < 0, 0.0, shares[np.arange(len(y)), at]), LEAST))
    return [float(part.mean()) for part in np.split(values, parts)]
