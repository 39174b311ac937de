"""Stage `evaluate`: predictions of held-out rows become metrics.json and two curves."""

import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from regrow import RegrowError
from regrow.base.errors import Problem
from regrow_evaluation import curves, noise, sections
from regrow_evaluation.asked import Asked, asked
from regrow_evaluation.bootstrap import bootstrap
from regrow_evaluation.catalogue import BINARY, REGRESSION
from regrow_evaluation.metrics import Metric
from regrow_evaluation.predicted import Predicted, constant, read
from regrow_evaluation.repeats import read_all, standard_error
from regrow_evaluation.settings import EvaluateSettings

log = logging.getLogger("regrow")
LINEAR = "linear"  # below `baseline` in metrics.json


def evaluate(
    predictions: pd.DataFrame,
    settings: EvaluateSettings,
    table: pd.DataFrame | None = None,
    beside: pd.DataFrame | None = None,
    search_findings: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Metrics (see `measure`), performance_curve and calibration_curve (see `curves`) of the held-out rows, and two
    sections of the report (see `sections`).

    table: for the columns that the metrics' settings name. beside: a linear model's predictions of the same rows; its
    metrics stand below `baseline.linear`, unless they are the model's own. search_findings: the noise floor that a
    search recorded stands below `noise`. Raises RegrowError, with every problem at
    once, when a metric is undefined on a fold.
    """
    task, target = settings.data.task, settings.data.target
    repeats = read_all(predictions, task, target.positive)
    predicted = repeats[0]
    table = pd.DataFrame() if table is None else table
    metrics = usable(asked(settings.evaluation.metrics, task, target.final_name, table), task, predicted)
    measured = measure(metrics, *repeats)
    if beside is not None and not beside.equals(predictions):
        measured["baseline"][LINEAR] = _means(metrics, read(beside, task, target.positive))
    drawn = bootstrap(settings.evaluation.intervals, table, predicted).of_repeats(list(metrics.values()), repeats)
    ends = {key: drawn.interval(place) for place, key in enumerate(metrics)}
    measured["intervals"] = {key: {"low": one[0], "high": one[1]} for key, one in ends.items() if one is not None}
    if not measured["intervals"]:
        del measured["intervals"]
    if settings.evaluation.intervals.looks > 1:
        measured["looks"] = settings.evaluation.intervals.looks
    if floors := noise.recorded(search_findings or (), settings.evaluation.metrics):
        measured[noise.NOISE] = {key: value for key, value in floors.items() if key in metrics}
    points = {
        "performance_curve": curves.performance(predicted),
        "calibration_curve": curves.calibration(predicted, settings.evaluation.bins),
    }
    return {
        "metrics": measured,
        **points,
        "result_section": sections.result(measured, predicted, settings),
        "performance_section": sections.performance(measured, predicted, points, settings),
    }


def measure(metrics: dict[str, Asked], predicted: Predicted, *again: Predicted) -> dict[str, Any]:
    """The content of metrics.json. again: the same rows, dealt out to other folds.

    On top what is compared from run to run: every metric, averaged over folds if there are several, and `rows` counted.
    `base_rate`: share of the positive, or else the most frequent, class. `baseline`: the same metrics for a constant
    guess (see `constant`), so that a reader sees what is better than nothing. `folds`: for several folds each metric's
    value per fold and its standard deviation over them (n - 1). With repeats the folds are those of all of them, there
    is the corrected standard error of their mean (see `repeats`), and `repeats` counts them.
    """
    every = predicted, *again
    parts = {str(number): one.rows(one.fold == number) for one in every for number in np.unique(one.fold)}
    values, problems = _table(metrics, parts)
    if problems:
        raise RegrowError.of(problems)
    guesses, undefined = _table(metrics, {name: constant(part) for name, part in parts.items()})
    unknown = {problem.where for problem in undefined}  # a guess may be undefined where the model is not
    result: dict[str, Any] = {key: float(np.mean(list(row.values()))) for key, row in values.items()}
    result["rows"] = len(predicted.target)
    if predicted.task != REGRESSION:
        result["base_rate"] = _base_rate(predicted)
    result["baseline"] = {
        key: float(np.mean(list(row.values()))) for key, row in guesses.items() if _where(key) not in unknown
    }
    if len(parts) > 1:
        result["folds"] = {key: {**_spread([*row.values()], len(every)), **row} for key, row in values.items()}
    if again:
        result["repeats"] = len(every)
    return result


def _spread(scores: list[float], repeats: int) -> dict[str, float]:
    spread = {"std": float(np.std(scores, ddof=1))}
    return spread if repeats == 1 else {**spread, "standard_error": standard_error(scores, len(scores) // repeats)}


def _means(metrics: dict[str, Asked], predicted: Predicted) -> dict[str, float]:
    """Every metric's mean over folds, where it is defined in all of them."""
    parts = {str(one): predicted.rows(predicted.fold == one) for one in np.unique(predicted.fold)}
    values, undefined = _table(metrics, parts)
    unknown = {problem.where for problem in undefined}
    return {key: float(np.mean(list(row.values()))) for key, row in values.items() if _where(key) not in unknown}


def _base_rate(predicted: Predicted) -> float:
    if predicted.task == BINARY:
        return float(predicted.is_positive.mean())
    return float(np.bincount(predicted.target).max() / len(predicted.target))


def usable(metrics: dict[str, Asked], task: str, predicted: Predicted) -> dict[str, Asked]:
    """Without the metrics that this model cannot have, named in the log. Raises RegrowError if none is left."""
    if task == REGRESSION or predicted.probability is not None:
        return metrics
    left = {key: metric for key, metric in metrics.items() if not metric.of(predicted).needs_probability}
    if not left:
        raise RegrowError(
            "every metric needs probabilities, and this model gives none",
            where="evaluation.metrics",
            fix="add one that does not, such as accuracy, or choose another model",
        )
    if gone := [_where(key) for key in metrics if key not in left]:
        log.warning("evaluate: %s left out: the model gives no probabilities, which they need", ", ".join(gone))
    return left


def _table(metrics: dict[str, Asked], parts: dict[str, Predicted]) -> tuple[dict[str, dict[str, float]], list[Problem]]:
    """Metric by fold, and a problem for each that is undefined."""
    values: dict[str, dict[str, float]] = {}
    problems = []
    for key, metric in metrics.items():
        values[key] = {}
        for fold, part in parts.items():
            value, reason = _value(metric.of(part), part)
            if reason:
                problems.append(_undefined(key, fold, part, reason))
            else:
                values[key][fold] = value
    return values, problems


def _value(metric: Metric, part: Predicted) -> tuple[float, str]:
    """The metric, or why there is none. scikit-learn's warnings on degenerate rows would only repeat the reason."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = metric(part)
    except ValueError as error:
        return np.nan, str(error)
    return value, "" if np.isfinite(value) else "undefined"


def _undefined(key: str, fold: str, part: Predicted, reason: str) -> Problem:
    if part.task == REGRESSION:
        seen = f"its {len(part.target)} rows have targets from {part.target.min():g} to {part.target.max():g}"
        fix = f"hold out more rows (split), or leave it out: -S '~{_where(key)}'"
    else:
        present = ", ".join(repr(part.classes[k]) for k in np.unique(part.target))
        seen = f"its {len(part.target)} rows are of {present}, of the classes {', '.join(map(repr, part.classes))}"
        fix = f"set split.stratify=true, take fewer folds or more rows, or leave it out: -S '~{_where(key)}'"
    return Problem(f"{reason} on fold {fold}: {seen}", _where(key), fix)


def _where(key: str) -> str:
    return f"evaluation.metrics.{key}"
