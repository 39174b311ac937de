"""Stage `examine`: the analyses that settings name, on the recorded predictions of the held-out rows."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from regrow import Context, Data, RegrowError, Use, random_state
from regrow.artifacts import findings as findings_type
from regrow.base.errors import Problem
from regrow.plugin.context import column_types
from regrow_evaluation import champion_file
from regrow_evaluation.asked import asked
from regrow_evaluation.bootstrap import bootstrap
from regrow_evaluation.evaluate import usable
from regrow_evaluation.evidence import Evidence, FittedModel
from regrow_evaluation.repeats import read_all
from regrow_evaluation.settings import ExamineSettings, Objective

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
    evidence = evidence_of(predictions, table, metrics, settings, features, split, model)
    pinned = settings.evaluation.champion
    other = champion_file.predictions(champion, pinned)
    evidence = replace(evidence, champion=other, champion_commit=pinned.commit if pinned else "", cases=cases)
    examined = look(settings.evaluation.analyses, evidence, settings, "examine")
    chosen = [one.pop("threshold") for one in examined.values() if "threshold" in one]
    found = found_by(examined, "evaluation.analyses")
    return {"examined": examined, "examine_findings": found, "threshold": chosen[0] if chosen else NO_THRESHOLD}


class Asking(Protocol):
    """Settings of a stage that looks at a model by analyses."""

    @property
    def data(self) -> Data:
        """Task and target."""

    @property
    def seed(self) -> int:
        """Of all that is drawn."""


def look(uses: Mapping[str, Use], evidence: Evidence, settings: Asking, stage: str) -> dict[str, Any]:
    """What each analysis returned, by its key; each draws from a stream of its own, which has the stage's name."""
    context = Context(task=settings.data.task, target=settings.data.target.final_name,
                      columns=column_types(evidence.columns))  # fmt: skip
    streams = {key: random_state(settings.seed, f"{stage}/{key}") for key in uses}
    return {key: dict(use.make(replace(context, random_state=streams[key]))(evidence)) for key, use in uses.items()}


def found_by(examined: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    """All their findings. Raises RegrowError where two have one code. where: the key of the analyses."""
    found = [one for made in examined.values() for one in made.get("findings", ())]
    try:
        findings_type.check(found)
    except ValueError as error:
        raise RegrowError.of([Problem(str(error), where, "use each analysis once")]) from None
    return found


def evidence_of(predictions: pd.DataFrame, table: pd.DataFrame, metrics: Mapping[str, Any], settings: Any,
                features: pd.DataFrame | None, split: pd.DataFrame | None, model: Any) -> Evidence:  # fmt: skip
    """What was recorded of a model, as analyses take it. settings: of `examine`, or of a stage like it."""
    task, target = settings.data.task, settings.data.target
    predicted, *again = read_all(predictions, task, target.positive)
    known = usable(asked(settings.evaluation.metrics, task, target.final_name, table), task, predicted)
    scorer, training, columns, learnt = None, None, None, None
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
    objective = getattr(settings, "objective", None) or Objective()
    return Evidence(predicted, columns, table, metrics, known, drawn, objective, scorer, training=training,
                    learnt=learnt, repeats=tuple(again))  # fmt: skip


def _learnt_from(split: pd.DataFrame | None, held_out: np.ndarray) -> np.ndarray | None:
    """The rows that the model learnt from; None where that is not known, or some of them are held out."""
    if split is None or "past" in split:
        return None
    learnt = split.loc[split["fold"] == -1, "row"].to_numpy()
    return np.sort(learnt) if len(learnt) and not np.isin(held_out, learnt).any() else None
