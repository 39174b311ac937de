"""governance/risk.yaml: what could happen, how bad, how likely, who owns it, and the check that stands against it."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from regrow import Strict
from regrow_govern.governance import Day
from regrow_govern.questions import QUESTIONS

Score = Annotated[int, Field(ge=1, le=5)]
#: from which product of severity and likelihood on a risk is of a tier; 1 is the highest
TIERS = ((1, 12), (2, 6), (3, 1))
GRAVE = 5  # a severity that makes the highest tier, however unlikely


class Mitigation(Strict):
    """What stands against a risk: exactly one name of something that exists and passes."""

    #: a rule of conf/gates
    gate: str | None = None
    #: the code of a finding, such as assumption.far
    check: str | None = None
    #: a line of governance/drill.json, or "replay"
    drill: str | None = None
    #: a stage of monitor/dvc.yaml
    monitor: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "Mitigation":
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("names exactly one of gate, check, drill, monitor")
        return self

    @property
    def kind(self) -> str:
        """Of what."""
        return next(iter(self.model_dump(exclude_none=True)))

    @property
    def name(self) -> str:
        """Which one."""
        return str(getattr(self, self.kind))

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def _as_list(value: object) -> object:
    return [] if value is None else [value] if isinstance(value, dict) else value


class Risk(Strict):
    """One risk. Fields that are null are not answered yet."""

    #: the question of the handbook, or what could happen
    question: str
    #: what happens, and what it costs: money, people affected, whether it can be undone
    answer: str | None = None
    #: 1, a nuisance, to 5, grave or not to be undone
    severity: Score | None = None
    #: 1, less than once in ten years, to 5, every week
    likelihood: Score | None = None
    owner: str | None = None
    mitigation: Annotated[list[Mitigation], BeforeValidator(_as_list)] = []
    #: what is left when the mitigation works
    residual: str | None = None
    #: the day until which it has to be looked at again
    review: Day | None = None

    @property
    def tier(self) -> int | None:
        """1 (the highest) to 3; None where severity or likelihood is not answered."""
        if self.severity is None or self.likelihood is None:
            return None
        if self.severity >= GRAVE:
            return 1
        return next(tier for tier, least in TIERS if self.severity * self.likelihood >= least)

    @property
    def unanswered(self) -> list[str]:
        """The fields that nobody has filled in."""
        fields = ("answer", "severity", "likelihood", "owner", "review")
        return [name for name in fields if getattr(self, name) in (None, "")] + (
            [] if self.mitigation else ["mitigation"]
        )


class Asked(Strict):
    """The four questions; each has to be there, as it is asked."""

    unavailable: Risk
    bad_prediction: Risk
    decay: Risk
    lost_skills: Risk

    @model_validator(mode="after")
    def _as_asked(self) -> "Asked":
        for name, question in QUESTIONS.items():
            if getattr(self, name).question != question:
                raise ValueError(f"{name}: the question was reworded; it can only be answered. It is: {question}")
        return self


class Register(Strict):
    """The file."""

    questions: Asked
    #: more of them, by name
    risks: dict[str, Risk] = {}

    def all(self) -> Iterator[tuple[str, Risk]]:
        """Every risk by name, the four questions first."""
        yield from ((name, getattr(self.questions, name)) for name in QUESTIONS)
        yield from self.risks.items()

    @property
    def tier(self) -> int:
        """The highest of all risks; 1 as long as one is not answered."""
        return min((one.tier or 1) for _, one in self.all())
