"""What may stand in conf/ for the stage `train` and for our own estimators, in ranges as strict as scikit-learn's."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from regrow import OfKind, Use
from regrow.plugin.schema import Data, Seed, Strict
from regrow_experiment import suited

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Weights = dict[str, Positive]  # class, as str() writes it -> its weight
Balanced = Literal["balanced"] | Weights | None
# scikit-learn's Pipeline keeps these names, and "__", for itself; "model" is our name for the estimator
RESERVED = {"model", "memory", "steps", "transform_input", "verbose"}


class Estimator(Strict):
    """Settings of an estimator of our own, and which of them are for one task alone."""

    def only_for(self) -> dict[str, str]:
        """Parameter -> the task it is for, where it is not for both."""
        return {"class_weight": "classification"} if "class_weight" in type(self).model_fields else {}

    def check_task(self, task: str) -> None:
        """Raises ValueError where a parameter is set that the task has no use for. The stage's settings call it."""
        family = "regression" if task == "regression" else "classification"
        for name, only in self.only_for().items():
            if getattr(self, name) is not None and only != family:
                raise ValueError(f"model.{name} is for {only}, and data.task is {task}: leave it out")


class Linear(Estimator):
    """Logistic regression (classification) or ridge regression (regression).

    C: inverse of the regularisation's strength, for both tasks: in ridge regression alpha = 1 / (2 C). alpha: that
    strength itself, for regression only. Without either, scikit-learn's own defaults: C = 1 or alpha = 1.
    """

    C: Positive | None = None
    alpha: NotNegative | None = None
    max_iter: Count = 1000
    class_weight: Balanced = None

    def only_for(self) -> dict[str, str]:
        """Ridge regression has an alpha, logistic regression weights its classes."""
        return {"alpha": "regression", "class_weight": "classification"}

    @model_validator(mode="after")
    def _one_strength(self) -> "Linear":
        if self.C is not None and self.alpha is not None:
            raise ValueError("C and alpha say the same thing (alpha = 1 / (2 C)): set one of them")
        return self


class Forest(Estimator):
    """A random forest."""

    n_estimators: Count = 200
    max_depth: Count | None = None
    min_samples_leaf: Count = 1
    max_features: Literal["sqrt", "log2"] | Count | Share | None = "sqrt"
    class_weight: Literal["balanced", "balanced_subsample"] | Weights | None = None


class ExtraTrees(Forest):
    """Extremely randomised trees: as a forest, with random cuts and without bootstrap."""


class Boosting(Estimator):
    """Histogram gradient boosting. early_stopping "auto": above 10,000 training rows, on a tenth of those."""

    learning_rate: Positive = 0.1
    max_iter: Count = 100
    max_leaf_nodes: Annotated[int, Field(ge=2)] | None = 31
    max_depth: Count | None = None
    min_samples_leaf: Count = 20
    l2_regularization: NotNegative = 0.0
    max_bins: int = Field(255, ge=2, le=255)
    early_stopping: Literal["auto"] | bool = "auto"
    class_weight: Balanced = None


class GradientBoosting(Estimator):
    """Gradient boosting, tree by tree."""

    n_estimators: Count = 100
    learning_rate: NotNegative = 0.1
    max_depth: Count | None = 3
    min_samples_leaf: Count = 1
    subsample: Share = 1.0
    max_features: Literal["sqrt", "log2"] | Count | Share | None = None


class Mlp(Estimator):
    """A multi-layer perceptron. hidden_layer_sizes: units of each hidden layer. alpha: L2 penalty."""

    hidden_layer_sizes: list[Count] = Field([100], min_length=1)
    activation: Literal["identity", "logistic", "tanh", "relu"] = "relu"
    alpha: NotNegative = 0.0001
    learning_rate_init: Positive = 0.001
    batch_size: Literal["auto"] | Count = "auto"
    max_iter: Count = 200
    early_stopping: bool = False


class NearestNeighbors(Estimator):
    """k nearest neighbours. p: the power of Minkowski's distance (1: city blocks, 2: Euclid)."""

    n_neighbors: Count = 5
    weights: Literal["uniform", "distance"] = "uniform"
    p: Positive = 2.0


class Steps(Strict):
    """`features`, as far as the stage depends on it: the pipeline's steps, in order; `auto`: those that suit the model
    (`suited.steps`), which `Train` puts in their place."""

    steps: dict[str, Annotated[Use, OfKind("transformer")]] = {}

    @field_validator("steps")
    @classmethod
    def _names_that_a_pipeline_takes(cls, steps: dict[str, Any]) -> dict[str, Any]:
        for name in steps:
            if name in RESERVED or "__" in name:
                taken = ", ".join(sorted(RESERVED))
                raise ValueError(f"a step can't be called {name!r}: scikit-learn's Pipeline keeps {taken} and '__'")
        return steps


class Train(Strict):
    """The settings of the stage `train`."""

    features: Steps = Steps()
    model: Annotated[Use, OfKind("estimator")]
    search: Annotated[Use, OfKind("search")]
    data: Data
    seed: Seed

    @model_validator(mode="before")
    @classmethod
    def _steps_that_suit(cls, values: Any, info: ValidationInfo) -> Any:
        features, model = (values.get(key) or {} for key in ("features", "model"))
        if not isinstance(features, Mapping) or features.get("steps") != suited.AUTO:
            return values
        name = model.get("use") if isinstance(model, Mapping) else model.name
        component = ((info.context or {}).get("components") or {}).get(("estimator", name))
        steps = suited.steps(str(name), component.tags if component else ())
        return {**values, "features": {**features, "steps": steps}}

    @model_validator(mode="after")
    def _model_fits_task(self) -> "Train":
        check_task = getattr(self.model.settings, "check_task", None)
        if check_task is not None:
            check_task(self.data.task)
        named = [("model", self.model), ("search", self.search)]
        named += [(f"features.steps.{name}", use) for name, use in self.features.steps.items()]
        for where, use in named:
            tasks = use.component.tasks
            if tasks and self.data.task not in tasks:
                raise ValueError(f"{where}: {use.name} is for {' or '.join(tasks)}, and data.task is {self.data.task}")
        return self
