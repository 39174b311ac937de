"""What checks share: fits and answers on other rows, how a bound is judged, and findings that say their limits."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from joblib import parallel_config
from sklearn.base import clone

from regrow_evaluation.analyses.explanation import answered
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Evidence, FittedModel, Result, finding
from regrow_evaluation.predicted import Predicted, class_name
from regrow_evaluation.resampling import interval, weigh

LITTLE = "not enough data"
DOCS = {"security": "docs/security-stage.md#", "ready": "docs/readiness.md#"}
NO_MODEL = "there is no model that learnt from none of the held-out rows: take a split with a hold-out"


def unable(evidence: Evidence) -> str:
    """Why nothing can be said of the model; "" where something can."""
    return NO_MODEL if evidence.scorer is None else evidence.lacking


def scorer_of(evidence: Evidence) -> FittedModel:
    """The model, once `unable` had nothing against it."""
    if evidence.scorer is None:
        raise ValueError(NO_MODEL)
    return evidence.scorer


def fitted(scorer: FittedModel, X: pd.DataFrame, y: np.ndarray) -> Any:
    """The same pipeline, fitted anew on other rows. Raises ValueError where scikit-learn refuses them."""
    with warnings.catch_warnings(), parallel_config("threading", n_jobs=1):
        warnings.simplefilter("ignore")  # what a fit on few or odd rows complains of is what is being tried
        return clone(scorer.model).fit(X, y)


def predicted(evidence: Evidence, model: Any, X: pd.DataFrame, y: np.ndarray) -> Predicted:
    """What a model says of rows, with their targets (n,) as the features have them.

    Rows of a class that no held-out row has get the first class: their loss is large, as it should be.
    """
    p = evidence.predicted
    fold = np.zeros(len(X), dtype="int64")
    if p.task == REGRESSION:
        empty = Predicted(p.task, y.astype(float), y.astype(float), None, (), None, fold, np.arange(len(X)))
    else:
        place = {name: k for k, name in enumerate(p.classes)}
        target = np.array([place.get(class_name(one), 0) for one in y.tolist()], dtype="int64")
        like = None if p.probability is None else np.zeros((len(X), len(p.classes)))
        empty = Predicted(p.task, target, target, like, p.classes, p.positive, fold, np.arange(len(X)))
    return answered(empty, model, X)


def answers(evidence: Evidence, model: Any) -> Predicted:
    """What another model says of the held-out rows."""
    scorer, p = scorer_of(evidence), evidence.predicted
    truth = p.target if p.task == REGRESSION else np.array(p.classes, dtype=object)[p.target]
    return predicted(evidence, model, scorer.features, truth)


def apart(evidence: Evidence, old: Predicted, new: Predicted) -> np.ndarray:
    """(rounds,) by how much the leading metric of `new` is worse than of `old`, by the same drawn rows."""
    _, metric = evidence.leading
    drawn = evidence.bootstrap.of([weigh(metric, old), weigh(metric, new)], len(old.target)).values
    return np.asarray(metric.gain * (drawn[:, 0] - drawn[:, 1]))


def worse(evidence: Evidence, old: Predicted, new: Predicted) -> float:
    """By how much the leading metric of `new` is worse than of `old`; NaN where it is undefined."""
    _, metric = evidence.leading
    try:
        return float(metric.gain * (metric.of(old)(old) - metric.of(new)(new)))
    except ValueError:
        return float("nan")


def ends_of(values: np.ndarray, evidence: Evidence) -> tuple[float, float] | None:
    """The interval of drawn values."""
    return interval(values, evidence.bootstrap.confidence)


def turned(old: Predicted, new: Predicted, spread: float) -> np.ndarray:
    """(n,) bool: answers that are another class, or a number further off than `spread`."""
    if old.task == REGRESSION:
        return np.asarray(np.abs(new.prediction - old.prediction) > spread)
    return np.asarray(new.prediction != old.prediction)


def within(ends: tuple[float, float] | None, limit: float) -> bool | str:
    """Whether a number is at most `limit`: True or False where its whole interval says so, else not enough data."""
    if ends is None or not np.isfinite(limit):
        return LITTLE
    return True if ends[1] <= limit else False if ends[0] > limit else LITTLE


def share_within(count: int, rows: int, confidence: float) -> tuple[float, float]:
    """Wilson's interval of a share (JASA 22, 1927)."""
    from scipy.stats import binomtest

    found = binomtest(count, rows).proportion_ci(confidence, method="wilson")
    return float(found.low), float(found.high)


def told(
    code: str, title: str, severity: str, verdict: bool | str, seen: str, limit: str, **more: Any
) -> dict[str, Any]:
    """A finding that says the limit of its claim. code: "security.WHAT..." or "ready.WHAT..."."""
    group, what = code.split(".")[:2]
    return finding(code, title, severity, verdict, seen=f"{seen} Limit: {limit}", docs=DOCS[group] + what, **more)


def nothing(code: str, title: str, severity: str, why: str, limit: str, evidence: Evidence) -> Result:
    """The result of a check that can't say anything."""
    rows = len(evidence.predicted.target)
    return {"findings": [told(code, title, severity, LITTLE, f"{why[:1].upper()}{why[1:]}.", limit, n=rows)]}


def section(title: str, order: int, blocks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A section for those who look into it."""
    return {"title": title, "level": "analyse", "order": order, "blocks": list(blocks)}
