"""`warm_start`: an estimator that begins where a model of another commit or project ended."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if

from regrow import Context, RegrowError
from regrow_experiment.pretrained import pretrained
from regrow_experiment.pretrained_settings import WarmStart

#: Trees are put beside those that there are: the parameter that counts them.
TREES = "n_estimators"
#: A warm start of these counts on the bins of the rows that they were fitted on, and other rows have others.
BINNED = ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")
#: What a neural network remembers of how its training went: it begins anew.
COURSE = {"t_": 0, "n_iter_": 0, "_no_improvement_count": 0, "best_loss_": np.inf, "loss_curve_": []}


def warm_start(settings: WarmStart, context: Context) -> "WarmStarted":
    """See `WarmStarted`. Raises RegrowError where the model is of another class, or the class can't begin with one."""
    estimator = settings.of.make(replace(context, random_state=context.stream("of")))
    source = pretrained(settings, context)
    kind = type(estimator).__name__
    if "warm_start" not in estimator.get_params() or kind in BINNED:
        why = "its bins are those of the rows it was fitted on" if kind in BINNED else "it has no warm start"
        fix = "use mlp, linear (a classifier), forest, extra_trees, gradient_boosting, or SGD; or the step `transfer`"
        raise RegrowError(f"{kind} can't begin with a model: {why}", where="model.of", fix=fix)
    if source is not None and type(found := _last(source.estimator)) is not type(estimator):
        fix = f"`of:` what makes a {type(found).__name__}"
        raise RegrowError(f"the model is a {type(found).__name__}, and `of` is a {kind}", where="model.of", fix=fix)
    return (WarmStartedRegressor if context.task == "regression" else WarmStartedClassifier)(estimator, source)


def _last(model: Any) -> Any:
    """The estimator of a pipeline, that inside where it was itself started warm."""
    model = model[-1] if isinstance(model, Pipeline) else model
    return model.estimator_ if isinstance(model, WarmStarted) else model


class WarmStarted(BaseEstimator):
    """estimator: unfitted. source: the model it begins with; None: with nothing. estimator_: fitted."""

    def __init__(self, estimator: Any, source: FrozenEstimator | None = None) -> None:
        self.estimator = estimator
        self.source = source

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> "WarmStarted":
        """Fit on rows (n, columns). Raises RegrowError where columns or classes are not those of the model."""
        made = clone(self.estimator)
        if self.source is not None:
            self._begin(made, _last(self.source.estimator), X, y)
        self.estimator_ = made.fit(X, y)
        if hasattr(made, "classes_"):
            self.classes_ = made.classes_
        self.n_features_in_ = made.n_features_in_
        return self

    def _begin(self, made: Any, start: Any, X: pd.DataFrame, y: np.ndarray) -> None:
        names = [str(name) for name in getattr(start, "feature_names_in_", X.columns)]
        if names != [str(name) for name in X.columns]:
            odd = sorted({*names} ^ {*map(str, X.columns)}) or ["their order"]
            fix = "take the same steps as that commit, or the step `transfer`, which brings its own"
            wrong = f"the model was fitted on other columns; what differs: {', '.join(odd[:10])}"
            raise RegrowError(wrong, where="warm_start", fix=fix)
        if hasattr(start, "classes_") and set(np.unique(y)) != set(start.classes_.tolist()):
            wrong = f"the model knows the classes {start.classes_.tolist()}, these rows {np.unique(y).tolist()}"
            raise RegrowError(wrong, where="warm_start")
        parameters = made.get_params(deep=False)
        learnt = {name: value for name, value in vars(start).items() if name not in parameters}
        vars(made).update(deepcopy(learnt))
        vars(made).update({name: deepcopy(value) for name, value in COURSE.items() if name in learnt})
        made.set_params(warm_start=True)
        if TREES in parameters:
            made.set_params(**{TREES: parameters[TREES] + len(start.estimators_)})

    def predict(self, X: Any) -> np.ndarray:
        """What it says of each row: (n,)."""
        return np.asarray(self.estimator_.predict(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags


class WarmStartedClassifier(ClassifierMixin, WarmStarted):
    """See `WarmStarted`."""

    @available_if(lambda self: hasattr(self.estimator, "predict_proba"))
    def predict_proba(self, X: Any) -> np.ndarray:
        """(n, classes in the order of classes_)."""
        return np.asarray(self.estimator_.predict_proba(X))


class WarmStartedRegressor(RegressorMixin, WarmStarted):
    """See `WarmStarted`."""
