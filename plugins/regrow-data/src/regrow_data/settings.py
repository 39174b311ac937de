"""The settings of the three stages, nested as in params.yaml; each model holds the keys its stage depends on."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from regrow import OfKind, Use
from regrow.plugin.schema import Data, Seed, Strict

TypeName = Literal["integer", "number", "text", "boolean", "date"]
AskedType = Literal["integer", "number", "text", "boolean", "date", "time"]


class ColumnType(Strict):
    """The type a column is to have; `format` (strptime's signs) is for dates that are not ISO 8601, `decimal` for
    numbers whose decimal mark is not the file's."""

    type: AskedType = Field(description="what the column holds; a time becomes a number, minutes since midnight")
    format: str | None = Field(None, min_length=1, description="strptime's signs, for dates that are not ISO 8601")
    decimal: Literal[".", ","] | None = Field(None, description="the decimal mark, where it is not the file's")
    coerce: bool = Field(False, description="whether values that don't fit become missing, counted, and are no error")

    def model_post_init(self, _context: Any) -> None:
        """Refuse what could only be ignored."""
        if self.format and self.type != "date":
            raise ValueError(f"`format` goes with `type: date`, not with `type: {self.type}`")
        if self.decimal and self.type not in ("integer", "number"):
            raise ValueError(f"`decimal` goes with `type: number` or `integer`, not with `type: {self.type}`")


def _short_form(value: Any) -> Any:
    return value if isinstance(value, ColumnType | Mapping) else {"type": value}


class IngestData(Data):
    """`data`, as far as ingest reads it. A key `lookup.column` in `types` means a column of that lookup."""

    reader: Annotated[Use, OfKind("reader")] = Field(description="what reads the table")
    types: dict[
        str, Annotated[ColumnType, BeforeValidator(_short_form, json_schema_input_type=ColumnType | AskedType)]
    ] = Field(
        default_factory=dict, description="column (or lookup.column) -> its type, where the type found would be wrong"
    )
    lookups: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")], Annotated[Use, OfKind("reader")]] = (
        Field(default_factory=dict)
    )

    def model_post_init(self, _context: Any) -> None:
        """`above` makes two classes, which only a binary task can take."""
        if self.target.above is not None and self.task != "binary":
            raise ValueError(f"`target.above` makes a binary target, but `task` is {self.task}; set `task: binary`")


class Clean(Strict):
    """`clean`: which rows stay."""

    steps: dict[str, Annotated[Use, OfKind("cleaner")]] = Field(
        default_factory=dict, description="name -> what says which rows stay, in order"
    )


class IngestSettings(Strict):
    """Settings of the stage ingest."""

    data: IngestData
    clean: Clean = Clean()


class ValidateData(Strict):
    """`data`, as far as validate reads it."""

    assumptions: dict[str, Annotated[Use, OfKind("check")]] = Field(
        default_factory=dict, description="name -> a check of the table"
    )


class ValidateSettings(Strict):
    """Settings of the stage validate."""

    data: ValidateData


class SplitData(Data):
    """`data`, as far as split reads it."""

    leaks: list[str] = Field([], description="columns that are not known when a prediction is made")


class SplitSettings(Strict):
    """Settings of the stage split."""

    seed: Seed
    split: Annotated[Use, OfKind("splitter")]
    data: SplitData
