"""One fit: build the pipeline, fit it on the rows given, and gather what scikit-learn warns about."""

import logging
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from joblib import parallel_config
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import NotFittedError, check_is_fitted

from regrow import Context, RegrowError, Use, random_state
from regrow_experiment.checks import check_columns
from regrow_experiment.scoring import score
from regrow_experiment.settings import Train
from regrow_experiment.target import weigh_classes

log = logging.getLogger("regrow")


def builder(settings: Train, context: Context) -> Callable[[], Pipeline]:
    """What makes the pipeline anew, unfitted: the steps of features.steps in their order, then "model".

    Every step gives DataFrames, so that columns keep their names on the way. context: of the stage; each component gets
    a stream of its own.
    """

    def seeded(name: str) -> Context:
        return replace(context, random_state=random_state(settings.seed, f"train/{name}"))

    def build() -> Pipeline:
        steps = [(name, use.make(seeded(f"steps/{name}"))) for name, use in settings.features.steps.items()]
        for _, step in steps:
            if hasattr(step, "set_output"):
                step.set_output(transform="pandas")
        return Pipeline([*steps, ("model", settings.model.make(seeded("model")))])

    return build


@dataclass
class Fits:
    """Fits pipelines, any number of them, and tells each warning once in the end."""

    build: Callable[[], Pipeline]
    search: Use
    context: Context  # of the search; its `rows` are of the whole table
    count: int = 0
    warned: Counter[str] = field(default_factory=Counter)

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> Any:
        """What the search fitted on these rows and no others. Raises RegrowError where scikit-learn refuses."""
        self.count += 1
        rows = self.context.rows
        search = self.search.make(replace(self.context, rows=None if rows is None else rows.loc[X.index]))
        with warnings.catch_warnings(record=True) as caught, parallel_config("threading", n_jobs=self.context.workers):
            warnings.simplefilter("always")
            try:
                model = search(lambda: weigh_classes(self.build(), y), X, y)
                check_is_fitted(model)
            except (ValueError, TypeError, NotFittedError) as error:
                fix = "see the parameters of the model and of features.steps"
                raise RegrowError(f"could not be fitted: {error}", where="model", fix=fix) from error
        quiet = (DeprecationWarning, PendingDeprecationWarning)
        loud = [one for one in caught if not issubclass(one.category, quiet)]
        told = {f"{one.category.__name__}: {_brief(one.message)}" for one in loud}
        self.warned.update(told)
        return model

    def tell(self) -> None:
        """Logs each warning once, with the number of fits that gave it."""
        for text, times in sorted(self.warned.items()):
            log.warning("train: %s%s", text, f" (in {times} of {self.count} fits)" if self.count > 1 else "")


def _brief(message: Warning | str) -> str:
    text = str(message).strip().split("\n")[0]
    if "converge" in str(message).lower():
        text += " Raise model.max_iter, or scale the numbers (features.steps, `use: scale`)."
    return text


def predict(model: Any, X: pd.DataFrame) -> tuple[np.ndarray, np.ndarray | None]:
    """Predictions (n,) and probabilities (n, classes in the order of classes_), or None if the estimator gives none.

    By `scoring.score`, as everything that predicts. Raises RegrowError naming the columns where held-out rows lack
    values that training rows had.
    """
    try:
        return score(model, X)
    except ValueError as error:
        if isinstance(model, Pipeline):
            reaching = model[:-1].transform(X) if len(model) > 1 else X
            check_columns(model.steps[-1][1], reaching, "held-out rows")
        raise RegrowError(f"could not predict: {error}", where="model") from error
