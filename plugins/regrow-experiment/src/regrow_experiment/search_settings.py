"""What may stand in conf/search/: the space, inner folds, metric, budget, acceptance."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from regrow import OfKind, Use
from regrow.plugin.schema import Strict
from regrow_experiment.space import flat

Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Budget(Strict):
    """How long one search may go on; it ends with what is reached first. None: no bound."""

    trials: Count | None = Field(
        default=None, description="trials, beside the settings as they stand and their repeats"
    )
    seconds: Positive | None = Field(default=None, description="seconds of the clock; what they decide is a choice")
    cpu_seconds: Positive | None = Field(
        default=None, description="seconds of all trials together, on all cores; a choice, too"
    )


class Trial(Strict):
    """What one trial may take; one that takes more has failed, and the search goes on."""

    seconds: Positive | None = Field(default=None, description="seconds of the clock")
    memory_mb: Count | None = Field(default=None, description="MB beyond what the process has when the trial begins")


class Search(Strict):
    """What every search has. Where space, metric or positive say nothing, the stage fills them in."""

    space: dict[str, Any] = Field({}, description="parameter -> values, or low, high, log; empty: that of the model")
    folds: int = Field(3, ge=2, description="inner folds of the training rows")
    splitter: Annotated[Use, OfKind("splitter")] | None = Field(
        default=None, description="inner folds by time or group, ..."
    )
    metric: Annotated[Use, OfKind("metric")] | None = Field(default=None, description="what is to get better")
    positive: bool | int | float | str | None = Field(
        default=None, description="as data.target.positive, which is the default"
    )
    budget: Budget = Field(default_factory=Budget)
    trial: Trial = Field(default_factory=Trial)
    accept: Annotated[float, Field(allow_inf_nan=False)] | None = Field(
        default=None, description="a score that is good enough"
    )
    otherwise: Literal["warn", "fail"] = Field("warn", description="what happens where `accept` is not reached")
    noise: int = Field(3, ge=1, le=50, description="seeds with which the settings as they stand are tried; 1: no floor")

    @field_validator("space")
    @classmethod
    def _space(cls, space: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        return flat(space, (info.context or {}).get("components", {}))


class Grid(Search):
    """Every combination, in order."""

    points: int = Field(5, ge=2, le=1000, description="how many of a range, evenly spaced")


class Random(Search):
    """Combinations at random."""

    @model_validator(mode="after")
    def _ends(self) -> "Random":
        if not any((self.budget.trials, self.budget.seconds, self.budget.cpu_seconds)):
            raise ValueError("budget: a random search needs a bound: trials, seconds or cpu_seconds")
        return self
