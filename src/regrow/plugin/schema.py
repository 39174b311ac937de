"""Models of the settings that several plugins read. Import it where settings are declared, not in a plugin.py."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

Task = Literal["binary", "multiclass", "regression"]
Seed = Annotated[int, Field(strict=True, ge=0)]


class Strict(BaseModel):
    """Unknown keys are errors, and so is a value of another type: "3" is no number, true is no 1."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Target(Strict):
    """`data.target`: what is to be predicted."""

    column: str = Field(min_length=1, description="the raw column")
    above: Annotated[float, Field(allow_inf_nan=False)] | None = Field(
        None, description="a bound that turns a numeric column into 0/1: value > above"
    )
    name: str | None = Field(None, min_length=1, description="what the target is called from ingest on")
    positive: StrictBool | StrictInt | StrictFloat | StrictStr | None = Field(
        None, description="the class that counts as 1 in a binary task; by default the last one, sorted"
    )
    rare: Literal["drop", "merge"] | None = Field(
        None, description="classes of fewer rows than `rare_below`: leave their rows out, or make one class `other`"
    )
    rare_below: Annotated[int, Field(ge=2)] = 10

    @property
    def final_name(self) -> str:
        """The target column's name in every table after ingest."""
        return self.name or self.column


class Data(Strict):
    """`data`, as far as most stages read it; one that owns a part of it adds fields, or `extra="allow"`."""

    task: Task
    target: Target
