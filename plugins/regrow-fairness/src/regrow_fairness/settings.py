"""The settings of `fairness`."""

from typing import Annotated, Literal

from pydantic import Field

from regrow import Columns, OfKind, Reads, Strict, Use

Rate = Literal["selection_rate", "true_positive_rate", "false_positive_rate"]


class FairnessSettings(Strict):
    """Groups, and how far apart they may be."""

    columns: list[str] = Field(
        min_length=1, description="columns of the table that say the group; the model need not see them"
    )
    intersections: bool = Field(default=True, description="whether values of several columns together are groups, too")
    threshold: float | None = Field(
        default=None, gt=0, lt=1, description="a row is picked from this probability on; null: the model's prediction"
    )
    rates: list[Rate] = Field(
        default=["selection_rate", "true_positive_rate", "false_positive_rate"],
        min_length=1,
        description="demographic parity compares selection_rate, equalised odds the other two",
    )
    at_most: float = Field(default=0.1, ge=0, lt=1, description="the largest gap between two groups that is let be")
    least_rows: int = Field(default=30, ge=5, description="rows below which a group is not judged")


class Reweighed(Strict):
    """`reweighed`."""

    of: Annotated[Use, OfKind("estimator")] = Field(description="the estimator inside: {use: NAME, ...}")
    by: list[str] = Field(min_length=1, description="features that say the group; one-hot columns go by their feature")
    seen: bool = Field(default=False, description="whether the estimator sees them; if not, answers need no group")


def columns(settings: FairnessSettings) -> Columns:
    """Those that say the group."""
    return Columns([Reads("columns", settings.columns)])
