"""Parameters of what is computed row by row: expressions, sums, lengths, distances, and what came before a row."""

import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from regrow.plugin.schema import Strict
from regrow_data.expression import parse

Name = Annotated[str, Field(min_length=1, description="of the new column")]
Statistic = Literal["count", "sum", "mean", "std", "min", "max"]
Days = Annotated[float, Field(gt=0, allow_inf_nan=False)]


def _expression(text: str) -> str:
    parse(text, condition=False)
    return text


def _day(value: datetime.date | str) -> str:
    return datetime.date.fromisoformat(str(value)).isoformat()


class Expression(Strict):
    """Parameters of `expression`."""

    formula: Annotated[str, AfterValidator(_expression)] = Field(
        description="columns, numbers, + - * /, comparisons, and, or, not: (dep_delay + 5) / distance"
    )
    name: Name


class WeightedSum(Strict):
    """Parameters of `weighted_sum`."""

    weights: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = Field(
        min_length=1, description="numeric column -> what it is multiplied with"
    )
    name: Name
    constant: float = Field(0.0, allow_inf_nan=False, description="what is added")


class TextLength(Strict):
    """Parameters of `text_length`."""

    columns: list[str] = Field(min_length=1, description="text columns; they stay")
    of: list[Literal["characters", "words", "digits"]] = Field(
        ["characters", "words"], min_length=1, description="what is counted, a column each"
    )


class Distance(Strict):
    """Parameters of `distance`."""

    start: Annotated[list[str], Field(min_length=2, max_length=2)] = Field(
        description="columns of latitude and longitude, in degrees"
    )
    end: Annotated[list[str], Field(min_length=2, max_length=2)] = Field(description="the same of the other place")
    name: Name


class DaysSince(Strict):
    """Parameters of `days_since`."""

    column: str = Field(description="a date column; it stays")
    since: Annotated[datetime.date | str, AfterValidator(_day)] = Field(
        description="the day from which is counted: never today, which moves"
    )
    name: str | None = Field(None, min_length=1, description="of the new column; by default days_since_COLUMN")


class History(Strict):
    """Which rows of a second table are earlier than a row, and its."""

    table: str = Field(description="a name under data.lookups: rows that each have a moment, such as all flights")
    at: str = Field(description="the row's own moment: a date column, or a number that counts days")
    known: str | None = Field(None, description="the lookup's column of when it was; null: called as `at`")
    by: list[str] | dict[str, str] = Field(
        [], description="the key of an entity, or a mapping from the table's names to the lookup's; []: one for all"
    )
    columns: list[str] = Field(min_length=1, description="which of the lookup's")
    delay: float | None = Field(
        None,
        ge=0,
        allow_inf_nan=False,
        description="days until a row of the lookup is known; must be said where the target or a leak is among columns",
    )
    prefix: str = Field("past_", description="put before the new columns' names")


class AsOf(History):
    """Parameters of `as_of`."""

    days: Days | None = Field(None, description="an older row counts no more; null for any age")
    same_moment: bool = Field(False, description="whether a row of the very same moment counts; else it is earlier")


class Lag(History):
    """Parameters of `lag`."""

    steps: list[Annotated[int, Field(ge=1)]] = Field([1], min_length=1, description="1 is the last row before, ...")
    recency: bool = Field(True, description="whether a column has the days since the last row before")


class Window(History):
    """Parameters of `window`."""

    days: list[Days | None] = Field(min_length=1, description="lengths of the windows; null for all that came before")
    statistics: list[Statistic] = Field(["count", "mean"], min_length=1, description="a column each")
