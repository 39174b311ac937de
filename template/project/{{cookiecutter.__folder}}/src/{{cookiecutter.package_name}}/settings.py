"""What settings may say of this project's own components; checked before anything runs."""

from pydantic import Field
from regrow import Columns, Reads, Strict


class Circle(Strict):
    """Parameters of `circle`."""

    column: str = Field(description="a numeric column")
    period: float = Field(gt=0, description="after how much it starts again (24 for hours), in the column's own unit")


def circle_columns(settings: Circle) -> Columns:
    """Which column it reads, and which it makes, so that a name that is not there is told before anything runs."""
    return Columns([Reads("column", [settings.column])], [f"{settings.column}_sin", f"{settings.column}_cos"])
