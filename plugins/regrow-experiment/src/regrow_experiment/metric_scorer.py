"""A fitted model's score on rows that it did not see, by a metric of the project's."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from regrow.plugin.predicted import Predicted, class_name


@dataclass(frozen=True)
class Scorer:
    """metric: what a factory of the kind makes; None: the model's own `score`. labels: the classes, sorted, () for
    regression. positive: the class that counts as 1, None for the last."""

    metric: Any
    task: str
    labels: np.ndarray
    positive: Any = None

    def __call__(self, model: Any, X: pd.DataFrame, y: np.ndarray) -> float:
        """The score. Raises ValueError where the metric is undefined."""
        found = float(model.score(X, y)) if self.metric is None else float(self.metric(self._rows(model, X, y)))
        if not np.isfinite(found):
            raise ValueError(f"the score is {found}: the metric is undefined on these rows, or the model overflowed")
        return found

    def _rows(self, model: Any, X: pd.DataFrame, y: np.ndarray) -> Predicted:
        fold, row = np.zeros(len(y), dtype="int64"), np.arange(len(y))
        if self.task == "regression":
            return Predicted(self.task, y, np.asarray(model.predict(X), dtype=float), None, (), None, fold, row)
        probability = None
        if hasattr(model, "predict_proba"):
            probability = np.zeros((len(y), len(self.labels)))
            probability[:, np.searchsorted(self.labels, model.classes_)] = model.predict_proba(X)
        elif getattr(self.metric, "needs_probability", False):
            raise ValueError("the metric needs probabilities, and the model gives none")
        target, said = (np.searchsorted(self.labels, one) for one in (y, model.predict(X)))
        names = tuple(str(one) for one in self.labels.tolist())
        return Predicted(self.task, target, said, probability, names, self._positive(names), fold, row)

    def _positive(self, names: tuple[str, ...]) -> int | None:
        if self.task != "binary":
            return None
        name = class_name(self.positive)
        return names.index(name) if name in names else len(names) - 1
