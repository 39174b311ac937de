"""Parameters of steps that learn levels, groups, missing values and which columns are worth keeping."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from regrow.plugin.schema import Strict
from regrow_features.settings import Columns, SelectCorrelation

Rows = Annotated[int, Field(ge=1)] | Annotated[float, Field(gt=0, lt=1)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class CountLevels(Strict):
    """Parameters of `count`."""

    columns: Columns = "categorical"
    share: bool = Field(False, description="whether the share of the training rows is taken, not how many they are")


class RareLevels(Strict):
    """Parameters of `rare_levels`."""

    columns: Columns = "categorical"
    min_frequency: Rows = Field(10, description="the fewest training rows, or a share of them below 1, of a level")
    name: str = Field("other", min_length=1, description="what rarer ones, and those first met later, are called")


class HashLevels(Strict):
    """Parameters of `hash_levels`."""

    columns: Columns = "categorical"
    buckets: int = Field(16, ge=2, le=4096, description="columns that come out, whatever the number of levels")
    name: str = Field("hash", min_length=1, description="what they are called, with a number")


class Polynomial(Strict):
    """Parameters of `polynomial`."""

    columns: Columns = "numeric"
    degree: int = Field(2, ge=2, le=5, description="the most factors of a product")
    interaction_only: bool = Field(False, description="whether powers of one column are left out")


class Aggregate(Strict):
    """Parameters of `aggregate`."""

    by: list[str] = Field(min_length=1, description="the columns whose values make a group")
    columns: list[str] = Field(min_length=1, description="numeric columns")
    statistics: list[Literal["mean", "std", "min", "max", "median"]] = Field(
        ["mean"], min_length=1, description="of the training rows of the group; a column each"
    )
    difference: bool = Field(False, description="whether the row's own value less the group's mean is added, too")


class ImputeIterative(Strict):
    """Parameters of `impute_iterative`."""

    columns: Columns = "numeric"
    rounds: int = Field(10, ge=1, le=100, description="the most passes over the columns")
    indicator: bool = Field(False, description="whether a column says where values were missing")


class SelectInformation(SelectCorrelation):
    """As select_correlation."""


class SelectPermutation(Strict):
    """Parameters of `select_permutation`."""

    columns: Columns = "numeric"
    least: NotNegative = Field(0.0, description="what a column must bring beyond its spread: log loss, or R2")
    most: int | None = Field(None, ge=1, description="how many columns stay at most; null: all that bring something")
    repeats: int = Field(5, ge=2, le=50, description="how often each column is shuffled")


class SelectBudget(Strict):
    """Parameters of `select_budget`."""

    columns: Columns = "numeric"
    costs: dict[str, NotNegative] = Field(
        {}, description="column, or pattern such as weather_* whose columns are bought together -> its price"
    )
    price: NotNegative = Field(1.0, description="of each column that no pattern names")
    budget: NotNegative | None = Field(None, description="what all together may cost; null for no bound")
    worth: NotNegative = Field(0.0, description="the least gain (log loss, or R2) for each unit of price")
    repeats: int = Field(5, ge=2, le=50, description="how often each column is shuffled")

    @model_validator(mode="after")
    def _drops_something(self) -> "SelectBudget":
        if self.budget is None and self.worth == 0:
            raise ValueError("needs a budget, or a worth above 0; without either use select_permutation")
        return self
