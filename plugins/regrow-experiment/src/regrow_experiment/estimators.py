"""Our own estimators: one name for both tasks. Each function makes an unfitted scikit-learn estimator."""

from typing import Any

from sklearn.base import BaseEstimator
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor

from regrow import Context
from regrow_experiment.settings import (
    Boosting,
    Estimator,
    ExtraTrees,
    Forest,
    GradientBoosting,
    Linear,
    Mlp,
    NearestNeighbors,
)


def _options(settings: Estimator, task: str) -> dict[str, Any]:
    """The parameters to hand on: those that the task has a use for."""
    other = "classification" if task == "regression" else "regression"
    idle = {name for name, only in settings.only_for().items() if only == other}
    return settings.model_dump(exclude=idle)


def linear(settings: Linear, context: Context) -> BaseEstimator:
    """LogisticRegression, or Ridge with alpha = 1 / (2 C)."""
    if context.task == "regression":
        strength = 1.0 if settings.C is None else 1 / (2 * settings.C)
        alpha = strength if settings.alpha is None else settings.alpha
        return Ridge(alpha=alpha, max_iter=settings.max_iter, random_state=context.random_state)
    strength = 1.0 if settings.C is None else settings.C
    options = {"max_iter": settings.max_iter, "class_weight": settings.class_weight}
    return LogisticRegression(C=strength, random_state=context.random_state, **options)


def forest(settings: Forest, context: Context) -> BaseEstimator:
    """RandomForestClassifier or RandomForestRegressor."""
    made = RandomForestRegressor if context.task == "regression" else RandomForestClassifier
    return made(random_state=context.random_state, **_options(settings, context.task))


def extra_trees(settings: ExtraTrees, context: Context) -> BaseEstimator:
    """ExtraTreesClassifier or ExtraTreesRegressor."""
    made = ExtraTreesRegressor if context.task == "regression" else ExtraTreesClassifier
    return made(random_state=context.random_state, **_options(settings, context.task))


def boosting(settings: Boosting, context: Context) -> BaseEstimator:
    """HistGradientBoostingClassifier or HistGradientBoostingRegressor."""
    made = HistGradientBoostingRegressor if context.task == "regression" else HistGradientBoostingClassifier
    return made(random_state=context.random_state, **_options(settings, context.task))


def gradient_boosting(settings: GradientBoosting, context: Context) -> BaseEstimator:
    """GradientBoostingClassifier or GradientBoostingRegressor."""
    made = GradientBoostingRegressor if context.task == "regression" else GradientBoostingClassifier
    return made(random_state=context.random_state, **_options(settings, context.task))


def mlp(settings: Mlp, context: Context) -> BaseEstimator:
    """MLPClassifier or MLPRegressor."""
    made = MLPRegressor if context.task == "regression" else MLPClassifier
    return made(random_state=context.random_state, **_options(settings, context.task))


def knn(settings: NearestNeighbors, context: Context) -> BaseEstimator:
    """KNeighborsClassifier or KNeighborsRegressor. Draws nothing."""
    made = KNeighborsRegressor if context.task == "regression" else KNeighborsClassifier
    return made(**_options(settings, context.task))
