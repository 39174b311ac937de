"""What may stand in conf/ for holidays."""

from typing import Literal

from pydantic import Field

from regrow.plugin.schema import Strict


class Holidays(Strict):
    """Parameters of `holidays`."""

    column: str = Field(description="a date column; it stays")
    country: str = Field(min_length=2, description="by its ISO 3166 code: DE, US")
    part: str | None = Field(None, min_length=1, description="of the country, by its ISO 3166-2 code: BY, CA")
    add: list[Literal["holiday", "days_to", "days_since", "bridge"]] = Field(
        ["holiday", "days_to", "days_since"],
        min_length=1,
        description="bridge: a working day between a holiday and a weekend",
    )
    farthest: int = Field(30, ge=1, le=366, description="days; further ones count as so many")
