"""The settings of each analysis."""

from typing import Literal

from pydantic import Field

from regrow.plugin.schema import Strict
from regrow_evaluation.noise import AUTO, Floor

Every = Literal["day", "week", "month", "quarter", "year"]


class CalibrationSettings(Strict):
    """`calibration`."""

    bins: int = Field(default=10, ge=2, le=100, description="groups of equally many rows")
    at_most: float = Field(
        default=0.02, ge=0, le=1, description="an error that does no harm, whether by chance or not; of numbers, as a "
        "share of the target's standard deviation"
    )  # fmt: skip


class SlicesSettings(Strict):
    """`slices`."""

    columns: list[str] | None = Field(
        default=None, description="columns of the table to cut by; null: all that the model sees"
    )
    bins: int = Field(default=4, ge=2, le=20, description="stretches of a number or a time, of equally many rows")
    pairs: bool = Field(default=True, description="whether values of two columns together are looked at")
    least_rows: int = Field(default=30, ge=5, description="rows below which a slice is not judged")
    most: int = Field(default=200, ge=1, le=5000, description="slices that are judged: the largest")
    effect: float = Field(
        default=0.1, ge=0, description="how much worse counts: as a share of the loss of all rows, or of the target's "
        "standard deviation"
    )  # fmt: skip
    error_rate: float = Field(
        default=0.05, gt=0, lt=1, description="how often a slice is named although none is worse, over all slices"
    )


class HarmSettings(Strict):
    """`harm`."""

    folds: int = Field(
        default=3, ge=2, le=20, description="of the training rows, to predict each by a fit that had not seen it"
    )


class ChampionSettings(Strict):
    """`champion`."""

    least: Floor = Field(
        default=AUTO, description="the smallest difference of the first metric that means anything: the noise floor; "
        "auto: what a search has recorded, else 0",
    )  # fmt: skip
    columns: list[str] = Field(
        default_factory=list, description="columns of the table, to compare by their values, too"
    )


class UncertaintySettings(Strict):
    """`uncertainty`."""

    level: float = Field(default=0.9, gt=0.5, lt=1, description="the share of rows that sets and intervals are to hold")
    columns: list[str] | None = Field(default=None, description="columns to look at coverage by; null: all it sees")


class ExplanationSettings(Strict):
    """`explanation`."""

    repeats: int = Field(default=5, ge=2, le=50, description="how often each column is shuffled")
    rows: int = Field(default=1000, ge=20, description="held-out rows that are used, at most")
    most: int = Field(default=10, ge=1, le=100, description="columns that are shown")
    errors: int = Field(default=5, ge=0, le=50, description="of the worst errors, how many are explained")


class RobustnessSettings(Strict):
    """`robustness`."""

    rows: int = Field(default=200, ge=20, description="held-out rows that are changed, at most")
    share: float = Field(default=0.2, gt=0, le=1, description="of answers that may turn when one column is disturbed")
    monotone: dict[str, Literal["up", "down"]] = Field(
        default_factory=dict,
        description="number -> which way the answer may go when it grows: of the positive class's probability, or the "
        "predicted number",
    )


class StalenessSettings(Strict):
    """`staleness`."""

    by: str | None = Field(
        default=None, min_length=1, description="the column of the table that says when, a date or a number; null: its "
        "first date, else year, month and day",
    )  # fmt: skip
    every: Every | None = Field(
        default=None, description="the periods, of a date; null: `periods` stretches of equally many rows"
    )
    periods: int = Field(default=6, ge=3, le=60, description="stretches of time, where `every` says nothing")
    least_rows: int = Field(default=100, ge=10, description="rows below which no model is trained")


class CrossTestingSettings(Strict):
    """`cross_testing`."""

    by: str = Field(min_length=1, description="the column of the table that says the group, or when")
    every: Every | None = Field(default=None, description="the periods, of a date; null: stretches of it")
    periods: int | None = Field(
        default=None, ge=2, le=60, description="of a date or a number so many stretches of equally many rows; null: "
        "of a date 4, of anything else its values",
    )  # fmt: skip
    learn: Literal["others", "earlier"] | None = Field(
        default=None, description="from what each is predicted; null: from earlier ones where `by` is a date, else "
        "from all others",
    )  # fmt: skip
    folds: int = Field(default=2, ge=2, le=20, description="fits that learn from a part of the group, too")
    at_most: float = Field(
        default=0.25, ge=0, le=1, description="the part of what the first metric has over a guess that may be lost"
    )
    least_rows: int = Field(default=50, ge=20, description="rows below which a group is not tested, nor learnt from")
    most: int = Field(default=12, ge=1, le=200, description="groups that are tested: the largest")


class DriftSettings(Strict):
    """`drift`."""

    effect: float = Field(
        default=0.1, gt=0, lt=1, description="a distance (Kolmogorov-Smirnov, or total variation) that counts"
    )
    error_rate: float = Field(default=0.05, gt=0, lt=1, description="of false alarms, over all columns")
