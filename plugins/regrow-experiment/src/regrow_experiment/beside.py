"""What a linear model predicts of the same held-out rows, so that a score has more to stand beside than a guess."""

import logging
import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
from joblib import parallel_config
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from regrow import random_state
from regrow_experiment.scoring import score

log = logging.getLogger("regrow")
LINEAR = "linear"
MOST_ROWS = 20_000  # that it is fitted on: more hardly change what so simple a model is

Fold = tuple[np.ndarray, np.ndarray]  # (n,) bool each: the rows to learn from, and those to predict


def linear_predictions(
    X: pd.DataFrame, y: np.ndarray, task: str, parts: Iterator[Fold], predictions: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """`predictions`, row by row, with a linear model's answers in place of the model's: logistic or ridge regression
    with medians, scaled numbers and one-hot categories, fitted on at most MOST_ROWS training rows of each part.

    Where it can't be fitted, `predictions` as they are, with a word in the log.
    """
    made = predictions.copy()
    columns = [name for name in made if name.startswith("probability_")]
    try:
        for train, held_out in parts:
            places = made["row"].isin(np.flatnonzero(held_out)).to_numpy()
            rows = some_of(np.flatnonzero(train), seed)
            answers = _answers(X, y, rows, held_out, task)
            made.loc[places, "prediction"] = answers[0]
            for name in columns:
                made.loc[places, name] = answers[1].get(name, 0.0)
    except ValueError as error:
        log.warning("train: no linear model to stand beside: %s", str(error).split("\n")[0])
        return predictions
    return made


def some_of(rows: np.ndarray, seed: int) -> np.ndarray:
    """At most MOST_ROWS of the rows, drawn by the project's seed, in their order."""
    if len(rows) <= MOST_ROWS:
        return rows
    draw = np.random.default_rng(random_state(seed, "train/beside"))
    return np.sort(draw.choice(rows, MOST_ROWS, replace=False))


def _answers(
    X: pd.DataFrame, y: np.ndarray, rows: np.ndarray, held_out: np.ndarray, task: str
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    with warnings.catch_warnings(), parallel_config("threading", n_jobs=1):
        warnings.simplefilter("ignore")
        fitted = linear(task).fit(X.iloc[rows], y[rows])
        prediction, probability = score(fitted, X[held_out])
    if probability is None:
        return prediction, {}
    labels = fitted.classes_.tolist()
    return prediction, {f"probability_{label}": probability[:, place] for place, label in enumerate(labels)}


def linear(task: str) -> Pipeline:
    """Unfitted: what `features.steps: auto` gives the model `linear`, and it."""
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    texts = OneHotEncoder(min_frequency=10, max_categories=30, handle_unknown="infrequent_if_exist")
    steps = make_column_transformer(
        (numbers, make_column_selector(dtype_include=["number", "bool"])),
        (texts, make_column_selector(dtype_exclude=["number", "bool"])),
        sparse_threshold=0,
    )
    model = Ridge() if task == "regression" else LogisticRegression(max_iter=300)
    return make_pipeline(steps, model)
