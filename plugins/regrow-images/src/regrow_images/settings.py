"""What may stand in conf/ for pictures."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from regrow.plugin.schema import Strict
from regrow_data.reader_settings import relative_file


def _pattern(text: str) -> str:
    relative_file(text.replace("*", "a").replace("?", "a"))
    return text


class Files(Strict):
    """Parameters of the reader `files`."""

    files: Annotated[str, AfterValidator(_pattern)] = Field(
        description="a pattern in the raw data folder: pictures/**/*.png, or one file"
    )
    largest: int = Field(1 << 20, ge=1, description="bytes; a larger file is refused: the table holds it as text")


class Picture(Strict):
    """Parameters of `picture`."""

    column: str = Field("content", description="pictures as the reader `files` gives them: base64 text")
    width: int = Field(16, ge=1, le=512, description="pixels, after resizing")
    height: int = Field(16, ge=1, le=512, description="pixels, after resizing")
    colours: bool = Field(False, description="whether red, green and blue are told apart; else grey")
    model: str | None = Field(None, description="a name under data.lookups: an ONNX file read by `files`; null: pixels")
    mean: list[float] = Field([0.0], min_length=1, max_length=3, description="taken off each channel, of 0 to 1")
    scale: list[Annotated[float, Field(gt=0)]] = Field([1.0], min_length=1, max_length=3, description="and divided by")
    layout: Literal["channels_first", "channels_last"] = Field("channels_first", description="as the model takes them")
    drop: bool = Field(True, description="whether the picture itself goes")
