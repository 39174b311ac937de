"""The settings of the stage and of its components."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from regrow import OfKind, Use


class Shift(BaseModel):
    """`shift`: difference of a statistic, in units of the training rows' standard deviation."""

    model_config = ConfigDict(extra="forbid")
    of: Literal["mean", "median"] = "mean"


class Drift(BaseModel):
    """most: how many columns are drawn, the furthest first."""

    model_config = ConfigDict(extra="forbid")
    distance: Annotated[Use, OfKind("distance")]
    most: int = Field(10, ge=1, le=50)


class Settings(BaseModel):
    """What the stage gets."""

    model_config = ConfigDict(extra="forbid")
    drift: Drift
