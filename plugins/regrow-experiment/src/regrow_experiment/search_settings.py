"""What may stand in conf/search/: the space, inner folds, metrics, budget, acceptance."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from regrow import OfKind, Use
from regrow.plugin.schema import Strict
from regrow_experiment.space import flat

Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
ROWS = "rows"


class Budget(Strict):
    """How long one search may go on; it ends with what is reached first. None: no bound."""

    trials: Count | None = Field(
        default=None, description="trials, beside the settings as they stand and their repeats"
    )
    seconds: Positive | None = Field(default=None, description="seconds of the clock; what they decide is a choice")
    cpu_seconds: Positive | None = Field(
        default=None, description="seconds of all trials together, on all cores; a choice, too"
    )
    money: Positive | None = Field(
        default=None, description="what the machine may cost meanwhile, at price_per_hour; a choice, too"
    )
    price_per_hour: Positive | None = Field(default=None, description="what an hour of this machine costs")

    @property
    def bounds(self) -> tuple[float | None, ...]:
        """What may end a search."""
        return self.trials, self.seconds, self.cpu_seconds, self.money

    @model_validator(mode="after")
    def _priced(self) -> "Budget":
        if self.money is not None and self.price_per_hour is None:
            raise ValueError("money needs a price_per_hour, in the same currency")
        return self


class Trial(Strict):
    """What one trial may take; one that takes more has failed, and the search goes on."""

    seconds: Positive | None = Field(default=None, description="seconds of the clock")
    memory_mb: Count | None = Field(default=None, description="MB beyond what the process has when the trial begins")


class Bound(Strict):
    """What a metric has to keep."""

    at_least: Finite | None = Field(default=None, description="the mean of the inner folds is this or more")
    at_most: Finite | None = Field(default=None, description="it is this or less")

    @model_validator(mode="after")
    def _says_something(self) -> "Bound":
        if self.at_least is None and self.at_most is None:
            raise ValueError("a constraint says at_least, at_most or both")
        return self

    def holds(self, value: float) -> bool:
        """Whether a mean keeps it; NaN keeps nothing."""
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most) and value == value

    @property
    def said(self) -> str:
        """In words."""
        parts = [("at least", self.at_least), ("at most", self.at_most)]
        return " and ".join(f"{word} {value:g}" for word, value in parts if value is not None)


class Search(Strict):
    """What every search has. Where space, metric or positive say nothing, the stage fills them in."""

    space: dict[str, Any] = Field({}, description="parameter -> values, or low, high, log; empty: that of the model")
    folds: int = Field(3, ge=2, description="inner folds of the training rows")
    splitter: Annotated[Use, OfKind("splitter")] | None = Field(
        default=None, description="inner folds by time or group, ..."
    )
    metric: Annotated[Use, OfKind("metric")] | None = Field(default=None, description="what is to get better")
    metrics: dict[str, Annotated[Use, OfKind("metric")]] = Field(
        default={}, description="name -> a metric that is scored beside it, for constraints and for the ledger"
    )
    constraints: dict[str, Bound] = Field(
        default={}, description="name of a metric -> at_least, at_most: what the best has to keep"
    )
    then: Literal["score", "fit_seconds", "predict_seconds", "size"] = Field(
        "score", description="of those that keep the constraints, the best is that with the best score, or the cheapest"
    )
    positive: bool | int | float | str | None = Field(
        default=None, description="as data.target.positive, which is the default"
    )
    budget: Budget = Field(default_factory=Budget)
    trial: Trial = Field(default_factory=Trial)
    accept: Finite | None = Field(default=None, description="a score that is good enough")
    otherwise: Literal["warn", "fail"] = Field("warn", description="what happens where `accept` is not reached")
    noise: int = Field(3, ge=1, le=50, description="seeds with which the settings as they stand are tried; 1: no floor")
    patience: Count | None = Field(
        default=None, description="trials without a gain beyond noise, after which it stops; null: it does not"
    )
    prune: bool = Field(
        default=False, description="whether a trial ends after a fold that leaves it below the median of earlier ones"
    )
    prune_after: Count = Field(5, description="trials that the median is of, at least")
    batch: Count = Field(
        4, description="trials of a round, where one round waits for another; it is part of the result"
    )
    curves: list[Annotated[float, Field(gt=0, le=1)]] = Field(
        default=[], description="shares of the training rows at which the learning curve is drawn, after the budget"
    )
    sizes: bool = Field(default=True, description="whether the size of a trial's model is measured")

    @field_validator("space")
    @classmethod
    def _space(cls, space: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        return flat(space, (info.context or {}).get("components", {}))

    @field_validator("curves")
    @classmethod
    def _once(cls, curves: list[float]) -> list[float]:
        if len({*curves}) < len(curves):
            raise ValueError("a share is said twice")
        return curves

    @model_validator(mode="after")
    def _sized(self) -> "Search":
        if self.then == "size" and not self.sizes:
            raise ValueError("then: size needs sizes: true")
        return self

    def needs_an_end(self) -> None:
        """Raises ValueError where nothing ends a search that does not end by itself."""
        if not any(self.budget.bounds):
            raise ValueError("budget: a random search needs a bound: trials, seconds, cpu_seconds or money")


class Fixed(Search):
    """The settings as they stand, scored on the inner folds."""

    share: float = Field(1.0, gt=0, le=1, description="of the inner folds' training rows: as a trial of a halving had")


class Grid(Search):
    """Every combination, in order."""

    points: int = Field(5, ge=2, le=1000, description="how many of a range, evenly spaced")


class Random(Search):
    """Combinations at random."""

    @model_validator(mode="after")
    def _ends(self) -> "Random":
        self.needs_an_end()
        return self


class Halving(Search):
    """Successive halving."""

    candidates: Count | None = Field(
        default=None, description="combinations of the first round; null: as many as budget.trials allows, or 27"
    )
    factor: int = Field(3, ge=2, description="each round has so many times fewer candidates, and more of the resource")
    resource: str = Field(
        ROWS, description="what rounds have more of: rows, or a parameter of the model such as n_estimators"
    )
    most: Count | None = Field(default=None, description="that parameter in the last round")

    @model_validator(mode="after")
    def _resource_has_an_end(self) -> "Halving":
        if self.resource != ROWS and self.most is None:
            raise ValueError(f"most: say how much {self.resource} the last round has")
        return self
