"""What decisions are worth, in the unit of `objective`."""

from dataclasses import dataclass

import numpy as np

from regrow_evaluation.predicted import Predicted
from regrow_evaluation.settings import Costs, Objective, PerUnit

THOUSAND = 1000.0


@dataclass(frozen=True)
class Cut:
    """From which score on a row is acted on; `least` above every score where nobody is."""

    least: float
    #: per thousand rows, on the rows that it was chosen on
    worth: float


def of_rows(p: Predicted, acted: np.ndarray, value: Costs) -> np.ndarray:
    """(n,) what it is worth to act on some rows, and to leave the others alone."""
    hit = np.where(p.is_positive, value.true_positive, value.false_positive)
    left = np.where(p.is_positive, value.false_negative, value.true_negative)
    return np.where(acted, hit, left)


def best_cut(score: np.ndarray, positive: np.ndarray, value: Costs, capacity: float | None) -> Cut:
    """The threshold of the largest value, at most a share `capacity` of rows above it; half way to the next score.

    Of several as good, the highest: fewer are acted on.
    """
    order = np.argsort(-score, kind="stable")
    ranked, true = score[order], positive[order]
    gained = np.where(true, value.true_positive - value.false_negative, value.false_positive - value.true_negative)
    alone = float(np.where(true, value.false_negative, value.true_negative).sum())
    worth = np.append(0.0, np.cumsum(gained)) + alone  # of acting on the first k rows
    can = np.append(True, np.append(ranked[1:] != ranked[:-1], True))  # equal scores are acted on together
    if capacity is not None:
        can &= np.arange(len(worth)) <= capacity * len(ranked) + 1e-9
    first = int(np.flatnonzero(can)[np.argmax(worth[can])])
    return Cut(_between(ranked, first), float(worth[first]) / len(ranked) * THOUSAND)


def _between(ranked: np.ndarray, first: int) -> float:
    """A threshold above which the first rows lie; in (0, 1) for probabilities."""
    if first == 0:
        return float(min(1.0, ranked[0] + (1 - ranked[0]) / 2)) if ranked[0] < 1 else float(np.nextafter(1.0, 2.0))
    if first == len(ranked):
        return float(ranked[-1] / 2)
    return float((ranked[first - 1] + ranked[first]) / 2)


def indifferent(value: Costs) -> float | None:
    """The probability at which acting and not acting are worth the same; None where one is always better."""
    right, wrong = value.true_positive - value.false_negative, value.true_negative - value.false_positive
    return wrong / (right + wrong) if right > 0 and wrong > 0 else None


def matrix(objective: Objective, classes: tuple[str, ...]) -> np.ndarray:
    """(k, k) value of predicting a class (columns) for a true one (rows); what is not said is 0.

    Raises ValueError, with its name, for a class that is none.
    """
    said = objective.value if isinstance(objective.value, dict) else {}
    for name in [*said, *(inner for row in said.values() for inner in row)]:
        if name not in classes:
            raise ValueError(f"objective.value: {name!r} is no class; there are: {', '.join(classes)}")
    return np.array([[said.get(true, {}).get(guess, 0.0) for guess in classes] for true in classes])


def of_errors(target: np.ndarray, prediction: np.ndarray | float, value: PerUnit) -> np.ndarray:
    """(n,) what errors of a number are worth."""
    apart = prediction - target
    return np.where(apart > 0, value.above * apart, -value.below * apart)


def net_benefit(score: np.ndarray, positive: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """True positives less false ones weighed by the threshold's odds, as a share of all rows.

    Vickers and Elkin, Decision Curve Analysis, Medical Decision Making 26, 2006.
    """
    acted = score[None, :] >= thresholds[:, None]
    odds = thresholds / (1 - thresholds)
    return (acted & positive).mean(axis=1) - (acted & ~positive).mean(axis=1) * odds
