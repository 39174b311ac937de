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


def linear(settings: Linear, *, task: str, random_state: int) -> BaseEstimator:
    """LogisticRegression, or Ridge with alpha = 1 / (2 C)."""
    if task == "regression":
        strength = 1.0 if settings.C is None else 1 / (2 * settings.C)
        alpha = strength if settings.alpha is None else settings.alpha
        return Ridge(alpha=alpha, max_iter=settings.max_iter, random_state=random_state)
    strength = 1.0 if settings.C is None else settings.C
    options = {"max_iter": settings.max_iter, "class_weight": settings.class_weight}
    return LogisticRegression(C=strength, random_state=random_state, **options)


def forest(settings: Forest, *, task: str, random_state: int) -> BaseEstimator:
    """RandomForestClassifier or RandomForestRegressor."""
    made = RandomForestRegressor if task == "regression" else RandomForestClassifier
    return made(random_state=random_state, **_options(settings, task))


def extra_trees(settings: ExtraTrees, *, task: str, random_state: int) -> BaseEstimator:
    """ExtraTreesClassifier or ExtraTreesRegressor."""
    made = ExtraTreesRegressor if task == "regression" else ExtraTreesClassifier
    return made(random_state=random_state, **_options(settings, task))


def boosting(settings: Boosting, *, task: str, random_state: int) -> BaseEstimator:
    """HistGradientBoostingClassifier or HistGradientBoostingRegressor."""
    made = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    return made(random_state=random_state, **_options(settings, task))


def gradient_boosting(settings: GradientBoosting, *, task: str, random_state: int) -> BaseEstimator:
    """GradientBoostingClassifier or GradientBoostingRegressor."""
    made = GradientBoostingRegressor if task == "regression" else GradientBoostingClassifier
    return made(random_state=random_state, **_options(settings, task))


def mlp(settings: Mlp, *, task: str, random_state: int) -> BaseEstimator:
    """MLPClassifier or MLPRegressor."""
    made = MLPRegressor if task == "regression" else MLPClassifier
    return made(random_state=random_state, **_options(settings, task))


def knn(settings: NearestNeighbors, *, task: str, random_state: int) -> BaseEstimator:
    """KNeighborsClassifier or KNeighborsRegressor. Draws nothing, so `random_state` is not used."""
    made = KNeighborsRegressor if task == "regression" else KNeighborsClassifier
    return made(**_options(settings, task))
