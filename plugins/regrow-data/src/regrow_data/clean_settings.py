"""Parameters of the cleaners, of `clip` and `fill`, and of `winsorise`."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator

from regrow.plugin.schema import Strict
from regrow_data.expression import parse

Name = Annotated[str, Field(min_length=1)]
Names = Annotated[list[Name], Field(min_length=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]


def _rule(text: str) -> str:
    parse(text)
    return text


class Filter(Strict):
    """`filter`: rows for which a rule is false go; where a missing value leaves it open, the row stays."""

    keep: Annotated[str, AfterValidator(_rule)] = Field(description='which rows stay, such as "price > 0"')


class DropMissing(Strict):
    """`drop_missing`: rows without a value in one of the columns go."""

    columns: Names = Field(description="columns that have a value in every row afterwards")


class Deduplicate(Strict):
    """`deduplicate`: of rows that are the same in the columns, one stays."""

    columns: list[Name] = Field([], description="what makes rows the same; none named: all columns")
    keep: Literal["first", "last"] = Field("first", description="which of them stays")


class Sample(Strict):
    """`sample`: some rows at random stay, in their order."""

    rows: Annotated[int, Field(ge=1)] | None = Field(None, description="how many")
    share: Annotated[float, Field(gt=0, le=1)] | None = Field(None, description="or which share of them")
    seed: Annotated[int, Field(ge=0)] = Field(0, description="of the draw; it does not follow the project's seed")

    @model_validator(mode="after")
    def _one_of_them(self) -> "Sample":
        if (self.rows is None) == (self.share is None):
            raise ValueError("a sample needs rows, or a share, and not both")
        return self


class Clip(Strict):
    """`clip`: numbers beyond a bound become the bound."""

    columns: Names = Field(description="columns of numbers")
    min: Number | None = Field(None, description="the least there is afterwards")
    max: Number | None = Field(None, description="the greatest there is afterwards")

    @model_validator(mode="after")
    def _bounds(self) -> "Clip":
        if self.min is None and self.max is None:
            raise ValueError("clip needs min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min ({self.min}) is greater than max ({self.max})")
        return self


class Fill(Strict):
    """`fill`: missing values become a value that is named, the same for every row."""

    columns: Names = Field(description="columns of one type")
    value: StrictBool | StrictInt | StrictFloat | StrictStr = Field(description="of that type")


class Winsorise(Strict):
    """`winsorise`: numbers beyond a quantile of the training rows become that quantile."""

    columns: list[Name] | Literal["numeric"] = Field("numeric", description="names, or numeric: all numbers")
    share: Annotated[float, Field(gt=0, lt=0.5)] = Field(0.01, description="of the training rows, at either end")
