"""A fitted model's scores on rows that it did not see, by metrics of the project's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from regrow.plugin.predicted import Predicted, class_name


@dataclass(frozen=True)
class Scorer:
    """metrics: by name, what factories of the kind make; None: the model's own `score`. main: the one that counts.
    labels: the classes, sorted, () for regression. positive: the class that counts as 1, None for the last."""

    metrics: Mapping[str, Any]
    main: str
    task: str
    labels: np.ndarray
    positive: Any = None

    def __call__(self, model: Any, X: pd.DataFrame, y: np.ndarray) -> float:
        """The score that counts. Raises ValueError where the metric is undefined."""
        return self._scores(model, X, y, {self.main: self.metrics[self.main]})[self.main]

    def all(self, model: Any, X: pd.DataFrame, y: np.ndarray) -> dict[str, float]:
        """All scores by name. Raises ValueError where one is undefined."""
        return self._scores(model, X, y, self.metrics)

    def _scores(self, model: Any, X: pd.DataFrame, y: np.ndarray, metrics: Mapping[str, Any]) -> dict[str, float]:
        predicted = self._rows(model, X, y) if any(one is not None for one in metrics.values()) else None
        made = {}
        for name, metric in metrics.items():
            found = float(model.score(X, y) if metric is None else metric(self._able(metric, predicted)))
            if not np.isfinite(found):
                wrong = f"the score is {found}: the metric is undefined on these rows, or the model overflowed"
                raise ValueError(wrong if name == self.main else f"{name}: {wrong}")
            made[name] = found
        return made

    def _able(self, metric: Any, predicted: Any) -> Predicted:
        if self.task != "regression" and predicted.probability is None and getattr(metric, "needs_probability", False):
            raise ValueError("the metric needs probabilities, and the model gives none")
        return predicted

    def _rows(self, model: Any, X: pd.DataFrame, y: np.ndarray) -> Predicted:
        fold, row = np.zeros(len(y), dtype="int64"), np.arange(len(y))
        if self.task == "regression":
            return Predicted(self.task, y, np.asarray(model.predict(X), dtype=float), None, (), None, fold, row)
        probability = None
        if hasattr(model, "predict_proba"):
            probability = np.zeros((len(y), len(self.labels)))
            probability[:, np.searchsorted(self.labels, model.classes_)] = model.predict_proba(X)
        target, said = (np.searchsorted(self.labels, one) for one in (y, model.predict(X)))
        names = tuple(str(one) for one in self.labels.tolist())
        return Predicted(self.task, target, said, probability, names, self._positive(names), fold, row)

    def _positive(self, names: tuple[str, ...]) -> int | None:
        if self.task != "binary":
            return None
        name = class_name(self.positive)
        return names.index(name) if name in names else len(names) - 1
