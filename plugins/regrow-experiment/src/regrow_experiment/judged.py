"""What a search shows, as findings: whether its gain is beyond noise, and settings at the edge of what was tried."""

import math
from collections.abc import Iterator
from typing import Any

from regrow_experiment.ledger import verdict
from regrow_experiment.search import Told
from regrow_experiment.space import Range

EDGE = 0.02  # share of a range, at either end
DOCS = "plugins/regrow-experiment/README.md"


def findings(told: Told | None) -> list[dict[str, Any]]:
    """Of the search whose result is the model; [] where nothing was searched."""
    if told is None or told.best is None or not told.space:
        return []
    return [_gain(told), *_edges(told)]


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
        share = values.share(changes[key])
        edge = "lower" if share <= EDGE else "upper" if share >= 1 - EDGE else ""
        yield {
            "code": f"search.edge.{key}",
            "title": f"The best {key} lies inside the range that was tried",
            "severity": "minor",
            "verdict": "failed" if edge else "passed",
            "seen": f"{changes[key]:g}, of {values.low:g} to {values.high:g}"
            + (f": at the {edge} edge, so that better ones may lie beyond; widen search.space" if edge else ""),
            "docs": DOCS,
        }
