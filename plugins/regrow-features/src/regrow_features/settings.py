"""What may stand in conf/ for this plugin: the stage's settings and the parameters of its components."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from regrow import OfKind, Use
from regrow.plugin.components import nearest
from regrow.plugin.schema import Strict, Target

SELECTORS = ("numeric", "categorical", "boolean", "all")
PARTS = ("year", "quarter", "month", "week", "day", "weekday", "dayofyear", "hour", "minute", "weekend")


def _names(value: str | list[str], words: tuple[str, ...]) -> str | list[str]:
    if isinstance(value, str):
        if value not in words:
            raise ValueError(f"must be a list of columns ([{value}]) or a word; {nearest(value, list(words))}")
    elif not value or len(set(value)) < len(value):
        raise ValueError("must name at least one column, and none twice")
    return value


def _selector(value: str | list[str]) -> str | list[str]:
    return _names(value, SELECTORS)


def _dates(value: str | list[str]) -> str | list[str]:
    return _names(value, ("datetime",))


Columns = Annotated[
    str | list[str],
    Field(description="a list, or numeric, categorical (text), boolean or all: which those are is settled by fitting"),
    AfterValidator(_selector),
]


class Seen(Strict):
    """`data`, as far as the stage depends on it."""

    target: Target
    leaks: list[str] = Field(
        default=[], description="columns that are not known when a prediction is made: never features"
    )


class Derive(Strict):
    """`features`, as far as the stage depends on it; `features.steps` belongs to the stage `train`.

    leave_out: kinds of columns that ingest found to be no features as they are; `copy` is of another or of the target.
    """

    derive: dict[str, Annotated[Use, OfKind("derive")]] = Field(
        default={}, description="name -> a step that makes columns row by row, in order"
    )
    exclude: list[str] = Field(default=[], description="columns that are no features")
    leave_out: list[Literal["constant", "empty", "identifier", "free_text", "copy", "many_levels"]] = Field(
        default=[], description="kinds of columns that ingest found to be no features as they are"
    )


class Features(Strict):
    """The settings of the stage `features`."""

    features: Derive = Derive()
    data: Seen


class DateParts(Strict):
    """Parameters of `date_parts`."""

    columns: Annotated[str | list[str], AfterValidator(_dates)] = Field(
        "datetime", description="a list, or datetime for all date columns there are"
    )
    parts: list[Literal[PARTS]] = Field(  # type: ignore[valid-type]
        ["year", "month", "day", "weekday", "hour"], min_length=1, description="what becomes a column"
    )
    drop: bool = Field(True, description="whether the date itself goes")


class ClockMinutes(Strict):
    """Parameters of `clock_minutes`."""

    columns: list[str] = Field(min_length=1, description="whole numbers such as 1745")
    drop: bool = Field(True, description="whether the clock time itself goes")


class Join(Strict):
    """Parameters of `join`."""

    table: str = Field(description="a name under data.lookups")
    by: list[str] | dict[str, str] = Field(
        min_length=1, description="the key columns, or a mapping from the table's names to the lookup's"
    )
    columns: list[str] | None = Field(None, min_length=1, description="which to take; null for all but the key")
    prefix: str = Field("", description="put before their names")
    duplicates: Literal["refuse", "first"] = Field(
        "refuse", description="whether a key that the lookup holds more than once is refused, or its first row is taken"
    )


class Interaction(Strict):
    """Parameters of `interaction`."""

    left: str = Field(description="a numeric column")
    right: str = Field(description="a numeric column")
    operation: Literal["multiply", "divide", "add", "subtract"] = Field(description="left operation right")
    name: str | None = Field(None, min_length=1, description="of the new column; null for left_operation_right")


class ImputeMedian(Strict):
    """Parameters of `impute_median`."""

    columns: Columns = "numeric"
    indicator: bool = Field(
        False,
        description="also add a 0/1 column missingindicator_<column> for each column with missing training values",
    )


class ImputeConstant(Strict):
    """Parameters of `impute_constant`."""

    columns: Columns = "categorical"
    fill: str | int | float = Field("missing", description="what missing values become")


class Categories(Strict):
    """Which columns hold categories, and how many of these count."""

    columns: Columns = "categorical"
    min_frequency: Annotated[int, Field(ge=1)] | Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="rarer categories share one column: a count, or a share of the training rows below 1"
    )
    max_categories: int | None = Field(None, ge=1, description="the most columns, or numbers, for one column")


class OneHot(Categories):
    """Parameters of `one_hot`."""

    distinct: bool = Field(False, description="whether two columns that would get one name get two")


class Ordinal(Categories):
    """As one_hot, but one column of numbers: 0, 1, ... in sorted order, -1 for unknown, -2 for missing."""


class Scale(Strict):
    """Parameters of `scale`."""

    columns: Columns = "numeric"
    method: Literal["standard", "robust", "minmax"] = Field(
        "standard", description="standard: mean 0, deviation 1; robust: median 0, quartile range 1; minmax: 0 to 1"
    )
    clip: bool = Field(False, description="whether later values are cut to 0 and 1; for minmax")

    @model_validator(mode="after")
    def _clip_is_for_minmax(self) -> "Scale":
        if self.clip and self.method != "minmax":
            raise ValueError("clip belongs to `method: minmax`")
        return self


class EncodeTarget(Strict):
    """Parameters of `encode_target`."""

    columns: Columns = "categorical"
    smooth: Literal["auto"] | Annotated[float, Field(ge=0)] = Field(
        "auto", description="how many rows the mean of all rows counts for"
    )
    folds: int = Field(
        5, ge=2, le=100, description="of the cross-fitting: a training row's value is learnt from others"
    )


class Bin(Strict):
    """Parameters of `bin`."""

    columns: Columns = "numeric"
    bins: int = Field(5, ge=2, le=1000, description="how many")
    strategy: Literal["quantile", "uniform", "kmeans"] = Field(
        "quantile", description="alike in rows (quantile), alike in width (uniform), or by k-means"
    )


class ImputeMode(Strict):
    """Parameters of `impute_mode`."""

    columns: Columns = "categorical"
    indicator: bool = Field(False, description="whether a column says where values were missing")


class ImputeKnn(Strict):
    """Parameters of `impute_knn`."""

    columns: Columns = "numeric"
    neighbors: int = Field(5, ge=1, description="rows that a missing value is the mean of")
    indicator: bool = Field(False, description="whether a column says where values were missing")


class SelectVariance(Strict):
    """Parameters of `select_variance`."""

    columns: Columns = "numeric"
    least: float = Field(0.0, ge=0, description="columns whose variance is not above it go; 0: constants")


class SelectCorrelation(Strict):
    """Columns of numbers, none missing."""

    columns: Columns = "all"
    most: int = Field(10, ge=1, description="how many columns stay")


class SelectL1(Strict):
    """Parameters of `select_l1`."""

    columns: Columns = "all"
    strength: float = Field(1.0, gt=0, description="of the penalty; more leaves fewer columns")


class SelectRecursive(SelectCorrelation):
    """As select_correlation."""


class Cyclic(Strict):
    """Parameters of `cyclic`."""

    column: str = Field(description="a number that begins anew after `period`")
    period: float = Field(gt=0, allow_inf_nan=False, description="24 for an hour, 7 for a weekday")
    drop: bool = Field(False, description="whether the column itself goes")


class Elapsed(Strict):
    """Parameters of `elapsed`."""

    start: str = Field(description="the column of the date from which days are counted")
    end: str = Field(description="the column of the date to which they are counted")
    name: str | None = Field(None, min_length=1, description="of the new column; by default days_from_START_to_END")
