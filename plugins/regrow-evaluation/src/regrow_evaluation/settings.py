"""The settings of the stage `evaluate`, nested as in params.yaml."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from regrow import OfKind, Use
from regrow_evaluation.catalogue import BINARY, METRICS, RESERVED, fitting

Task = Literal["binary", "multiclass", "regression"]
ClassName = StrictBool | StrictInt | StrictFloat | StrictStr
KEY = r"^[A-Za-z][A-Za-z0-9_]*$"  # what `-S evaluation.metrics.KEY...` and dotted names in `dvc metrics diff` can carry


class Strict(BaseModel):
    """Refuses keys it does not know and values of another type: a slip is an error and not a default."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ThresholdSettings(Strict):
    """A row counts as positive from this probability on; without one the model's own prediction counts."""

    threshold: float | None = Field(default=None, gt=0, lt=1)


class Target(Strict):
    """The target as all stages know it; only `positive` matters here."""

    column: str
    above: float | None = None
    name: str | None = None
    positive: ClassName | None = None

    @property
    def shown(self) -> str:
        """The name of the target's column after ingest."""
        return self.name or self.column


class EvaluatedData(Strict):
    """What evaluation needs to know of the data."""

    task: Task
    target: Target


class Evaluation(Strict):
    """The settings group `evaluation`."""

    metrics: dict[Annotated[str, Field(pattern=KEY)], Annotated[Use, OfKind("metric")]] = Field(min_length=1)
    bins: int = Field(default=10, ge=2, le=100)  # of the calibration curve, each with as many rows as the next


class EvaluateSettings(Strict):
    """What stage `evaluate` sees. A metric that does not fit the task is refused here, before anything runs."""

    evaluation: Evaluation
    data: EvaluatedData

    @model_validator(mode="after")
    def _metrics_fit(self) -> "EvaluateSettings":
        task = self.data.task
        wrong = [
            reason for key, use in self.evaluation.metrics.items() if (reason := _misfit(key, use, task)) is not None
        ]
        if wrong:
            raise ValueError(f"{'; '.join(wrong)}. Metrics for {task}: {', '.join(fitting(task))}")
        return self


def _misfit(key: str, use: Use, task: str) -> str | None:
    """Why a metric cannot be used, or None. Other plugins' metrics say in the stage what they fit, once made."""
    where = f"evaluation.metrics.{key}"
    if key in RESERVED:
        return f"{where}: {key!r} is a key of metrics.json with a meaning of its own; call it something else"
    facts = METRICS.get(use.name)
    if facts is None:
        return None
    if task not in facts.tasks:
        return f"{where}: {use.name} is for {' or '.join(facts.tasks)}, but data.task is {task}"
    if facts.takes_threshold and use.settings.threshold is not None and task != BINARY:
        return f"{where}.threshold: a threshold needs data.task=binary, but it is {task}"
    return None
