"""The settings of the stage profile."""

from typing import Annotated

from pydantic import Field

from regrow.plugin.schema import Data, Strict


class Profile(Strict):
    """`profile`."""

    columns: Annotated[int, Field(ge=0, le=500)] = Field(40, description="columns that get a figure")
    changed: Annotated[float, Field(gt=0)] = Field(
        0.2, description="population stability index from which on a column counts as changed"
    )


class ProfileData(Data):
    """`data`, as far as the stage reads it."""

    leaks: list[str] = Field([], description="columns that are not known when a prediction is made")


class ProfileSettings(Strict):
    """Settings of the stage profile."""

    profile: Profile
    data: ProfileData
