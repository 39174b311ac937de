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
    """Parameters of `holdout`: `test_size` is the share of rows held out."""

    test_size: Annotated[float, Field(gt=0, lt=1)] = 0.2
    stratify: bool = True


class KFold(Strict):
    """Parameters of `k_fold`: every row is held out in exactly one of `folds` folds."""

    folds: Annotated[int, Field(ge=2, le=1000)] = 5
    stratify: bool = True


class Time(Strict):
    """Parameters of `time`: the last `test_size` of the rows by `column`, a date or a number, are held out; those less
    than `gap` before them (days, or the number's own unit) are left out."""

    column: ColumnName
    test_size: Annotated[float, Field(gt=0, lt=1)] = 0.2
    gap: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0


class Rolling(Strict):
    """Parameters of `rolling`: blocks by `column`; each of the last `folds` is predicted from those before."""

    column: ColumnName
    folds: Annotated[int, Field(ge=1, le=1000)] = 5


class Group(Strict):
    """Parameters of `group`: rows of one value of `column` are held out together; once, or each in one of `folds`."""

    column: ColumnName
    folds: Annotated[int, Field(ge=2, le=1000)] | None = None
    test_size: Annotated[float, Field(gt=0, le=0.5)] = 0.2
    stratify: bool = False
