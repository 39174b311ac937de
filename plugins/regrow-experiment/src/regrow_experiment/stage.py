"""The stage `train`: which rows each fit sees, and the predictions for the rows it did not see."""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from regrow import Context, RegrowError, random_state
from regrow.artifacts import blocks
from regrow.plugin.components import nearest
from regrow.plugin.context import Before, column_types
from regrow_experiment import folds, judged, ledger
from regrow_experiment.beside import LINEAR, linear_predictions
from regrow_experiment.checks import check_some
from regrow_experiment.compared import Comparison, Part
from regrow_experiment.fitting import Fits, builder, predict
from regrow_experiment.settings import Train
from regrow_experiment.target import as_target, check_classes

log = logging.getLogger("regrow")
NOTHING = Before()
REPEAT = "repeat_"  # what columns of a later repeat begin with, before its number


def train(
    features: pd.DataFrame,
    split: pd.DataFrame,
    table: pd.DataFrame,
    settings: Train,
    compute: Mapping[str, Any] | None = None,
    before: Before = NOTHING,
    pretrained: Path | None = None,
) -> dict[str, Any]:
    """The model, a fitted scikit-learn Pipeline unless the search makes something else, the predictions for every
    held-out row, `beside`: a linear model's for the same rows (the model's own, if it is linear), what searches tried
    and what clocks decided in them, and two sections of the report.

    Hold-out: the model is fitted on the rows whose fold is -1 and predicts the others. k-fold: each fold's rows are
    predicted by a pipeline fitted on all other folds (where the split has a column `past`: on earlier ones); the model
    is fitted on all rows. Rows of fold -2 are left out. Steps and search are fitted with
    the estimator, so nothing is learnt from a row by what predicts it.

    predictions: row, fold, target, prediction, and for classifiers probability_<class> for each of the model's
    classes, in their order, the class as str() writes it; ordered by row. An estimator without predict_proba has none.
    Where the split has repeats, those of the second have the same names after repeat_2_, and so on: one line a row.
    table: for the columns that the search's settings name. compute: n_jobs, the number of workers; it changes no
    result. before: what a killed run left, and what the run that is repeated decided. pretrained: a folder of models
    that steps and estimator may begin with. Raises RegrowError.
    """
    name, task = settings.data.target.final_name, settings.data.task
    fold = folds.of(split, len(features))
    X, y = _features_and_target(features, name, task)
    engine = str((compute or {}).get("engine") or "")
    context = Context(task, target=name, columns=column_types(X), engine=engine, models=pretrained)
    context = replace(context, workers=_workers(compute))
    terms = _terms(settings)
    of_search = replace(_of_search(settings, context, table, len(X)), scratch=before.scratch)
    fits = Fits(builder(settings, context), settings.search, of_search, partial(ledger.chosen, before.choices, terms))
    final = folds.learnt_from(split, fold)
    check_classes(y[final], task, name, "training rows")
    check_some(fits.build, X[final], y[final])
    model = fits.fit(X[final], y[final], ledger.MODEL)
    parts = _parts(fits, X, y, fold, final, model, folds.is_rolling(split))
    first = _held_out(parts, X, y, fold, model)
    again = [
        _held_out(_parts(fits, X, y, other, final, model, rolling=False), X, y, other, model)
        for other in folds.repeats(split)
    ]
    predictions = beside = _beside_one_another(first, again)
    if settings.model.name != LINEAR:
        rows = ((one.learnt, one.predicted) for one in parts)
        linear = linear_predictions(X, y, task, rows, first, settings.seed)
        beside = predictions if linear is first else linear  # where there is none, the model's own
    compared = Comparison(parts, X, y, task, context.stream("compared"))
    fits.tell()
    _tell_what_is_lacking(model, y, task)
    if before.scratch:
        ledger.write_times(fits.told, before.scratch.parent)
    section = _section(int(final.sum()), X.shape[1], settings, compared.blocks())
    searched = _searched(fits, terms)
    searched["search_findings"] += compared.findings()
    return {"model": model, "predictions": predictions, "beside": beside, "model_section": section, **searched}


def _searched(fits: Fits, terms: str) -> dict[str, Any]:
    """What searches tried, decided and show."""
    return {
        "trials": ledger.table(fits.told, fits.context.random_state),
        "decided": ledger.choices(fits.told, terms),
        "search_section": ledger.section(fits.told),
        "search_findings": judged.findings(fits.told.get(ledger.MODEL)),
    }


def _terms(settings: Train) -> str:
    """A hash of all settings: what a search decided holds for these."""
    written = {**{key: use.written for key, use in settings.uses.items()}, "search": settings.search.written}
    told = [written, settings.seed, settings.data.model_dump(mode="json")]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def _section(rows: int, columns: int, settings: Train, compared: list[dict[str, Any]]) -> dict[str, Any]:
    """The section `model_section`: what was fitted, on how many rows and columns, and the settings."""
    uses = {**settings.features.steps, "model": settings.model}
    steps = [[name, f"{use.name}\n{use.component.about}"] for name, use in uses.items()]
    said = [
        {"kind": "number", "label": "rows the model was fitted on", "value": rows},
        {"kind": "number", "label": "columns they have", "value": columns},
        blocks.table("Steps, in their order", ["Step", "What it is"], steps),
        *compared,
        blocks.settings_table("Settings", settings),
    ]
    return {"title": "The model", "level": "engineer", "order": 40, "blocks": said}


def _of_search(settings: Train, context: Context, table: pd.DataFrame, rows: int) -> Context:
    """What the search may know. Raises RegrowError if the table is not the one that the features are of."""
    if len(table) != rows:
        wrong = f"the table has {len(table)} rows, the features have {rows}: they do not belong together"
        raise RegrowError(wrong, where="table", fix="run the whole pipeline again: dvc repro")
    stream = random_state(settings.seed, "train/search")
    return replace(context, random_state=stream, rows=settings.search.rows(table.reset_index(drop=True)))


def _features_and_target(features: pd.DataFrame, name: str, task: str) -> tuple[pd.DataFrame, np.ndarray]:
    if name not in features.columns:
        fix = nearest(name, list(features.columns))
        raise RegrowError(f"the features have no target column {name!r}", where="data.target", fix=fix)
    return features.drop(columns=name).reset_index(drop=True), as_target(features[name], task)


def _workers(compute: Mapping[str, Any] | None) -> int:
    n_jobs = (compute or {}).get("n_jobs", 1)
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or n_jobs == 0:
        fix = "1 or more workers, or -1 for as many as there are cores"
        raise RegrowError(f"{n_jobs!r} is no number of workers", where="compute.n_jobs", fix=fix)
    return n_jobs


def _parts(
    fits: Fits, X: pd.DataFrame, y: np.ndarray, fold: np.ndarray, final: np.ndarray, model: Any, rolling: bool
) -> list[Part]:
    """What predicts which held-out rows: the model, if it was fitted on none of them (`final`), else for each fold a
    pipeline fitted on the other folds, or on those before if they roll."""
    held_out = fold >= 0
    if not (final & held_out).any():
        return [Part(model, final, held_out)]
    parts = []
    for one in np.unique(fold[held_out]):
        rows = final & (fold < one if rolling else fold != one)
        check_classes(y[rows], fits.context.task, fits.context.target, f"rows outside fold {one}")
        log.info("train: fold %d", one)
        parts.append(Part(fits.fit(X[rows], y[rows], f"fold {one}"), rows, fold == one))
    return parts


def _held_out(parts: list[Part], X: pd.DataFrame, y: np.ndarray, fold: np.ndarray, model: Any) -> pd.DataFrame:
    """The predictions for every held-out row, ordered by row."""
    made = [_predictions(one.fitted, X, y, fold, one.predicted, model) for one in parts]
    return pd.concat(made).sort_values("row", ignore_index=True)


def _beside_one_another(first: pd.DataFrame, again: list[pd.DataFrame]) -> pd.DataFrame:
    """One line a row, so that whoever looks at rows meets each once; what changes from repeat to repeat has columns."""
    more = [one.drop(columns=["row", "target"]).add_prefix(f"{REPEAT}{number}_") for number, one in enumerate(again, 2)]
    return pd.concat([first, *more], axis=1)


def _predictions(
    fitted: Any, X: pd.DataFrame, y: np.ndarray, fold: np.ndarray, rows: np.ndarray, model: Any
) -> pd.DataFrame:
    """`fitted`'s predictions for `rows`, with the columns of `model`: a class it never met has probability 0."""
    prediction, probabilities = predict(fitted, X[rows])
    made = {"row": np.flatnonzero(rows), "fold": fold[rows], "target": y[rows], "prediction": prediction}
    if probabilities is not None:
        known = {label: probabilities[:, place] for place, label in enumerate(fitted.classes_.tolist())}
        for label in model.classes_.tolist():
            made[f"probability_{label}"] = known.get(label, np.zeros(len(prediction)))
    return pd.DataFrame(made)


def _tell_what_is_lacking(model: Any, y: np.ndarray, task: str) -> None:
    """Logs what an evaluation will miss: probabilities that the estimator does not give, classes it never met."""
    if task == "regression":
        return
    if not hasattr(model, "predict_proba"):
        kind = type(model.steps[-1][1] if isinstance(model, Pipeline) else model).__name__
        log.warning("train: %s gives no probabilities, so predictions have none", kind)
    unseen = np.setdiff1d(y, model.classes_)
    if len(unseen):
        log.warning("train: no training row is of class %s, which held-out rows are", ", ".join(map(str, unseen)))
