"""Parameters of the checks. Every assumption says in a sentence what it claims, who owns it, what a breach means."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from regrow.plugin.schema import Strict
from regrow_data.expression import parse
from regrow_data.settings import TypeName


def _sentence(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text.strip()


def _rule(text: str) -> str:
    parse(text)
    return text


Text = Annotated[str, AfterValidator(_sentence)]
Bound = StrictInt | Annotated[float, Field(allow_inf_nan=False)] | StrictStr
Column = Annotated[str, Field(min_length=1)]


class Assumption(Strict):
    """What all checks have."""

    says: Text = Field(description="the assumption in a sentence")
    owner: Text = Field(description="who answers for it")
    severity: Literal["error", "warn"] = Field(description="error stops the pipeline, warn reports")

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: object) -> object:
        """All three at once, in words, rather than three times `Field required`."""
        if isinstance(data, dict) and (
            absent := [key for key in ("says", "owner", "severity") if data.get(key) is None]
        ):
            raise ValueError(
                f"an assumption also needs {', '.join(absent)}: "
                "says (a sentence on what is assumed), owner (who answers for it), severity (error or warn)"
            )
        return data


class TypeCheck(Assumption):
    """`type`: every value of `column` is of one type."""

    column: Column = Field(description="the column that is checked")
    type: TypeName = Field(description="what all its values are")


class RangeCheck(Assumption):
    """`range`: values lie between `min` and `max`, both included; numbers, or ISO 8601 dates for a date column."""

    column: Column = Field(description="the column that is checked")
    min: Bound | None = Field(None, description="the least value that may be, included; a date as ISO 8601")
    max: Bound | None = Field(None, description="the greatest value that may be, included")

    @model_validator(mode="after")
    def _bounds(self) -> "RangeCheck":
        low, high = self.min, self.max
        if low is None and high is None:
            raise ValueError("a range needs min, max or both")
        if isinstance(low, str) != isinstance(high, str) and low is not None and high is not None:
            raise ValueError("min and max must both be numbers or both be dates")
        if low is not None and high is not None and low > high:  # type: ignore[operator]
            raise ValueError(f"min ({low}) is greater than max ({high})")
        return self


class UniqueCheck(Assumption):
    """`unique`: no two rows have the same values in `columns` together."""

    columns: Annotated[list[Column], Field(min_length=1)] = Field(
        description="columns whose values together differ in every row"
    )


class MissingCheck(Assumption):
    """Parameters of `missing`."""

    column: Column = Field(description="the column that is checked")
    max_share: Annotated[float, Field(ge=0, le=1)] = Field(0.0, description="the share of rows that may be missing")


class AllowedCheck(Assumption):
    """`allowed`: every value of `column` that is not missing is one of `values`."""

    column: Column = Field(description="the column that is checked")
    values: Annotated[list[StrictBool | StrictInt | StrictFloat | StrictStr], Field(min_length=1)] = Field(
        description="the values that may be"
    )


class RuleCheck(Assumption):
    """`rule`: an expression that holds in every row, such as "sched_arr_time > 0 or distance < 100"."""

    rule: Annotated[str, AfterValidator(_rule)] = Field(description='such as "sched_arr_time > 0 or distance < 100"')


class RowsCheck(Assumption):
    """Parameters of `rows`."""

    min: Annotated[int, Field(ge=0)] = Field(1, description="at least so many rows")
    max: Annotated[int, Field(ge=1)] | None = Field(None, description="at most so many rows")

    @model_validator(mode="after")
    def _order(self) -> "RowsCheck":
        if self.max is not None and self.max < self.min:
            raise ValueError(f"min ({self.min}) is greater than max ({self.max})")
        return self
