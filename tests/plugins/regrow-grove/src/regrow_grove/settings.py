"""Settings of the components and of the stage."""

from typing import Annotated

from pydantic import Field

from regrow import OfKind, Strict, Use
from regrow_data.check_settings import Assumption


class File(Strict):
    """Of the reader."""

    file: str


class Least(Assumption):
    """Of the check; says, owner and severity are what every assumption has."""

    min: int


class Nth(Strict):
    """Of the splitter."""

    nth: int = Field(ge=2)


class Column(Strict):
    """Of the derive step."""

    column: str


class Share(Strict):
    """Of the estimator: 0 answers the base rate, 1 what was learnt."""

    weight: float = Field(1.0, ge=0, le=1)


class Bins(Strict):
    """Of the metric."""

    bins: int = 10


class Grove(Strict):
    """What the stage chooses."""

    analysis: Annotated[Use, OfKind("analysis")]
    gate: Annotated[Use, OfKind("gate")]
    exporter: Annotated[Use, OfKind("exporter")]


class Settings(Strict):
    """Of the stage."""

    grove: Grove
