"""The settings of single metrics."""

from pydantic import Field

from regrow.plugin.schema import Strict


class ThresholdSettings(Strict):
    """A row counts as positive from this probability on; without one the model's own prediction counts."""

    threshold: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="a row counts as positive from this probability on; null for the model's own prediction",
    )


class PrecisionSettings(Strict):
    """`recall_at_precision`."""

    precision: float = Field(default=0.5, gt=0, le=1, description="the least share that has to be right")


class ShareSettings(Strict):
    """`lift`."""

    share: float = Field(default=0.1, gt=0, lt=1, description="of the rows, those with the highest scores")


class BinsSettings(Strict):
    """`calibration_error`."""

    bins: int = Field(default=10, ge=2, le=100, description="groups, each with as many rows as the next")


class QuantileSettings(Strict):
    """`quantile_absolute_error` and `pinball`."""

    quantile: float = Field(default=0.9, gt=0, lt=1, description="which quantile")
