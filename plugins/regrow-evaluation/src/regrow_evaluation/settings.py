"""The settings of the stage `evaluate`, nested as in params.yaml."""

from typing import Annotated

from pydantic import Field, ValidationInfo, model_validator

from regrow import OfKind, Use
from regrow.plugin.schema import Data, Strict
from regrow_evaluation.catalogue import BINARY, RESERVED, TASKS

KEY = r"^[A-Za-z][A-Za-z0-9_]*$"  # what `-S evaluation.metrics.KEY...` and dotted names in `dvc metrics diff` can carry


class ThresholdSettings(Strict):
    """A row counts as positive from this probability on; without one the model's own prediction counts."""

    threshold: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="a row counts as positive from this probability on; null for the model's own prediction",
    )


class Evaluation(Strict):
    """The settings group `evaluation`."""

    metrics: dict[Annotated[str, Field(pattern=KEY)], Annotated[Use, OfKind("metric")]] = Field(
        min_length=1, description="name in metrics.json -> a metric; the first is the one that ranks"
    )
    bins: int = Field(
        default=10, ge=2, le=100, description="of the calibration curve, each with as many rows as the next"
    )


class EvaluateSettings(Strict):
    """What stage `evaluate` sees. A metric that does not fit the task is refused here, before anything runs."""

    evaluation: Evaluation
    data: Data

    @model_validator(mode="after")
    def _metrics_fit(self, info: ValidationInfo) -> "EvaluateSettings":
        task = self.data.task
        wrong = [
            reason for key, use in self.evaluation.metrics.items() if (reason := _misfit(key, use, task)) is not None
        ]
        if wrong:
            known = (info.context or {}).get("components", {}).values()
            fit = sorted(one.name for one in known if one.kind == "metric" and task in (one.tasks or TASKS))
            raise ValueError(f"{'; '.join(wrong)}. Metrics for {task}: {', '.join(fit)}")
        return self


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
