"""What settings may say of this project's own components; checked before anything runs."""

from pydantic import BaseModel, ConfigDict, Field


class Circle(BaseModel):
    """column: a numeric column. period: after how much it starts again (24 for hours), in the column's own unit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str
    period: float = Field(gt=0)
