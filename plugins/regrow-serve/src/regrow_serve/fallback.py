"""The answer when the model has none: rules that a person wrote, else what the training rows usually are."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

MODEL, FALLBACK = "model", "fallback"


def usual(target: np.ndarray, classes: Sequence[Any] | None) -> dict[str, Any]:
    """Of training rows' targets (n,): the largest class and each class's share, or the median."""
    if classes is None:
        return {"prediction": float(statistics.median(map(float, target))), "probabilities": None}
    shares = [float((target == one).sum() / len(target)) for one in classes]
    return {"prediction": classes[int(np.argmax(shares))], "probabilities": shares}


def answer(fallback: Mapping[str, Any], row: Mapping[str, Any], classes: Sequence[Any] | None) -> dict[str, Any]:
    """What the first rule that holds says, else the usual; `prediction`, and `probabilities` in the order of classes.

    row: raw values, whatever they are.
    """
    for rule in fallback["rules"]:
        if _holds(rule, row.get(rule["column"])):
            said = rule["prediction"]
            return {"prediction": said, "probabilities": classes and [float(said == one) for one in classes]}
    return {"prediction": fallback["prediction"], "probabilities": fallback["probabilities"]}


def _holds(rule: Mapping[str, Any], value: Any) -> bool:
    if rule.get("equals") is not None:
        return bool(value == rule["equals"]) and isinstance(value, bool) == isinstance(rule["equals"], bool)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return bool(value > rule["above"]) if rule.get("above") is not None else bool(value < rule["below"])
