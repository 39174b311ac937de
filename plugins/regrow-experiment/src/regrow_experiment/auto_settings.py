"""What may stand in conf/search/auto.yaml, and the portfolio that it begins with."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, model_validator

from regrow import OfKind, Use
from regrow_experiment import suited
from regrow_experiment.search_settings import Search


class Auto(Search):
    """A search over models and steps that needs no space."""

    models: dict[str, Annotated[Use, OfKind("estimator")]] = Field(
        default={}, description="name -> a model to begin with; empty: the portfolio that ships"
    )
    suits: dict[str, dict[str, Annotated[Use, OfKind("transformer")]]] = Field(
        default={}, description="name -> the steps of that model; where there are none, those that suit it"
    )
    stack: bool = Field(default=True, description="whether to end in a stack of three models where that is better")
    part: float = Field(0.6, gt=0, le=1, description="of the seconds, for trials; the rest: stack and last fit")
    replaced: list[str] = Field(default=[], description="steps that give way to a model's own; the stage fills it in")

    @model_validator(mode="before")
    @classmethod
    def _portfolio(cls, values: Any, info: ValidationInfo) -> Any:
        registry = (info.context or {}).get("components") or {}
        if not isinstance(values, Mapping):
            return values
        there = {name: one for name, one in portfolio() if ("estimator", one["use"]) in registry}
        models = values.get("models") or there
        suits = dict(values.get("suits") or {})
        for name, model in models.items():
            used = model.get("use") if isinstance(model, Mapping) else model.name
            component = registry.get(("estimator", used))
            if name not in suits and component and registry.get(("transformer", "ordinal")):
                suits[name] = suited.steps(str(used), component.tags)
        return {**values, "models": models, "suits": suits}

    @model_validator(mode="after")
    def _whole(self) -> "Auto":
        self.needs_an_end()
        if odd := [name for name in self.suits if name not in self.models]:
            raise ValueError(f"suits.{odd[0]}: is none of the models")
        self.__dict__["suits"] = {name: self.suits.get(name, {}) for name in self.models}  # frozen for everybody else
        return self


def portfolio() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name -> a model as settings write it: sturdy ones first, each of another kind; of those that are installed."""
    yield "boosting", {"use": "boosting", "learning_rate": 0.1, "max_iter": 150}
    yield "linear", {"use": "linear", "C": 1.0}
    yield "lightgbm", {"use": "lightgbm"}
    yield "extra_trees", {"use": "extra_trees", "n_estimators": 200, "min_samples_leaf": 2}
    yield "boosting_slow", {"use": "boosting", "learning_rate": 0.03, "max_iter": 400, "max_leaf_nodes": 15}
    yield "forest", {"use": "forest", "n_estimators": 200, "min_samples_leaf": 3}
    yield "boosting_small", {"use": "boosting", "learning_rate": 0.1, "max_iter": 60, "max_leaf_nodes": 8}
    yield "knn", {"use": "knn", "n_neighbors": 15, "weights": "distance"}
    yield "mlp", {"use": "mlp", "hidden_layer_sizes": [64], "early_stopping": True}
