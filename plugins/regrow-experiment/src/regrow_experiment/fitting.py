"""One fit: build the pipeline, fit it on the rows given, and gather what scikit-learn warns about."""

import logging
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from joblib import parallel_config
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import NotFittedError, check_is_fitted

from regrow import Context, RegrowError, Use, random_state
from regrow_experiment.checks import check_columns, check_pipeline
from regrow_experiment.grouped import grouped
from regrow_experiment.scoring import score
from regrow_experiment.settings import Train
from regrow_experiment.space import STEPS, Changes, applied
from regrow_experiment.target import weigh_classes
from regrow_experiment.told import Told

NONE: Changes = {}
log = logging.getLogger("regrow")


Build = Callable[..., Any]


def builder(settings: Train, context: Context) -> Build:
    """What makes the pipeline anew, unfitted: the steps of features.steps in their order, then "model"; with
    `model.per`, one that has a model for each group.

    Called with a trial's changes, dotted key -> value, it makes it with these; with a number above 0, with other seeds.

    Every step gives DataFrames, so that columns keep their names on the way. context: of the stage; each component gets
    a stream of its own.
    """

    def seeded(name: str, repeat: int) -> Context:
        stream = f"train/{name}" if not repeat else f"train/repeat {repeat}/{name}"
        return replace(context, random_state=random_state(settings.seed, stream))

    def build(changes: Changes = NONE, repeat: int = 0) -> Any:
        uses = applied(settings.uses, changes) if changes else settings.uses
        names = {key: key.removeprefix("features.") for key in uses}
        made = {key: use.make(seeded(names[key].replace(".", "/", 1), repeat)) for key, use in uses.items()}
        model = made.pop("model")
        for step in made.values():
            if hasattr(step, "set_output"):
                step.set_output(transform="pandas")
        whole = Pipeline([*((key.removeprefix(STEPS), step) for key, step in made.items()), ("model", model)])
        per = getattr(uses["model"], "per", None) or getattr(settings.model, "per", None)
        return grouped(whole, per, context.task) if per else whole

    return build


@dataclass
class Fits:
    """Fits pipelines, any number of them, and tells each warning once in the end."""

    build: Build
    search: Use
    context: Context  # of the search; its `rows` are of the whole table, its `scratch` is for all of them
    choices: Callable[[str], Mapping[str, Any] | None] = lambda _: None  # by the name of a fit
    told: dict[str, Told] = field(default_factory=dict)  # what searches tried, by the name of the fit
    count: int = 0
    warned: Counter[str] = field(default_factory=Counter)

    def fit(self, X: pd.DataFrame, y: np.ndarray, name: str) -> Any:
        """What the search fitted on these rows and no others. Raises RegrowError where scikit-learn refuses."""
        self.count += 1
        rows, scratch = self.context.rows, self.context.scratch and self.context.scratch / name.replace(" ", "-")
        if scratch:
            scratch.mkdir(exist_ok=True)
        known: dict[str, Any] = {"rows": None if rows is None else rows.loc[X.index], "scratch": scratch}
        search = self.search.make(replace(self.context, **known, choices=self.choices(name)))
        with warnings.catch_warnings(record=True) as caught, parallel_config("threading", n_jobs=self.context.workers):
            warnings.simplefilter("always")
            try:
                model = search(lambda *changed: weigh_classes(self.build(*changed), y), X, y)
                check_is_fitted(model)
            except (ValueError, TypeError, NotFittedError) as error:
                check_pipeline(self.build(), X, y)  # names the step or the columns, if they are to blame
                fix = "see the parameters of the model and of features.steps"
                raise RegrowError(f"could not be fitted: {error}", where="model", fix=fix) from error
        if isinstance(told := getattr(search, "told", None), Told):
            self.told[name] = told
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
