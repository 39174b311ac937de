"""What conf/security may say, and the settings of each check."""

from typing import Annotated

from pydantic import Field, model_validator

from regrow import Columns, OfKind, Reads, Seed, Strict, Use
from regrow_evaluation.catalogue import TASKS
from regrow_evaluation.settings import Intervals, Key, Ranking, RankingSettings

Share = Annotated[float, Field(gt=0, lt=1)]


class Evaluation(Ranking):
    """Of the settings group `evaluation`: what says how good a model is, and how sure that is."""

    intervals: Intervals = Field(default_factory=Intervals, description="how sure each metric is")


class Checks(Strict):
    """The settings groups `security` and `readiness`."""

    checks: dict[Key, Annotated[Use, OfKind("analysis")]] = Field(
        default_factory=dict, description="name -> an analysis; what each finds is on the report and before the gates"
    )


class Looking(RankingSettings):
    """What both stages read."""

    evaluation: Evaluation
    seed: Seed

    def refuse_misfits(self, group: str, checks: Checks) -> None:
        """Raises ValueError for a check that is not for this task."""
        for key, use in checks.checks.items():
            if self.data.task not in (use.component.tasks or TASKS):
                fit = " or ".join(use.component.tasks)
                raise ValueError(f"{group}.checks.{key}: {use.name} is for {fit}, but data.task is {self.data.task}")


class SecuritySettings(Looking):
    """What the stage `security` sees."""

    security: Checks

    @model_validator(mode="after")
    def _fit(self) -> "SecuritySettings":
        self.refuse_misfits("security", self.security)
        return self


class FlipsSettings(Strict):
    """`flips`: labels that are wrong."""

    shares: list[Share] = Field(default=[0.01, 0.03, 0.05], min_length=1, description="of the training labels")
    repeats: int = Field(default=3, ge=1, le=50, description="how often other labels are drawn for each share")
    at_most: float = Field(
        default=0.25, gt=0, description="the part of what the model has over a guess that the largest share may cost"
    )


class SourcesSettings(Strict):
    """`sources`: what one source of the data does to the model."""

    by: str | None = Field(
        default=None, description="a column of the table that says where a row comes from; null: the text column of "
        "the features with the fewest values, else five stretches of rows in their order",
    )  # fmt: skip
    most: int = Field(default=10, ge=2, le=100, description="sources that are looked at: the largest")
    least_rows: int = Field(default=30, ge=10, description="training rows below which a source is not judged")
    effect: float = Field(default=0.1, gt=0, description="of the target's standard deviation: smaller gaps are let be")


class EvasionSettings(Strict):
    """`evasion`: what it takes to get another answer."""

    changeable: list[str] = Field(
        default=[], description="features that who is judged can change at will; none are unless they stand here"
    )
    rows: int = Field(default=200, ge=20, le=20_000, description="held-out rows that are tried")
    step: float = Field(
        default=0.5, gt=0, description="one plausible step of a number, in standard deviations of the training rows; "
        "another text is one step, too",
    )  # fmt: skip
    at_most: Share = Field(default=0.2, description="the share of rows that one step may turn")


class MembershipSettings(Strict):
    """`membership`: whether the loss of a row tells that the model learnt from it."""

    at_most: float = Field(default=0.55, gt=0.5, lt=1, description="the AUC of the attack that is let be")
    rows: int = Field(default=5000, ge=50, description="rows of each kind that are looked at")


class ExtractionSettings(Strict):
    """`extraction`: how many questions it takes to copy the model."""

    budgets: list[int] = Field(default=[100, 300, 1000, 3000], min_length=1, description="questions, fewest first")
    agreement: Share = Field(default=0.95, description="of the answers: from here on the model counts as copied")
    repeats: int = Field(default=3, ge=1, le=20, description="attackers, each with questions of its own")
    least: int = Field(default=1000, ge=1, description="fewer questions than this must not be enough")


def by(settings: SourcesSettings) -> Columns:
    """The column that says the source."""
    return Columns([Reads("by", [settings.by])] if settings.by else [])
