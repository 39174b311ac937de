"""What may stand in conf/serving, and the settings of the stage `bundle`."""

import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from regrow import OfKind, Use

Verdict = Literal["ok", "odd", "refused"]


class Strict(BaseModel):
    """Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Policy(Strict):
    """A verdict for each thing that may be new about a value; None: as for all columns."""

    missing: Verdict | None = Field(None, description="no value, in a column that always had one")
    range: Verdict | None = Field(None, description="beyond the numbers or dates of the training rows")
    level: Verdict | None = Field(None, description="a text that no training row has")


class Guard(Policy):
    """The same for all columns, and `columns` for single ones."""

    missing: Verdict = "refused"
    range: Verdict = "odd"
    level: Verdict = "odd"
    extra: Annotated[Verdict, Field(description="a column that the data did not have")] = "odd"
    columns: dict[str, Policy] = {}


class Lookup(Strict):
    """How old a lookup may get before answers that rest on it are odd or refused."""

    as_of: datetime.date | str = Field(description="the day up to which it knows things")
    days: int = Field(ge=0, description="its greatest age")
    stale: Literal["odd", "refused"] = "odd"

    @model_validator(mode="after")
    def _is_a_day(self) -> "Lookup":
        datetime.date.fromisoformat(str(self.as_of))
        return self


class Rule(Strict):
    """One rule of the fallback: its answer, where the column's value equals, is above or is below something."""

    column: str
    equals: bool | int | float | str | None = None
    above: float | None = None
    below: float | None = None
    prediction: bool | int | float | str

    @model_validator(mode="after")
    def _has_one_condition(self) -> "Rule":
        if [self.equals, self.above, self.below].count(None) != 2:
            raise ValueError("needs one of equals, above, below")
        return self


class Fallback(Strict):
    """The answer when the model has none. Without a rule that holds: the training rows' shares of classes, and the
    largest of them, or their median."""

    refusals: Annotated[bool, Field(description="whether rows that the guard refuses get it, too")] = False
    rules: list[Rule] = []


class Log(Strict):
    """What `regrow serve --log FOLDER` keeps of each row beside its answer."""

    inputs: Annotated[
        Literal["all", "sample", "none"], Field(description="of which rows the inputs are kept, to recompute answers")
    ] = "all"
    share: Annotated[float, Field(ge=0, le=1, description="of the requests, where inputs is sample")] = 0.1
    key: Annotated[str | None, Field(description="a column by which labels are joined; null: by the row's id")] = None
    privacy: Annotated[
        dict[str, str], Field(description="column or pattern -> its privacy class: {passenger_*: personal}")
    ] = {}
    drop: Annotated[list[str], Field(description="privacy classes of columns that are never written")] = ["personal"]


class Answers(Strict):
    """What is decided, and by what where there is no model."""

    fallback: Fallback = Fallback()
    threshold: Annotated[
        float | None,
        Field(gt=0, lt=1, description="the positive class's probability from which on a row is decided to be positive"),
    ] = None


class Serving(Answers):
    """The settings group `serving`."""

    guard: Guard = Guard()
    lookups: dict[str, Lookup] = {}
    log: Log = Log()


class Target(BaseModel):
    """The target, as far as scoring needs it."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    column: str
    name: str | None = None
    positive: bool | int | float | str | None = None


class Predicted(Strict):
    """What is predicted."""

    task: Literal["binary", "multiclass", "regression"]
    target: Target


class Data(Predicted):
    """`data`, as far as scoring depends on it. reader, types, assumptions: as the data plugin checks them."""

    leaks: list[str] = []
    reader: dict[str, Any] = {}
    types: dict[str, Any] = {}
    assumptions: dict[str, Any] = {}


class Derive(Strict):
    """`features`, as far as scoring depends on it."""

    derive: dict[str, Annotated[Use, OfKind("derive")]] = {}


class BundleSettings(Strict):
    """The settings of the stage `bundle`."""

    data: Data
    features: Derive = Derive()
    serving: Serving = Serving()


class FallbackSettings(Strict):
    """The settings of the stage `fallback`."""

    data: Predicted
    serving: Answers = Answers()
