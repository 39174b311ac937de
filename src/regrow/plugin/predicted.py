"""Rows that a model predicted without having seen them: what a metric gets."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Predicted:
    """n held-out rows: what was true and what was predicted.

    target, prediction: (n,) positions in `classes` (int64); for regression the values (float64), in the target's unit.
    probability: (n, len(classes)) float64, or None for regression and for models that give none.
    classes: class names as text, in scikit-learn's order; () for regression.
    positive: position of the class that counts as 1; None unless the task is binary.
    fold: (n,) int64, the fold in which each row was held out. row: (n,) int64, its place in the table.
    """

    task: str
    target: "np.ndarray"
    prediction: "np.ndarray"
    probability: "np.ndarray | None"
    classes: tuple[str, ...]
    positive: int | None
    fold: "np.ndarray"
    row: "np.ndarray"

    @property
    def is_positive(self) -> "np.ndarray":
        """(n,) bool: the rows of the positive class (binary only)."""
        return self.target == self.positive

    @property
    def score(self) -> "np.ndarray":
        """(n,) float64 in [0, 1]: probability of the positive class; 0 or 1 from the prediction where there is none."""
        if self.probability is None:
            return (self.prediction == self.positive).astype(float)
        return self.probability[:, self.positive]

    def rows(self, chosen: "np.ndarray") -> "Predicted":
        """The same for some of the rows; `chosen` is a mask or an array of positions."""
        return replace(
            self,
            target=self.target[chosen],
            prediction=self.prediction[chosen],
            probability=None if self.probability is None else self.probability[chosen],
            fold=self.fold[chosen],
            row=self.row[chosen],
        )


def class_name(value: object) -> str:
    """A class as it is written among `classes`: as in Python 1.0 is 1, and whole numbers have no point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
