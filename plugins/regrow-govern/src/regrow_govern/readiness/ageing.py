"""What it costs when a model gets old: older and newer ones on the same rows."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from regrow import Context
from regrow.artifacts import blocks
from regrow.plugin.context import column_types
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, FittedModel, Result, number, stacked
from regrow_evaluation.predicted import Predicted, class_name
from regrow_evaluation.resampling import Bootstrap, interval, weigh
from regrow_govern.readiness.settings import AgeingSettings
from regrow_govern.security.tried import fitted, nothing, predicted, scorer_of, section, told, unable, within, worse

SAID = "ready.ageing", "An older model is nearly as good", "minor"
LIMIT = "the past of these data; what changes for the first time is in no past."
PARTS = ("year", "month", "day")
NO_TIME = "the table has no date: readiness.checks.ageing.by names the column that says when"


def ageing(settings: AgeingSettings, context: Context) -> Analysis:
    """Rows in the order of time, cut into stretches. A model learns from each run of stretches and predicts all later
    ones; on each stretch the models that are older are held against the freshest, by the same drawn rows."""

    def examine(evidence: Evidence) -> Result:
        if why := unable(evidence):
            return nothing(*SAID, why, LIMIT, evidence)
        times = moments(evidence.table, settings.by)
        if times is None or evidence.learnt is None:
            return nothing(*SAID, NO_TIME, LIMIT, evidence)
        rows = np.concatenate([evidence.learnt, evidence.predicted.row])
        known = times.iloc[rows].reset_index(drop=True)
        aged = _aged(evidence, known, settings)
        if len(aged) < 2:
            return nothing(*SAID, "the stretches are too short, or lack a class", LIMIT, evidence)
        return _told(evidence, settings, aged, _days(known, settings.periods))

    return examine


def moments(table: pd.DataFrame, by: str | None) -> pd.Series | None:
    """When each row is from; None where no column says so."""
    if by is not None:
        return table[by]
    dates = [name for name, kind in column_types(table).items() if kind == "date"]
    if dates:
        return table[dates[0]]
    if all(name in table and pd.api.types.is_numeric_dtype(table[name]) for name in PARTS):
        return pd.to_datetime(table[list(PARTS)], errors="coerce")
    return None


def _days(times: pd.Series, periods: int) -> float | None:
    """How long a stretch is; None for numbers."""
    if times.dtype.kind != "M":
        return None
    known = times.dropna()
    return float((known.max() - known.min()).total_seconds() / 86400 / periods)


def _aged(evidence: Evidence, times: pd.Series, settings: AgeingSettings) -> dict[int, list[Predicted]]:
    """Age in stretches -> what models of that age say of each stretch that has a fresher one, stretch by stretch."""
    scorer, X, y = scorer_of(evidence), *_all(evidence)
    order = np.argsort(times.to_numpy(), kind="stable")
    order = order[times.notna().to_numpy()[order]]
    cut = [part for part in np.array_split(order, settings.periods) if len(part)]
    made: dict[tuple[int, int], Predicted] = {}
    for end in range(settings.learn, len(cut)):
        learnt = np.concatenate(cut[end - settings.learn : end])
        try:
            model = fitted(scorer, X.iloc[learnt], y[learnt])
            for place in range(end, len(cut)):
                rows = cut[place]
                said = predicted(evidence, model, X.iloc[rows].reset_index(drop=True), y[rows])
                made[place, place - end + 1] = replace(said, row=rows)
        except ValueError:
            continue
    ages = sorted({age for _, age in made})
    return {age: [made[place, age] for place in range(len(cut)) if (place, age) in made and (place, 1) in made]
            for age in ages}  # fmt: skip


def _all(evidence: Evidence) -> tuple[pd.DataFrame, np.ndarray]:
    """Training rows, then held-out ones, with targets as the features have them."""
    scorer: FittedModel = scorer_of(evidence)
    p = evidence.predicted
    if p.task == REGRESSION:
        truth = p.target.astype(scorer.target.dtype)
    else:
        values = {class_name(one): one for one in np.unique(scorer.target).tolist()}
        first = next(iter(values.values()))
        truth = np.array([values.get(p.classes[k], first) for k in p.target], dtype=scorer.target.dtype)
    return pd.concat([scorer.training, scorer.features], ignore_index=True), np.concatenate([scorer.target, truth])


def _told(evidence: Evidence, settings: AgeingSettings, aged: dict[int, list[Predicted]], days: float | None) -> Result:
    key, metric = evidence.leading
    fresh = {tuple(p.row): p for p in aged[1]}
    curve: list[tuple[int, float, tuple[float, float] | None, int]] = []
    for age, parts in aged.items():
        if age == 1:
            continue
        old, new = stacked([fresh[tuple(p.row)] for p in parts]), stacked(parts)
        drawn = Bootstrap(200, evidence.bootstrap.confidence, evidence.bootstrap.seed).of(
            [weigh(metric, old), weigh(metric, new)], len(old.target)
        )
        ends = interval(metric.gain * (drawn.values[:, 0] - drawn.values[:, 1]), drawn.confidence)
        curve.append((age - 1, worse(evidence, old, new), ends, len(old.target)))
    over = metric.gain * (evidence.metrics[key] - evidence.metrics.get("baseline", {}).get(key, np.nan))
    steps, lost, ends, rows = curve[-1]
    older = f"{steps * days:.0f} days" if days is not None else f"{steps} stretches"
    seen = f"A model that is {older} older has {key} worse by {lost:.4g} on the same rows; over a guess there is "
    seen += f"{over:.4g}, of which {settings.at_most:.0%} may be lost."
    numbers: dict[str, Any] = {"lost": number(lost, ends)}
    metrics: dict[str, Any] = {"lost": lost}
    if days is not None:
        numbers["days"] = metrics["days"] = round(steps * days, 2)
    found = told(*SAID, within(ends, settings.at_most * over), seen, LIMIT, numbers=numbers, n=rows)
    body = [[f"{n * days:.0f} days" if days else f"{n} stretches", number(cost, e), many] for n, cost, e, many in curve]
    caption = f"Against the freshest model on the same rows; each learns from {settings.learn} of "
    caption += f"{settings.periods} stretches."
    table = blocks.table("Older models", ["Older by", f"{key} is worse by", "Rows"], body, caption)
    return {"metrics": metrics, "findings": [found], "section": section("What getting old costs", 72, [table])}
