"""The settings of this plugin's stages, nested as in params.yaml."""

import datetime
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from regrow import OfKind, Use
from regrow.plugin.schema import Data, Seed, Strict
from regrow_evaluation.catalogue import BINARY, RESERVED, TASKS
from regrow_evaluation.metric_settings import ThresholdSettings as ThresholdSettings

KEY = r"^[A-Za-z][A-Za-z0-9_]*$"  # what `-S evaluation.metrics.KEY...` and dotted names in `dvc metrics diff` can carry
Key = Annotated[str, Field(pattern=KEY)]
Amount = Annotated[float, Field(allow_inf_nan=False)]


class Intervals(Strict):
    """`evaluation.intervals`: how sure a metric is, by drawing the held-out rows again."""

    rounds: int = Field(default=500, ge=100, le=100_000, description="how often they are drawn")
    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="share of the rounds that an interval holds")
    by: str | None = Field(
        default=None, description="a column of the table: rows of one value belong together and are drawn together"
    )
    blocks: int | None = Field(
        default=None,
        ge=2,
        description="with `by` a time or a number: so many stretches of its order in place of values",
    )

    looks: int = Field(
        default=1,
        ge=1,
        le=100_000,
        description="experiments that were scored on these rows: intervals are as much wider; `regrow looks` counts",
    )

    @model_validator(mode="after")
    def _blocks_of_something(self) -> "Intervals":
        if self.blocks is not None and self.by is None:
            raise ValueError("blocks: needs `by`, the column in whose order rows are cut into stretches")
        return self


class Ranking(Strict):
    """Of the settings group `evaluation`, what says how good a model is."""

    metrics: dict[Key, Annotated[Use, OfKind("metric")]] = Field(
        min_length=1, description="name in metrics.json -> a metric; the first is the one that ranks"
    )


class Measuring(Ranking):
    """What stage `evaluate` sees of `evaluation`."""

    bins: int = Field(
        default=10, ge=2, le=100, description="of the calibration curve, each with as many rows as the next"
    )
    intervals: Intervals = Field(default_factory=Intervals, description="how sure each metric is")


class Champion(Strict):
    """`evaluation.champion`: the model in use, pinned by hash."""

    commit: str = Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$", description="its full name")
    md5: str = Field(pattern=r"^[0-9a-f]{32}$", description="of its predictions, as its dvc.lock has it")


class Examining(Ranking):
    """What stage `examine` sees of `evaluation`."""

    intervals: Intervals = Field(default_factory=Intervals, description="how sure each metric is")
    analyses: dict[Key, Annotated[Use, OfKind("analysis")]] = Field(
        default_factory=dict, description="name -> an analysis; what each finds is on the report and before the gates"
    )
    champion: Champion | None = Field(
        default=None, description="the model that new ones are held against, as `regrow champion REV` writes it"
    )

    @field_validator("champion", mode="before")
    @classmethod
    def _pinned(cls, value: object) -> object:
        """A branch may stand elsewhere tomorrow: only what is pinned can be judged twice alike."""
        if isinstance(value, str):
            raise ValueError(f"{value!r} is not pinned yet: regrow champion {value} writes its commit and hash here")
        return value


class Costs(Strict):
    """`objective.value` of a binary target: what each kind of decision is worth; costs are below 0."""

    true_positive: Amount = Field(default=0.0, description="acted on, and rightly")
    false_positive: Amount = Field(default=0.0, description="acted on in vain")
    false_negative: Amount = Field(default=0.0, description="missed")
    true_negative: Amount = Field(default=0.0, description="left alone, and rightly")


class PerUnit(Strict):
    """`objective.value` of a number: what an error costs per unit of the target; below 0."""

    above: Amount = Field(default=-1.0, description="per unit that was predicted too much")
    below: Amount = Field(default=-1.0, description="per unit that was predicted too little")


class Kpi(Strict):
    """What the business looks at."""

    formula: str = Field(min_length=1, description="in words, or as a formula")
    unit: str = ""


class Objective(Strict):
    """`objective`: what the model is for, in the words of those who know the subject."""

    question: str = Field(default="", description="what is asked")
    decision: str = Field(default="", description="what is done with the answer, and by whom")
    owner: str = Field(default="", description="who answers for it")
    kpis: dict[str, Kpi] = Field(default_factory=dict, description="name -> formula and unit")
    unit: str = Field(default="", description="of the values, such as EUR")
    value: Costs | PerUnit | dict[str, dict[str, Amount]] | None = Field(
        default=None,
        description="what a decision is worth; several classes: true class -> predicted class -> value; null: not said",
    )
    capacity: float | None = Field(
        default=None, gt=0, lt=1, description="the share of rows that can be acted on; null: all of them"
    )

    @field_validator("value", mode="before")
    @classmethod
    def _of_its_form(cls, value: object) -> object:
        """The form that the keys say, so that a misspelt one is told with the names of that form."""
        if not isinstance(value, dict) or not value or all(isinstance(one, dict) for one in value.values()):
            return value
        form = PerUnit if {"above", "below"} & value.keys() else Costs
        return form.model_validate(value)


class RankingSettings(Strict):
    """A metric that does not fit the task is refused here, before anything runs."""

    evaluation: Ranking
    data: Data

    @model_validator(mode="after")
    def _metrics_fit(self, info: ValidationInfo) -> "RankingSettings":
        task = self.data.task
        wrong = [
            reason for key, use in self.evaluation.metrics.items() if (reason := _misfit(key, use, task)) is not None
        ]
        if wrong:
            known = (info.context or {}).get("components", {}).values()
            fit = sorted(one.name for one in known if one.kind == "metric" and task in (one.tasks or TASKS))
            raise ValueError(f"{'; '.join(wrong)}. Metrics for {task}: {', '.join(fit)}")
        return self


class EvaluateSettings(RankingSettings):
    """What stage `evaluate` sees."""

    evaluation: Measuring


class ExamineSettings(RankingSettings):
    """What stage `examine` sees."""

    evaluation: Examining
    objective: Objective
    seed: Seed

    @model_validator(mode="after")
    def _value_fits(self) -> "ExamineSettings":
        task, value = self.data.task, self.objective.value
        form = {"binary": Costs, "regression": PerUnit, "multiclass": dict}[task]
        if value is not None and not isinstance(value, form):
            known: dict[str, type[Strict]] = {"binary": Costs, "regression": PerUnit}
            names = ", ".join(known[task].model_fields) if task in known else "true class -> predicted class -> value"
            raise ValueError(f"objective.value: for data.task={task} it has {names}")
        if self.objective.capacity is not None and task != BINARY:
            raise ValueError(f"objective.capacity: is of a binary target, but data.task is {task}")
        return self

    @model_validator(mode="after")
    def _analyses_fit(self) -> "ExamineSettings":
        task = self.data.task
        for key, use in self.evaluation.analyses.items():
            if task not in (use.component.tasks or TASKS):
                fit = " or ".join(use.component.tasks)
                raise ValueError(f"evaluation.analyses.{key}: {use.name} is for {fit}, but data.task is {task}")
        return self


class Waiver(Strict):
    """Why a gate that fails is let through, by whom, and how long."""

    reason: str = Field(min_length=3)
    name: str = Field(min_length=1, description="who lets it through")
    until: datetime.date = Field(description="the last day on which it holds, such as 2026-12-31")

    @field_validator("until", mode="before")
    @classmethod
    def _day(cls, value: object) -> object:
        return day(value)


class GateSettings(Strict):
    """What every gate has."""

    owner: str = Field(min_length=1, description="who answers for it")
    severity: Literal["critical", "major", "minor"] = Field(
        default="major", description="a minor one that fails is told, and decides nothing"
    )
    waiver: Waiver | None = Field(default=None, description="lets it through although it fails: reason, name, until")


class Gates(Strict):
    """The settings group `gates`."""

    as_of: datetime.date | None = Field(
        default=None,
        description="the day that waivers are judged by; null: regrow decision check compares with its own",
    )
    rules: dict[Key, Annotated[Use, OfKind("gate")]] = Field(
        default_factory=dict, description="name -> a rule over what was measured and found"
    )

    @field_validator("as_of", mode="before")
    @classmethod
    def _day(cls, value: object) -> object:
        return day(value)


class DecideSettings(RankingSettings):
    """What stage `decide` sees."""

    gates: Gates
    objective: Objective


def day(value: object) -> object:
    """Text such as 2026-12-31 as a date; anything else as it is. Raises ValueError for text that is no date."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r} is no day such as 2026-12-31") from None


def _misfit(key: str, use: Use, task: str) -> str | None:
    """Why a metric cannot be used, or None."""
    where = f"evaluation.metrics.{key}"
    if key in RESERVED:
        return f"{where}: {key!r} is a key of metrics.json with a meaning of its own; call it something else"
    tasks = use.component.tasks or TASKS
    if task not in tasks:
        return f"{where}: {use.name} is for {' or '.join(tasks)}, but data.task is {task}"
    if isinstance(use.settings, ThresholdSettings) and use.settings.threshold is not None and task != BINARY:
        return f"{where}.threshold: a threshold needs data.task=binary, but it is {task}"
    return None
