"""Parameters of what is computed row by row: expressions, sums, lengths, distances, and what came before a row."""

import datetime
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from regrow.plugin.schema import Strict
from regrow_data.expression import parse

Name = Annotated[str, Field(min_length=1, description="of the new column")]
Statistic = Literal["count", "sum", "mean", "std", "min", "max"]
Unit = Literal["seconds", "minutes", "hours", "days"]
SPAN = r"^([0-9]+(?:\.[0-9]+)?)(min|h|d)$"
IN_A_DAY = {"d": 1, "h": 24, "min": 1440}


def _in_days(value: object) -> object:
    """`2h`, `90min`, `7d` as days; anything else as it is."""
    found = re.match(SPAN, value) if isinstance(value, str) else None
    return float(found[1]) / IN_A_DAY[found[2]] if found else value


WRITTEN = WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": SPAN}]})
Days = Annotated[float, BeforeValidator(_in_days), Field(gt=0, allow_inf_nan=False), WRITTEN]
Wait = Annotated[float, BeforeValidator(_in_days), Field(ge=0, allow_inf_nan=False), WRITTEN]


def span(days: float) -> str:
    """As it stands in a column's name: 7d; under a day 2h or 15min, where that is a whole number."""
    for unit in ("h", "min"):
        count = days * IN_A_DAY[unit]
        if days < 1 and abs(count - round(count)) < 1e-9:
            return f"{round(count)}{unit}"
    return f"{days:g}d"


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


def _pattern(text: str) -> str:
    try:
        groups = re.compile(text).groupindex
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    if not groups:
        raise ValueError("names no group, as (?P<lat>[-0-9.]+) does")
    return text


class Extract(Strict):
    """Parameters of `extract`."""

    column: str = Field(description="a text column")
    pattern: Annotated[str, AfterValidator(_pattern)] = Field(
        description="a regular expression; each named group, as (?P<lat>[-0-9.]+), is a column"
    )
    texts: list[str] = Field([], description="groups that are text; the others are numbers")
    drop: bool = Field(True, description="whether the column itself goes")

    def model_post_init(self, _context: object) -> None:
        """A group that the pattern does not have would only be ignored."""
        if unknown := [name for name in self.texts if name not in re.compile(self.pattern).groupindex]:
            raise ValueError(f"`texts` names {unknown[0]!r}, which is no group of the pattern")


class JsonFields(Strict):
    """Parameters of `json_fields`."""

    column: str = Field(description="a text column of JSON objects")
    numbers: list[str] = Field([], description="fields that are numbers, or true and false; a.b is b within a")
    texts: list[str] = Field([], description="fields that are text")
    drop: bool = Field(True, description="whether the column itself goes")

    def model_post_init(self, _context: object) -> None:
        """Without a field there is nothing to make."""
        if not self.numbers and not self.texts:
            raise ValueError("names no field: `numbers: [...]` or `texts: [...]`")


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


class Moments(Strict):
    """A second table whose rows have a moment, and the row's own."""

    table: str = Field(description="a name under data.lookups: rows that each have a moment, such as all flights")
    at: str = Field(description="the row's own moment: a date column, or a number that counts days")
    plus: dict[str, Unit] = Field(
        {}, description="numeric column -> unit: what is added to `at`, such as {minute: minutes}"
    )
    known: str | None = Field(None, description="the lookup's column of when it was; null: called as `at`")
    known_plus: dict[str, Unit] | None = Field(
        None,
        description="the same for `known`, such as {dep_delay: minutes}; missing is never known, and what is not in "
        "`plus` counts from 0 on: no row is known before it was due, nor to itself. null: as `plus`",
    )
    by: list[str] | dict[str, str] = Field(
        [], description="the key of an entity, or a mapping from the table's names to the lookup's; []: one for all"
    )

    @property
    def key(self) -> dict[str, str]:
        """The table's names -> the lookup's."""
        return self.by if isinstance(self.by, dict) else {name: name for name in self.by}

    @property
    def moment(self) -> tuple[str, dict[str, Unit]]:
        """The lookup's column of moments, and what is added to it."""
        return self.known or self.at, self.plus if self.known_plus is None else self.known_plus


class History(Moments):
    """Which rows of a second table are earlier than a row, and its."""

    columns: list[str] = Field(min_length=1, description="which of the lookup's")
    delay: Wait | None = Field(
        None,
        description="days (or 30min, 2h) until a row of the lookup is known; must be said where the target or a leak "
        "is among columns",
    )
    prefix: str = Field("past_", description="put before the new columns' names")


class AsOf(History):
    """Parameters of `as_of`."""

    days: Days | None = Field(None, description="an older row counts no more; null for any age")
    same_moment: bool = Field(False, description="whether a row of the very same moment counts; else it is earlier")


class Planned(Moments):
    """Parameters of `planned`."""

    before: Wait = Field(0.0, description="days (or 30min, 2h) before the row's moment that count")
    after: Wait = Field(0.0, description="the same after it")
    name: Name


class Lag(History):
    """Parameters of `lag`."""

    steps: list[Annotated[int, Field(ge=1)]] = Field([1], min_length=1, description="1 is the last row before, ...")
    recency: bool = Field(True, description="whether a column has the days since the last row before")


class Window(History):
    """Parameters of `window`."""

    days: list[Days | None] = Field(
        min_length=1, description="lengths of the windows, days or 30min, 2h; null for all before"
    )
    statistics: list[Statistic] = Field(["count", "mean"], min_length=1, description="a column each")
