"""What a search shows, as findings: whether its gain is beyond noise, and settings at the edge of what was tried."""

import math
from collections.abc import Iterator
from typing import Any

from regrow_experiment import variance
from regrow_experiment.ledger import verdict
from regrow_experiment.space import Range
from regrow_experiment.told import Told

DOCS = "plugins/regrow-experiment/README.md"


def findings(told: Told | None) -> list[dict[str, Any]]:
    """Of the search whose result is the model: its noise floor, and, where there was something to choose from, what it
    chose; [] where nothing was searched."""
    if told is None or told.best is None:
        return []
    noise = list(_noise(told))
    return [*noise, *_chosen(told)] if told.space else noise


def _noise(told: Told) -> Iterator[dict[str, Any]]:
    """How far the score moves though nothing was changed; evaluation takes it from here for gates and comparisons."""
    if told.floor is None:
        return
    again = sum((one.repeat or not one.number) and one.complete and one.share == 1 for one in told.trials)
    folds = len(told.trials[0].outcome.scores)
    yield {
        "code": "search.noise",
        "title": f"How far {told.metric} moves though nothing is changed is known",
        "severity": "info",
        "verdict": "passed",
        "seen": f"by {again} seeds and {folds} inner folds alone; a difference up to {told.floor:.4g} means nothing",
        "numbers": {told.metric: told.floor},
        "n": again * folds,
        "docs": DOCS,
    }


def _chosen(told: Told) -> list[dict[str, Any]]:
    return [_gain(told), *_edges(told), *_kept(told), *variance.findings(told)]


def _kept(told: Told) -> Iterator[dict[str, Any]]:
    """Whether the best keeps each constraint."""
    for name, bound in told.constraints.items():
        value = told.value(told.best, name) if told.best else math.nan
        yield {
            "code": f"search.constraint.{name}",
            "title": f"The best trial keeps {name} {bound.said}",
            "severity": "major",
            "verdict": "passed" if bound.holds(value) else "failed",
            "seen": f"{name} is {value:.4g} on the inner folds, and has to be {bound.said}",
            "numbers": {name: value} if math.isfinite(value) else {},
            "n": len(told.trials),
            "docs": DOCS,
        }


def _gain(told: Told) -> dict[str, Any]:
    gain = told.gain
    numbers = {"noise": told.floor} if told.floor is not None else {}
    if gain is not None and math.isfinite(gain.low):
        numbers["gain"] = {"value": gain.mean, "interval": [gain.low, gain.high]}  # type: ignore[assignment]
    enough = gain is None or math.isfinite(gain.low)
    result = "passed" if gain is not None and gain.beyond else "failed"
    return {
        "code": "search.gain",
        "title": f"The search gained more {told.metric} than noise would",
        "severity": "info",
        "verdict": result if enough else "not enough data",
        "seen": verdict(told),
        "numbers": numbers,
        "n": len(told.trials),
        "docs": DOCS,
    }


def _edges(told: Told) -> Iterator[dict[str, Any]]:
    """Ranges at whose edge the best lies: better settings may lie beyond."""
    changes = told.best.changes if told.best else {}
    for key, values in told.space.items():
        if key not in changes or not isinstance(values, Range):
            continue
        edge = values.edge(changes[key])
        yield {
            "code": f"search.edge.{key}",
            "title": f"The best {key} lies inside the range that was tried",
            "severity": "minor",
            "verdict": "failed" if edge else "passed",
            "seen": f"{changes[key]:g}, of {values.low:g} to {values.high:g}"
            + (f": at the {edge} edge, so that better ones may lie beyond; widen search.space" if edge else ""),
            "docs": DOCS,
        }
