"""The answer when the model has none: rules that a person wrote, else what the training rows usually are."""

import statistics
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from regrow import RegrowError

if TYPE_CHECKING:
    from regrow_serve.settings import Answers

MODEL, FALLBACK = "model", "fallback"


def of(said: "Answers", target: np.ndarray, classes: Sequence[Any] | None) -> dict[str, Any]:
    """The member fallback.json. target: the training rows' (n,). RegrowError where a rule says what is no class."""
    rules = [rule.model_dump(mode="json", exclude_none=True) for rule in said.fallback.rules]
    odd = [rule["prediction"] for rule in rules if classes is not None and rule["prediction"] not in classes]
    if odd:
        fix = f"there are: {', '.join(map(str, classes or ()))}"
        raise RegrowError(f"{odd[0]!r} is no class of the target", where="serving.fallback.rules", fix=fix)
    return {**usual(target, classes), "rules": rules, "refusals": said.fallback.refusals}


def usual(target: np.ndarray, classes: Sequence[Any] | None) -> dict[str, Any]:
    """Of training rows' targets (n,): the largest class and each class's share, or the median."""
    if classes is None:
        return {"prediction": float(statistics.median(map(float, target))), "probabilities": None}
    shares = [float((target == one).sum() / len(target)) for one in classes]
    return {"prediction": classes[int(np.argmax(shares))], "probabilities": shares}


def threshold(said: "Answers", chosen: Any, about: Mapping[str, Any]) -> float | None:
    """From which probability of the positive class on a row is decided to be positive: as settings say, else as the
    artifact `threshold` does, a mapping with that key. None: nothing is decided.

    about: `probabilities` and `classes` of the model. RegrowError where settings name one, and there are no two classes
    with probabilities.
    """
    two = about["probabilities"] and len(about["classes"] or ()) == 2
    if said.threshold is not None and not two:
        wrong = "a threshold needs a model with two classes that gives probabilities"
        raise RegrowError(wrong, where="serving.threshold", fix="leave it out")
    found = said.threshold if said.threshold is not None else (chosen or {}).get("threshold")
    return float(found) if two and found is not None else None


def decided(probabilities: np.ndarray, classes: Sequence[Any], positive: Any, least: float) -> np.ndarray:
    """(rows, two classes) -> (rows,): the positive class (the one that is named, else the last) where its probability
    is at least so much, else the other."""
    place = list(classes).index(positive) if positive in classes else len(classes) - 1
    return np.array(classes)[np.where(probabilities[:, place] >= least, place, 1 - place)]


def answer(fallback: Mapping[str, Any], row: Mapping[str, Any], classes: Sequence[Any] | None) -> dict[str, Any]:
    """What the first rule that holds says, else the usual; `prediction`, and `probabilities` in the order of classes.

    row: raw values, whatever they are.
    """
    for rule in fallback["rules"]:
        if holds(rule, row.get(rule["column"])):
            said = rule["prediction"]
            return {"prediction": said, "probabilities": classes and [float(said == one) for one in classes]}
    return {"prediction": fallback["prediction"], "probabilities": fallback["probabilities"]}


def holds(rule: Mapping[str, Any], value: Any) -> bool:
    """Whether a rule is about a row with this value in its column."""
    if rule.get("equals") is not None:
        return bool(value == rule["equals"]) and isinstance(value, bool) == isinstance(rule["equals"], bool)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return bool(value > rule["above"]) if rule.get("above") is not None else bool(value < rule["below"])
