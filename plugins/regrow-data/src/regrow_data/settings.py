"""The settings of the three stages, nested as in params.yaml; each model holds the keys its stage depends on."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from regrow import OfKind, Use

Task = Literal["binary", "multiclass", "regression"]
TypeName = Literal["integer", "number", "text", "boolean", "date"]
Seed = Annotated[int, Field(strict=True, ge=0)]


class Model(BaseModel):
    """A part of the settings: unknown keys are refused, and nothing can change it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnType(Model):
    """The type a column is to have; `format` (strptime's signs) is for dates that are not ISO 8601."""

    type: TypeName
    format: str | None = Field(None, min_length=1)

    def model_post_init(self, _context: Any) -> None:
        """Refuse a format where it could only be ignored."""
        if self.format and self.type != "date":
            raise ValueError(f"`format` goes with `type: date`, not with `type: {self.type}`")


def _short_form(value: Any) -> Any:
    return value if isinstance(value, ColumnType | Mapping) else {"type": value}


class Target(Model):
    """What is to be predicted.

    column: the raw column. above: a bound that turns a numeric column into 0/1 (value > above). name: what the target
    is called from then on. positive: the class that counts as 1 in a binary task (by default the last one, sorted).
    """

    column: str = Field(min_length=1)
    above: Annotated[float, Field(strict=True, allow_inf_nan=False)] | None = None
    name: str | None = Field(None, min_length=1)
    positive: StrictBool | StrictInt | StrictFloat | StrictStr | None = None

    @property
    def final_name(self) -> str:
        """The target column's name in every table after ingest."""
        return self.name or self.column


class IngestData(Model):
    """`data`, as far as ingest reads it. A key `lookup.column` in `types` means a column of that lookup."""

    task: Task
    reader: Annotated[Use, OfKind("reader")]
    types: dict[str, Annotated[ColumnType, BeforeValidator(_short_form)]] = Field(default_factory=dict)
    target: Target
    lookups: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")], Annotated[Use, OfKind("reader")]] = (
        Field(default_factory=dict)
    )

    def model_post_init(self, _context: Any) -> None:
        """`above` makes two classes, which only a binary task can take."""
        if self.target.above is not None and self.task != "binary":
            raise ValueError(f"`target.above` makes a binary target, but `task` is {self.task}; set `task: binary`")


class IngestSettings(Model):
    """Settings of the stage ingest."""

    data: IngestData


class ValidateData(Model):
    """`data`, as far as validate reads it."""

    assumptions: dict[str, Annotated[Use, OfKind("check")]] = Field(default_factory=dict)


class ValidateSettings(Model):
    """Settings of the stage validate."""

    data: ValidateData


class SplitData(Model):
    """`data`, as far as split reads it."""

    task: Task
    target: Target


class SplitSettings(Model):
    """Settings of the stage split."""

    seed: Seed
    split: Annotated[Use, OfKind("splitter")]
    data: SplitData
