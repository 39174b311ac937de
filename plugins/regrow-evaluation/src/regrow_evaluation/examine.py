"""Stage `examine`: the analyses that settings name, on the recorded predictions of the held-out rows."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regrow import Context, RegrowError, random_state
from regrow.artifacts import findings as findings_type
from regrow.base.errors import Problem
from regrow.plugin.context import column_types
from regrow_evaluation import champion_file
from regrow_evaluation.asked import asked
from regrow_evaluation.bootstrap import bootstrap
from regrow_evaluation.evaluate import usable
from regrow_evaluation.evidence import Evidence, FittedModel
from regrow_evaluation.predicted import read
from regrow_evaluation.settings import ExamineSettings

NO_THRESHOLD = {"threshold": None, "chosen_on": "nothing: objective.value says nothing, or no analysis `harm` is used"}


def examine(
    predictions: pd.DataFrame,
    table: pd.DataFrame,
    metrics: Mapping[str, Any],
    settings: ExamineSettings,
    features: pd.DataFrame | None = None,
    split: pd.DataFrame | None = None,
    model: Any = None,
    champion: pd.DataFrame | Path | None = None,
    cases: Path | None = None,
) -> dict[str, Any]:
    """What each analysis returned, by its key in `evaluation.analyses` (`examined`), all their findings, and the
    threshold that one of them chose for the stated goal.

    features, split, model: without them, analyses that ask the model say nothing. champion: the predictions
    of another. cases: a CSV of cases that must pass. Raises RegrowError where two findings have one code.
    """
    evidence = _evidence(predictions, table, metrics, settings, features, split, model)
    pinned = settings.evaluation.champion
    other = champion_file.predictions(champion, pinned)
    evidence = replace(evidence, champion=other, champion_commit=pinned.commit if pinned else "", cases=cases)
    context = Context(task=settings.data.task, target=settings.data.target.final_name,
                      columns=column_types(evidence.columns))  # fmt: skip
    examined: dict[str, Any] = {}
    for key, use in settings.evaluation.analyses.items():
        stream = random_state(settings.seed, f"examine/{key}")
        examined[key] = dict(use.make(replace(context, random_state=stream))(evidence))
    chosen = [one.pop("threshold") for one in examined.values() if "threshold" in one]
    found = [one for made in examined.values() for one in made.get("findings", ())]
    try:
        findings_type.check(found)
    except ValueError as error:
        raise RegrowError.of([Problem(str(error), "evaluation.analyses", "use each analysis once")]) from None
    return {"examined": examined, "examine_findings": found, "threshold": chosen[0] if chosen else NO_THRESHOLD}


def _evidence(predictions: pd.DataFrame, table: pd.DataFrame, metrics: Mapping[str, Any], settings: ExamineSettings,
              features: pd.DataFrame | None, split: pd.DataFrame | None, model: Any) -> Evidence:  # fmt: skip
    task, target = settings.data.task, settings.data.target
    predicted = read(predictions, task, target.positive)
    known = usable(asked(settings.evaluation.metrics, task, target.final_name, table), task, predicted)
    scorer, training, columns = None, None, None
    if features is not None:
        X = features.drop(columns=target.final_name, errors="ignore").reset_index(drop=True)
        columns = X.iloc[predicted.row].reset_index(drop=True)
        learnt = _learnt_from(split, predicted.row)
        if learnt is not None:
            training = X.iloc[learnt].reset_index(drop=True)
            if model is not None:
                scorer = FittedModel(model, columns, training, features[target.final_name].to_numpy()[learnt], learnt)
    if columns is None:
        columns = table.drop(columns=[target.final_name, target.column], errors="ignore")
        columns = columns.iloc[predicted.row].reset_index(drop=True)
    drawn = bootstrap(settings.evaluation.intervals, table, predicted)
    return Evidence(predicted, columns, table, metrics, known, drawn, settings.objective, scorer, training=training)


def _learnt_from(split: pd.DataFrame | None, held_out: np.ndarray) -> np.ndarray | None:
    """The rows that the model learnt from; None where that is not known, or some of them are held out."""
    if split is None or "past" in split:
        return None
    learnt = split.loc[split["fold"] == -1, "row"].to_numpy()
    return np.sort(learnt) if len(learnt) and not np.isin(held_out, learnt).any() else None
