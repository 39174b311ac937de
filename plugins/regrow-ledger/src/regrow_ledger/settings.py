"""What may stand in conf/ledger, and the settings of the stage."""

from typing import Annotated

from pydantic import Field

from regrow import Data, Seed, Strict

Class = Annotated[str, Field(min_length=1, max_length=40)]


class FeatureLedger(Strict):
    """The settings group `ledger`."""

    repeats: int = Field(5, ge=1, le=100, description="how often each column is shuffled")
    rows: int = Field(2000, ge=16, description="held-out rows of a fold that are looked at, at most")
    privacy: dict[str, Class] = Field({}, description="column or pattern -> its privacy class; the first that fits")
    prices: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        {}, description="column or pattern -> what having it costs; the first that fits"
    )


class LedgerSettings(Strict):
    """The settings of the stage `feature_ledger`."""

    ledger: FeatureLedger
    data: Data
    seed: Seed
