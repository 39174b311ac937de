"""Parameters of the splitters."""

from typing import Annotated

from pydantic import AfterValidator, Field

from regrow.plugin.schema import Strict


def _named(column: str) -> str:
    if not column.strip():
        raise ValueError("name a column of the table, for example -S split.column=signed_on")
    return column


ColumnName = Annotated[str, AfterValidator(_named)]


class Holdout(Strict):
    """Parameters of `holdout`."""

    test_size: Annotated[float, Field(gt=0, lt=1)] = Field(0.2, description="the share of rows held out")
    stratify: bool = Field(
        True, description="whether every fold has the shares of the classes, or of ranges of a number"
    )


class KFold(Strict):
    """Parameters of `k_fold`."""

    folds: Annotated[int, Field(ge=2, le=1000)] = Field(5, description="how many; each row is held out in one")
    repeats: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="how often rows are dealt out to folds anew; metrics are over the folds of all of them"
    )
    stratify: bool = Field(
        True, description="whether every fold has the shares of the classes, or of ranges of a number"
    )


class Time(Strict):
    """Parameters of `time`: the last rows by a column are held out."""

    column: ColumnName = Field(description="a date or a number by which rows are in order")
    test_size: Annotated[float, Field(gt=0, lt=1)] = Field(0.2, description="the share of rows held out")
    gap: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        0.0, description="rows less than this before those held out are left out: days, or the number's own unit"
    )


class Rolling(Strict):
    """Parameters of `rolling`: blocks by a column; each of the last `folds` is predicted from those before."""

    column: ColumnName = Field(description="a date or a number by which rows are in order")
    folds: Annotated[int, Field(ge=1, le=1000)] = Field(
        5, description="how many blocks are held out, one after another"
    )


class Group(Strict):
    """Parameters of `group`: rows of one value of a column are held out together; once, or each in one of `folds`."""

    column: ColumnName = Field(description="whose rows of one value stay on one side")
    folds: Annotated[int, Field(ge=2, le=1000)] | None = Field(
        None, description="how many; without it, some groups are held out once"
    )
    test_size: Annotated[float, Field(gt=0, le=0.5)] = Field(
        0.2, description="the share of rows held out, without folds"
    )
    stratify: bool = Field(
        False, description="whether the parts have the shares of the classes, as far as groups allow"
    )
