"""What conf/readiness may say, and the settings of its analyses."""

from pydantic import Field, model_validator

from regrow import Columns, Reads, Strict
from regrow_govern.security.settings import Checks, Looking


class ReadinessSettings(Looking):
    """What the stage `readiness` sees."""

    readiness: Checks

    @model_validator(mode="after")
    def _fit(self) -> "ReadinessSettings":
        self.refuse_misfits("readiness", self.readiness)
        return self


class TuningSettings(Strict):
    """`tuning`: whether settings near by are better."""

    factor: float = Field(default=3.0, gt=1, description="each number is tried so much larger, and so much smaller")
    folds: int = Field(default=3, ge=2, le=10, description="of the training rows")
    rows: int = Field(default=5000, ge=100, description="training rows that are used")
    effect: float = Field(
        default=0.05, ge=0, lt=1, description="of what the model has over a guess: smaller gains are let be"
    )


class InclusionSettings(Strict):
    """`inclusion`: whether groups are served alike."""

    columns: list[str] | None = Field(
        default=None, description="columns of the table that say the group; null: its texts and truth values of at "
        "most 20 values",
    )  # fmt: skip
    at_most: float = Field(default=0.2, ge=0, description="the largest gap that is let be")
    least_rows: int = Field(default=20, ge=5, description="rows below which a group is not judged")


def groups(settings: InclusionSettings) -> Columns:
    """The columns that say the group."""
    return Columns([Reads("columns", settings.columns)] if settings.columns else [])
