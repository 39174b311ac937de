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


Columns = Annotated[str | list[str], AfterValidator(_selector)]


class Seen(Strict):
    """`data`, as far as the stage depends on it."""

    target: Target
    leaks: list[str] = []


class Derive(Strict):
    """`features`, as far as the stage depends on it; `features.steps` belongs to the stage `train`.

    leave_out: kinds of columns that ingest found to be no features as they are; `copy` is of another or of the target.
    """

    derive: dict[str, Annotated[Use, OfKind("derive")]] = {}
    exclude: list[str] = []
    leave_out: list[Literal["constant", "empty", "identifier", "free_text", "copy", "many_levels"]] = []


class Features(Strict):
    """The settings of the stage `features`."""

    features: Derive = Derive()
    data: Seen


class DateParts(Strict):
    """columns: a list, or `datetime` for all date columns there are. drop: whether the date itself goes."""

    columns: Annotated[str | list[str], AfterValidator(_dates)] = "datetime"
    parts: list[Literal[PARTS]] = Field(["year", "month", "day", "weekday", "hour"], min_length=1)  # type: ignore[valid-type]
    drop: bool = True


class ClockMinutes(Strict):
    """columns: whole numbers such as 1745. drop: whether the clock time itself goes."""

    columns: list[str] = Field(min_length=1)
    drop: bool = True


class Join(Strict):
    """A second table's columns: `table` is its name under data.lookups, `by` its key.

    by: the names of the key columns, or a mapping from the table's names to the lookup's. columns: which to take
    (default: all but the key). prefix: put before their names. duplicates: `first` takes the first row of a key that
    the lookup holds more than once, instead of refusing.
    """

    table: str
    by: list[str] | dict[str, str] = Field(min_length=1)
    columns: list[str] | None = Field(None, min_length=1)
    prefix: str = ""
    duplicates: Literal["refuse", "first"] = "refuse"


class Interaction(Strict):
    """left `operation` right, as a new column `name` (default: left_operation_right)."""

    left: str
    right: str
    operation: Literal["multiply", "divide", "add", "subtract"]
    name: str | None = Field(None, min_length=1)


class ImputeMedian(Strict):
    """indicator: also add a 0/1 column `missingindicator_<column>` for each column with missing training values."""

    columns: Columns = "numeric"
    indicator: bool = False


class ImputeConstant(Strict):
    """fill: the value that missing ones become."""

    columns: Columns = "categorical"
    fill: str | int | float = "missing"


class Categories(Strict):
    """min_frequency: rarer categories count as one (a count, or a share of the training rows below 1)."""

    columns: Columns = "categorical"
    min_frequency: Annotated[int, Field(ge=1)] | Annotated[float, Field(gt=0, lt=1)] | None = None
    max_categories: int | None = Field(None, ge=1)


class OneHot(Categories):
    """distinct: two columns that would get one name get two."""

    distinct: bool = False


class Ordinal(Categories):
    """As one_hot, but one column of numbers: 0, 1, ... in sorted order, -1 for unknown, -2 for missing."""


class Scale(Strict):
    """method: standard (mean 0, deviation 1), robust (median 0, quartile range 1) or minmax (0 to 1)."""

    columns: Columns = "numeric"
    method: Literal["standard", "robust", "minmax"] = "standard"
    clip: bool = False

    @model_validator(mode="after")
    def _clip_is_for_minmax(self) -> "Scale":
        if self.clip and self.method != "minmax":
            raise ValueError("clip belongs to `method: minmax`")
        return self


class EncodeTarget(Strict):
    """smooth: towards the mean of all rows, `auto` or a number of rows. folds: of the cross-fitting."""

    columns: Columns = "categorical"
    smooth: Literal["auto"] | Annotated[float, Field(ge=0)] = "auto"
    folds: int = Field(5, ge=2, le=100)


class Bin(Strict):
    """bins: how many. strategy: quantile (alike in rows), uniform (alike in width) or kmeans."""

    columns: Columns = "numeric"
    bins: int = Field(5, ge=2, le=1000)
    strategy: Literal["quantile", "uniform", "kmeans"] = "quantile"


class ImputeMode(Strict):
    """indicator: as in impute_median."""

    columns: Columns = "categorical"
    indicator: bool = False


class ImputeKnn(Strict):
    """neighbors: rows that a missing value is the mean of. indicator: as in impute_median."""

    columns: Columns = "numeric"
    neighbors: int = Field(5, ge=1)
    indicator: bool = False


class SelectVariance(Strict):
    """least: columns whose variance is not above it go; 0: constants."""

    columns: Columns = "numeric"
    least: float = Field(0.0, ge=0)


class SelectCorrelation(Strict):
    """most: columns that stay. They hold whole numbers or fractions, none missing."""

    columns: Columns = "all"
    most: int = Field(10, ge=1)


class SelectL1(Strict):
    """strength: of the penalty; more leaves fewer columns."""

    columns: Columns = "all"
    strength: float = Field(1.0, gt=0)


class SelectRecursive(SelectCorrelation):
    """As select_correlation."""


class Cyclic(Strict):
    """column: a number that begins anew after `period`: an hour (24), a weekday (7). drop: whether it goes itself."""

    column: str
    period: float = Field(gt=0, allow_inf_nan=False)
    drop: bool = False


class Elapsed(Strict):
    """Days from the date `start` to the date `end`, as the column `name` (default: days_from_START_to_END)."""

    start: str
    end: str
    name: str | None = Field(None, min_length=1)
