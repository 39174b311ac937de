"""scikit-learn's estimators by class name, their parameters checked by scikit-learn's own constraints."""

import inspect
from dataclasses import dataclass, field
from typing import Any

from sklearn import dummy, ensemble, linear_model, naive_bayes, neighbors, neural_network, svm, tree
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import InvalidParameterError, validate_parameter_constraints

from regrow import Context
from regrow.plugin.components import nearest
from regrow_experiment.catalog import CLASSIFIERS, REGRESSORS, counterpart

MODULES = (dummy, ensemble, linear_model, naive_bayes, neighbors, neural_network, svm, tree)
CLASSES: dict[str, type[BaseEstimator]] = {
    name: getattr(module, name) for name in (*CLASSIFIERS, *REGRESSORS) for module in MODULES if hasattr(module, name)
}
NOT_SETTABLE = {
    "random_state": "it is drawn from `seed`, so that one number decides every run",
    "n_jobs": "set compute.n_jobs: how many workers there are must not become part of the model",
    "verbose": "it changes no result",
    "warm_start": "every fit starts anew, or a run would depend on the one before",
    "categorical_features": "a model stored with it could only be read by trusting functools.partial; encode text with "
    "one_hot or ordinal in features.steps",
}


@dataclass(frozen=True)
class Parameters:
    """Parameters of a scikit-learn estimator, checked by its own constraints."""

    name: str
    values: dict[str, Any] = field(default_factory=dict)

    def check_task(self, task: str) -> None:
        """Raises ValueError, naming the right class, if the estimator is for the other task."""
        if (task == "regression") != (self.name in REGRESSORS):
            made_for = "regression" if self.name in REGRESSORS else "classification"
            raise ValueError(
                f"model: {self.name} is for {made_for}, and data.task is {task}: `use: {counterpart(self.name)}`"
            )


def parameters(name: str, values: dict[str, Any]) -> Parameters:
    """The parameters of the estimator called `name`, checked. Raises ValueError saying what is allowed, all at once."""
    problems = [_problem(name, key, values[key]) for key in values]
    if any(problems):
        raise ValueError("; ".join(filter(None, problems)))
    return Parameters(name, dict(values))


def settable(name: str) -> list[str]:
    """The parameters of the estimator called `name` that settings may give."""
    signature = inspect.signature(CLASSES[name]).parameters
    return [key for key, one in signature.items() if key not in NOT_SETTABLE and one.default != "deprecated"]


def _problem(name: str, key: str, value: Any) -> str:
    """What is wrong with one parameter; empty if nothing is."""
    if key in NOT_SETTABLE:
        return f"{key} can't be set: {NOT_SETTABLE[key]}"
    if key not in settable(name):
        if key in inspect.signature(CLASSES[name]).parameters:
            return f"{key} can't be set: it is deprecated in scikit-learn; there are: {', '.join(settable(name))}"
        return f"{name} has no parameter {key!r}; {nearest(str(key), settable(name))}"
    try:
        validate_parameter_constraints(CLASSES[name]._parameter_constraints, {key: value}, name)
    except InvalidParameterError as error:
        return str(error)
    return ""


def make(settings: Parameters, context: Context) -> BaseEstimator:
    """The estimator, unfitted, with its own stream of random numbers if it draws any."""
    estimator = CLASSES[settings.name](**settings.values)
    return (
        estimator.set_params(random_state=context.random_state)
        if "random_state" in estimator.get_params()
        else estimator
    )
