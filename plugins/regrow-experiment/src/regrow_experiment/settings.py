"""What may stand in conf/ for the stage `train` and for our own estimators, in ranges as strict as scikit-learn's."""

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from regrow import OfKind, Use
from regrow.plugin.components import KIND, Registry, check, nearest, parse
from regrow.plugin.schema import Data, Seed, Strict
from regrow_experiment import suited
from regrow_experiment.auto_settings import Auto
from regrow_experiment.search_settings import Search
from regrow_experiment.space import STEPS, flat, typed
from regrow_experiment.spaces import shipped

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Weights = dict[str, Positive]  # class, as str() writes it -> its weight
Balanced = Literal["balanced"] | Weights | None
# scikit-learn's Pipeline keeps these names, and "__", for itself; "model" is our name for the estimator
METRICS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}  # unless the search names another
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
    """Logistic regression (classification) or ridge regression (regression). By default C = 1, or alpha = 1."""

    C: Positive | None = Field(
        None,
        description="inverse of the regularisation's strength, 1 / (2 alpha) for regression; null: as scikit-learn",
    )
    alpha: NotNegative | None = Field(None, description="that strength itself, for regression only")
    max_iter: Count = Field(1000, description="the most rounds, or steps of the solver")
    class_weight: Balanced = Field(None, description="balanced, or class -> weight; for classification only")

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

    n_estimators: Count = Field(200, description="how many trees")
    max_depth: Count | None = Field(None, description="of a tree; null for no bound")
    min_samples_leaf: Count = Field(1, description="the fewest training rows in a leaf")
    max_features: Literal["sqrt", "log2"] | Count | Share | None = Field(
        "sqrt", description="columns looked at for each cut: a count, a share, or a function of how many there are"
    )
    class_weight: Literal["balanced", "balanced_subsample"] | Weights | None = Field(
        None, description="balanced, or class -> weight; for classification only"
    )


class ExtraTrees(Forest):
    """Extremely randomised trees: as a forest, with random cuts and without bootstrap."""


class Boosting(Estimator):
    """Histogram gradient boosting."""

    learning_rate: Positive = Field(0.1, description="what each tree's correction is multiplied by")
    max_iter: Count = Field(100, description="the most rounds, or steps of the solver")
    max_leaf_nodes: Annotated[int, Field(ge=2)] | None = Field(
        31, description="the most leaves of a tree; null for no bound"
    )
    max_depth: Count | None = Field(None, description="of a tree; null for no bound")
    min_samples_leaf: Count = Field(20, description="the fewest training rows in a leaf")
    l2_regularization: NotNegative = Field(0.0, description="penalty on the values of leaves")
    max_bins: int = Field(255, ge=2, le=255, description="how many ranges a column's values are cut into")
    early_stopping: Literal["auto"] | bool = Field(
        "auto", description="auto: above 10,000 training rows, on a tenth of those"
    )
    class_weight: Balanced = Field(None, description="balanced, or class -> weight; for classification only")


class GradientBoosting(Estimator):
    """Gradient boosting, tree by tree."""

    n_estimators: Count = Field(100, description="how many trees")
    learning_rate: NotNegative = Field(0.1, description="what each tree's correction is multiplied by")
    max_depth: Count | None = Field(3, description="of a tree; null for no bound")
    min_samples_leaf: Count = Field(1, description="the fewest training rows in a leaf")
    subsample: Share = Field(1.0, description="the share of training rows that each tree sees")
    max_features: Literal["sqrt", "log2"] | Count | Share | None = Field(
        None, description="columns looked at for each cut: a count, a share, or a function of how many there are"
    )


class Mlp(Estimator):
    """A multi-layer perceptron."""

    hidden_layer_sizes: list[Count] = Field([100], min_length=1, description="units of each hidden layer")
    activation: Literal["identity", "logistic", "tanh", "relu"] = Field("relu", description="of the hidden layers")
    alpha: NotNegative = Field(0.0001, description="L2 penalty")
    learning_rate_init: Positive = Field(0.001, description="the optimiser's first step size")
    batch_size: Literal["auto"] | Count = Field(
        "auto", description="training rows in a step; auto: 200, or all if there are fewer"
    )
    max_iter: Count = Field(200, description="the most rounds, or steps of the solver")
    early_stopping: bool = Field(False, description="whether to stop when a tenth of the training rows gets no better")


class NearestNeighbors(Estimator):
    """k nearest neighbours."""

    n_neighbors: Count = Field(5, description="how many rows vote")
    weights: Literal["uniform", "distance"] = Field("uniform", description="whether near rows count for more")
    p: Positive = Field(2.0, description="the power of Minkowski's distance; 1: city blocks, 2: Euclid")


def _or_auto(schema: dict[str, Any]) -> None:
    """What an editor takes in place of steps, too."""
    mapping = {key: schema.pop(key) for key in ("type", "additionalProperties", "propertyNames") if key in schema}
    schema["anyOf"] = [mapping, {"const": suited.AUTO}]


class Steps(Strict):
    """`features`, as far as the stage depends on it: the pipeline's steps, in order; `auto`: those that suit the model
    (`suited.steps`), which `Train` puts in their place."""

    steps: dict[str, Annotated[Use, OfKind("transformer")]] = Field(
        default={}, description="name -> a step that learns, in order; or auto", json_schema_extra=_or_auto
    )

    @field_validator("steps")
    @classmethod
    def _names_that_a_pipeline_takes(cls, steps: dict[str, Any]) -> dict[str, Any]:
        for name in steps:
            if name in RESERVED or "__" in name:
                taken = ", ".join(sorted(RESERVED))
                raise ValueError(f"a step can't be called {name!r}: scikit-learn's Pipeline keeps {taken} and '__'")
        return steps


class Per(Strict):
    """`model.per`: one model for each group of rows."""

    column: str = Field(min_length=1, description="a column that reaches the model: each of its values is a group")
    least: Count = Field(100, description="training rows of a group that has a model of its own")


@dataclasses.dataclass(frozen=True)
class Model(Use):
    """An estimator, and whether there is one for each group."""

    per: Per | None = None

    @property
    def written(self) -> dict[str, Any]:
        """What stands in the settings."""
        return {**super().written, **({"per": self.per.model_dump()} if self.per else {})}


class OfModel(OfKind):
    """An estimator; beside its parameters, `per` may name a column, or be what `Per` says. Null: one for all rows."""

    def __get_pydantic_json_schema__(self, source: Any, handler: Any) -> dict[str, Any]:
        return {KIND: self.kind, "type": "object"}

    def check(self, value: Any, registry: Registry) -> Use:
        """As for any component. Raises ValueError."""
        if isinstance(value, Model) or not isinstance(value, Mapping):
            return super().check(value, registry)
        given = value.get("per")
        given = {"column": given} if isinstance(given, str) else given
        try:
            per = None if given is None else check(Per, given)
        except ValidationError as error:
            told = error.errors()[0]
            raise ValueError(f"per.{'.'.join(map(str, told['loc']))}: {told['msg']}") from None
        use = super().check({key: one for key, one in value.items() if key != "per"}, registry)
        return Model(use.component, use.settings, use.given, per)


class Train(Strict):
    """The settings of the stage `train`."""

    features: Steps = Steps()
    model: Annotated[Use, OfModel("estimator")] = Field(description="the estimator, the pipeline's last step")
    search: Annotated[Use, OfKind("search")] = Field(description="what finds its settings")
    data: Data
    seed: Seed

    @model_validator(mode="before")
    @classmethod
    def _steps_that_suit(cls, values: Any, info: ValidationInfo) -> Any:
        features, model = (values.get(key) or {} for key in ("features", "model"))
        if not isinstance(features, Mapping) or features.get("steps") != suited.AUTO:
            return values
        while isinstance(model, Mapping) and isinstance(model.get("of"), Mapping) and "use" in model["of"]:
            model = model["of"]  # the steps suit what is inside
        name = model.get("use") if isinstance(model, Mapping) else model.name
        component = ((info.context or {}).get("components") or {}).get(("estimator", name))
        steps = suited.steps(str(name), component.tags if component else ())
        return {**values, "features": {**features, "steps": steps}}

    @property
    def uses(self) -> dict[str, Use]:
        """By key: the steps in their order, then the model."""
        return {**{f"{STEPS}{name}": use for name, use in self.features.steps.items()}, "model": self.model}

    @model_validator(mode="after")
    def _search_filled_in(self, info: ValidationInfo) -> "Train":
        """The search's space is typed; what it does not say is filled in: space, metric, positive class."""
        search, registry = self.search.settings, (info.context or {}).get("components", {})
        if not isinstance(search, Search):
            return self
        if isinstance(search, Auto):
            replaced = [key for key in self.uses if key != "model"]
            search = search.model_copy(update={"replaced": replaced})
        space = search.space or flat({"model": shipped_space(self.model)}, registry)
        try:
            more: dict[str, Any] = {"space": typed(space, self.uses)}
        except ValueError as error:
            raise ValueError(f"search.space.{error}") from None
        component = registry.get(("metric", METRICS[self.data.task]))
        if search.metric is None and component:
            more["metric"] = Use(component, parse(component, {}))
        if search.positive is None:
            more["positive"] = self.data.target.positive
        metric = more.get("metric", search.metric)
        known = [*search.metrics, *([metric.name] if metric else [])]
        if odd := [name for name in search.constraints if name not in known]:
            wrong = f"search.constraints.{odd[0]}: is no metric of this search"
            raise ValueError(f"{wrong}; {nearest(odd[0], known)}: name it in search.metrics")
        filled = dataclasses.replace(self.search, settings=search.model_copy(update=more))
        self.__dict__["search"] = filled  # frozen for everybody else
        return self

    @model_validator(mode="after")
    def _model_fits_task(self) -> "Train":
        check_task = getattr(self.model.settings, "check_task", None)
        if check_task is not None:
            check_task(self.data.task)
        metric = getattr(self.search.settings, "metric", None)
        named = [("model", self.model), ("search", self.search), *([("search.metric", metric)] if metric else [])]
        more = getattr(self.search.settings, "metrics", {})
        named += [(f"search.metrics.{name}", use) for name, use in more.items()]
        named += [(f"features.steps.{name}", use) for name, use in self.features.steps.items()]
        for where, use in named:
            tasks = use.component.tasks
            if tasks and self.data.task not in tasks:
                raise ValueError(f"{where}: {use.name} is for {' or '.join(tasks)}, and data.task is {self.data.task}")
        return self


def shipped_space(model: Use) -> dict[str, Any]:
    """The space that came with the model: by `space()` of its settings, where another plugin's has that."""
    made = getattr(model.settings, "space", None)
    found = made() if callable(made) else shipped(model.name)
    if found.get("C") and model.given.get("alpha") is not None:  # they say the same thing
        return {"alpha": found["C"]}
    return found
