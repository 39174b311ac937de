"""Parameters of the splitters."""

from typing import Annotated

from pydantic import Field

from regrow.plugin.schema import Strict


class Holdout(Strict):
    """Parameters of `holdout`."""

    test_size: Annotated[float, Field(gt=0, lt=1)] = Field(0.2, description="the share of rows held out")
    stratify: bool = Field(
        True, description="whether every fold has the shares of the classes, or of ranges of a number"
    )


class KFold(Strict):
    """Parameters of `k_fold`."""

    folds: Annotated[int, Field(ge=2, le=1000)] = Field(5, description="how many; each row is held out in one")
    stratify: bool = Field(
        True, description="whether every fold has the shares of the classes, or of ranges of a number"
    )
