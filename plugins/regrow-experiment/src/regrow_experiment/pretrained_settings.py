"""What may stand in conf/ for what begins with a model of another commit or project."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from regrow import OfKind, Use
from regrow.plugin.schema import Strict
from regrow_experiment.wrapper_settings import check_inside


class Pretrained(Strict):
    """A model, and its hash."""

    model: str | None = Field(
        None,
        pattern="^[A-Za-z0-9][A-Za-z0-9_-]*$",
        description="a file of the source `pretrained`, without its ending; null: none, to see what it is worth",
    )
    sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$", description="of that file: another one is refused")

    @model_validator(mode="after")
    def _pinned(self) -> "Pretrained":
        if self.model is not None and self.sha256 is None:
            raise ValueError(f"{self.model} has to be pinned: sha256: ...; `regrow pretrained` prints it")
        return self


class Transfer(Pretrained):
    """Parameters of `transfer`."""

    take: Literal["steps", "hidden", "scores"] = Field(
        "hidden",
        description="what the model's steps make of a row; what a hidden layer of its neural network says of it; or "
        "its probabilities, in regression its prediction",
    )
    layer: int = Field(-1, description="of `hidden`: 1 is the first layer; -1 the last")
    keep: bool = Field(default=True, description="whether the row's own columns stay")
    prefix: str = Field("pretrained_", min_length=1, description="put before the new columns' names")


class WarmStart(Pretrained):
    """Parameters of `warm_start`."""

    of: Annotated[Use, OfKind("estimator")] = Field(description="the estimator, of the class that the model has")

    def check_task(self, task: str) -> None:
        """Raises ValueError where what is inside can't serve the task."""
        check_inside(self.of, "of", task)
