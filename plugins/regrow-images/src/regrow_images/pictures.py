"""A picture as numbers: its pixels made small, or what an ONNX model says of them; one picture at a time and on one
thread, so that each comes out the same to the bit alone and among others."""

import base64
import binascii
import io
import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from regrow import Context, RegrowError
from regrow.plugin.kinds import Derive
from regrow_features.columns import added, require
from regrow_features.join import lookup_called
from regrow_images.settings import Picture

MOST_PIXELS = 50_000_000  # of a picture before it is made small
log = logging.getLogger("regrow")


def picture(settings: Picture, context: Context) -> Derive:
    """Adds `<column>_pixel_<n>` (0 to 1, row by row of the picture, less mean by scale), or `<column>_embedding_<n>`.

    Missing where a picture is, or can't be read; a warning counts those. Raises RegrowError for a model that is no ONNX
    file, or takes other pixels.
    """
    models: list[tuple[pd.DataFrame, Callable[[np.ndarray], np.ndarray]]] = []

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        require(table, [settings.column])
        if settings.model and (not models or models[0][0] is not lookups.get(settings.model)):
            models[:] = [(lookups.get(settings.model, table), _model(settings, lookups))]
        say = models[0][1] if settings.model else np.ravel
        codes, pictures = pd.factorize(table[settings.column])
        made = [None if (read := _pixels(str(one), settings)) is None else say(read) for one in pictures.tolist()]
        if unread := sum(one is None for one in made):
            log.warning("%s: %d of %d can't be read as pictures", settings.column, unread, len(made))
        rows = _rows(made, say, settings)[codes]
        names = [f"{settings.column}_{'embedding' if settings.model else 'pixel'}_{n}" for n in range(rows.shape[1])]
        new = pd.DataFrame(rows, index=table.index, columns=names)
        return added(table, new, drop=[settings.column] if settings.drop else ())

    return derive


def _rows(made: list[Any], say: Callable[[np.ndarray], np.ndarray], settings: Picture) -> np.ndarray:
    """(pictures + 1, columns): missing where there is None, and for the last, which -1 takes."""
    known = next((one for one in made if one is not None), None)
    if known is None:  # the same columns, whatever the pictures
        known = say(np.zeros(_shape(settings), dtype="float32"))
    gap = np.full(len(known), np.nan)
    return np.array([*(gap if one is None else one for one in made), gap], dtype="float64")


def _shape(settings: Picture) -> tuple[int, int, int]:
    return settings.height, settings.width, 3 if settings.colours else 1


def _pixels(text: str, settings: Picture) -> np.ndarray | None:
    """(height, width, channels) float32, or None for what is no picture."""
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True))) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            small = image.convert("RGB" if settings.colours else "L")
            small = small.resize((settings.width, settings.height), Image.Resampling.BOX)
            pixels = np.asarray(small, dtype="float32").reshape(_shape(settings)) / np.float32(255)
    except (OSError, ValueError, binascii.Error, Image.DecompressionBombError, SyntaxError):
        return None
    return (pixels - np.array(settings.mean, dtype="float32")) / np.array(settings.scale, dtype="float32")


def _model(settings: Picture, lookups: dict[str, pd.DataFrame]) -> Callable[[np.ndarray], np.ndarray]:
    """What the model makes of one picture: (columns,)."""
    lookup = lookup_called(str(settings.model), lookups)
    where = f"the lookup {settings.model}"
    require(lookup, ["content"], where)
    try:
        import onnxruntime
    except ImportError:
        fix = "pip install 'regrow-images[onnx]', or leave `model` out: then the pixels are taken"
        raise RegrowError("needs onnxruntime, which is not installed", where=where, fix=fix) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    try:
        content = base64.b64decode(lookup["content"].iloc[0], validate=True)
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # whatever it raises for a file that is none
        raise RegrowError(f"is no ONNX model: {str(error)[:200]}", where=where) from None
    name = session.get_inputs()[0].name

    def say(pixels: np.ndarray) -> np.ndarray:
        given = pixels.transpose(2, 0, 1) if settings.layout == "channels_first" else pixels
        try:
            return np.ravel(session.run(None, {name: np.ascontiguousarray(given[None])})[0])
        except Exception as error:  # of another shape, or another type
            fix = "see width, height, colours and layout"
            raise RegrowError(f"does not take such pixels: {str(error)[:200]}", where=where, fix=fix) from None

    return say
