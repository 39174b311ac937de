"""Parameters of the splitters."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool


class Holdout(BaseModel):
    """Parameters of `holdout`: `test_size` is the share of rows held out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    test_size: Annotated[float, Field(strict=True, gt=0, lt=1)] = 0.2
    stratify: StrictBool = True


class KFold(BaseModel):
    """Parameters of `k_fold`: every row is held out in exactly one of `folds` folds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folds: Annotated[int, Field(strict=True, ge=2, le=1000)] = 5
    stratify: StrictBool = True
