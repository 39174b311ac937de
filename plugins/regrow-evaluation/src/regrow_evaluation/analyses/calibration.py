"""Whether predicted probabilities come true, and numbers are right on average."""

from typing import Any

import numpy as np

from regrow import Context
from regrow.artifacts import blocks
from regrow_evaluation.analyses.settings import CalibrationSettings
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, Result, finding, not_enough, number
from regrow_evaluation.weighted import calibration_error, grouped, said_and_came

ERROR = "calibration.error", "What it predicts comes true as often as it says", "minor"
BIAS = "calibration.bias", "Its numbers are right on average", "minor"
DRAWN = 200


def calibration(settings: CalibrationSettings, context: Context) -> Analysis:
    """See `_shares` and `_mean`."""

    def examine(evidence: Evidence) -> Result:
        if evidence.predicted.task == REGRESSION:
            return _mean(evidence, settings)
        if evidence.predicted.probability is None:
            return {}
        return _shares(evidence, settings, np.random.Generator(np.random.PCG64(context.random_state)))

    return examine


def _shares(evidence: Evidence, settings: CalibrationSettings, rng: np.random.Generator) -> Result:
    """The calibration error against what it would be by chance if every probability were right.

    Broecker and Smith, Increasing the Reliability of Reliability Diagrams, Weather and Forecasting 22, 2007: outcomes
    are drawn anew from the predicted probabilities. The error is above 0 for a perfect model, too.
    """
    p = evidence.predicted
    weigh = calibration_error(settings.bins)(p)
    value, ends = weigh(np.ones(len(p.target))), evidence.bootstrap.of([weigh], len(p.target)).interval(0)
    said, _ = said_and_came(p)
    group = grouped(said, settings.bins)
    drawn = (rng.random((DRAWN, len(said))) < said) if len(said) * DRAWN <= 50_000_000 else None
    chance = [_error(group, said, came, settings.bins) for came in drawn] if drawn is not None else [0.0]
    usual = float(np.quantile(chance, 0.95))
    numbers = {"error": number(value, ends), "by chance up to": number(usual)}
    if evidence.lacking:
        found = not_enough(*ERROR, evidence.lacking, len(said))
    else:
        seen = f"The calibration error is {value:.4g}; by chance it is up to {usual:.4g}"
        seen += f", and {settings.at_most:g} is harmless."
        found = finding(*ERROR, value <= max(usual, settings.at_most), seen=seen, numbers=numbers, n=len(said))
    return {"metrics": {"error": value, "chance": usual}, "findings": [found]}


def _error(group: np.ndarray, said: np.ndarray, came: np.ndarray, bins: int) -> float:
    return float(np.abs(np.bincount(group, weights=said - came, minlength=bins)).sum() / len(said))


def _mean(evidence: Evidence, settings: CalibrationSettings) -> Result:
    """The mean of prediction minus target, beside the spread of the target."""
    p = evidence.predicted
    apart = p.prediction - p.target
    weigh = [lambda w: float((w * apart).sum() / max(w.sum(), 1))]
    value, ends = float(apart.mean()), evidence.bootstrap.of(weigh, len(apart)).interval(0)
    spread = float(p.target.std())
    if evidence.lacking or ends is None:
        found = not_enough(*BIAS, evidence.lacking or "the interval is undefined", len(apart))
    else:
        sure = ends[0] > 0 or ends[1] < 0
        way = "much" if value > 0 else "little"
        seen = f"On average it predicts {abs(value):.4g} too {way}; targets spread by {spread:.4g}."
        fine = not sure or abs(value) <= settings.at_most * spread
        found = finding(*BIAS, fine, seen=seen, numbers={"mean error": number(value, ends)}, n=len(apart))
    rows: list[list[Any]] = [[f"group {g + 1}", float(p.prediction[m].mean()), float(p.target[m].mean()), int(m.sum())]
                             for g, m in _groups(p.prediction, settings.bins)]  # fmt: skip
    table = blocks.table("Prediction and target", ["", "Mean prediction", "Mean target", "Rows"], rows)
    section = {"title": "Right on average", "level": "analyse", "order": 14, "blocks": [table]}
    return {"metrics": {"bias": value}, "findings": [found], "section": section}


def _groups(values: np.ndarray, bins: int) -> list[tuple[int, np.ndarray]]:
    group = grouped(values, bins)
    return [(int(g), group == g) for g in np.unique(group)]
