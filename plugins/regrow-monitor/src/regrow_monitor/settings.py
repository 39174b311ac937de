"""What may stand in conf/monitor, and the settings of the stages."""

import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from regrow import OfKind, Seed, Strict, Use
from regrow_evaluation.settings import ExamineSettings, Objective


class Alarms(Strict):
    """`monitor.alarms`: how many alarms without a cause may come."""

    false_a_year: int = Field(
        default=1, ge=0, le=50, description="alarms without a cause that a year may have, over all checks"
    )
    sure: float = Field(default=0.97, gt=0.5, lt=1, description="share of the years without a change that have no more")
    labels: float = Field(
        default=0.15, gt=0, le=0.5, description="share of the years without a change in which labels may look turned"
    )
    windows: list[Annotated[int, Field(ge=1, le=365)]] = Field(
        default=[1, 7, 28], min_length=1, max_length=5, description="days that are looked at together"
    )
    years: int = Field(default=400, ge=100, le=5000, description="drawn from the reference to find the limit")

    @field_validator("windows")
    @classmethod
    def _in_order(cls, value: list[int]) -> list[int]:
        if value != sorted({*value}):
            raise ValueError(f"must be days in rising order, not {value}")
        return value


class Watching(Strict):
    """The settings group `monitor`."""

    until: str | None = Field(default=None, description="the last day that is looked at, such as 2026-11-28")
    owner: str = Field(default="", description="who answers an alarm; without one, the owner in conf/objective")
    runbook: str = Field(default="", description="where it is written what to do")
    alarms: Alarms = Alarms()
    latency: float | None = Field(default=None, gt=0, description="milliseconds that 95 of 100 answers have to keep to")
    fallback: float = Field(
        default=0.01, ge=0, le=1, description="share of a week's answers that may come without the model"
    )
    analyses: dict[str, Annotated[Use, OfKind("analysis")]] = Field(
        default={}, description="of regrow-evaluation, on the rows whose labels are there"
    )

    @field_validator("until")
    @classmethod
    def _is_a_day(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                datetime.date.fromisoformat(value)
            except ValueError:
                raise ValueError(f"{value!r} is no day such as 2026-11-28") from None
        return value


class Open(BaseModel):
    """What other plugins check."""

    model_config = ConfigDict(extra="allow", frozen=True)


class CollectSettings(Strict):
    """Stage `collect`: what of the target turns a late label into a class."""

    monitor: Watching
    data: Any


class DriftSettings(Strict):
    """Stage `drift`."""

    monitor: Watching
    seed: Seed


class PerformanceSettings(ExamineSettings):
    """Stage `performance`: metrics and objective are those of the evaluation."""

    monitor: Watching


class AlarmSettings(Strict):
    """Stages `alarms` and `monitor_page`."""

    monitor: Watching
    objective: Objective
