"""Parameters of the splitters."""

from typing import Annotated

from pydantic import Field

from regrow.plugin.schema import Strict


class Holdout(Strict):
    """Parameters of `holdout`: `test_size` is the share of rows held out."""

    test_size: Annotated[float, Field(gt=0, lt=1)] = 0.2
    stratify: bool = True


class KFold(Strict):
    """Parameters of `k_fold`: every row is held out in exactly one of `folds` folds."""

    folds: Annotated[int, Field(ge=2, le=1000)] = 5
    stratify: bool = True
