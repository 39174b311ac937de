"""A folder of files as rows: pictures, or the ONNX file of a model, as base64 text, so that a table, a request and a
bundle can hold them."""

import base64
from functools import partial
from pathlib import Path

import pandas as pd

from regrow import Context, RegrowError
from regrow.base.errors import Exit
from regrow.plugin.kinds import Reader
from regrow_images.settings import Files


def files(settings: Files, context: Context) -> Reader:
    """See `read`."""
    return partial(read, settings)


def read(settings: Files, folder: Path) -> pd.DataFrame:
    """`file` (path in the raw folder), `label` (the name of the folder it lies in) and `content` (base64), by path.

    Raises RegrowError where there is no such file, one is too large, or a link leads out of the folder.
    """
    found = sorted((path.relative_to(folder).as_posix(), path) for path in folder.glob(settings.files))
    rows = [(name, path) for name, path in found if path.is_file() and not path.name.startswith(".")]
    if not rows:
        fix = "a pattern in the raw data folder, such as pictures/**/*.png; `dvc pull` if DVC keeps them"
        raise RegrowError(f"no file fits {settings.files!r}", where="files", fix=fix, code=Exit.DATA_MISSING)
    made = [(name, path.parent.name, _content(path, name, folder, settings.largest)) for name, path in rows]
    return pd.DataFrame(made, columns=["file", "label", "content"]).astype("str")


def _content(path: Path, name: str, folder: Path, largest: int) -> str:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise RegrowError(f"{name!r} leads out of the raw data folder", where="files", code=Exit.UNSAFE)
    if (size := path.stat().st_size) > largest:
        fix = "make pictures smaller, or raise `largest`"
        raise RegrowError(f"{name!r} has {size:,} bytes, more than {largest:,}", where="files", fix=fix)
    return base64.b64encode(path.read_bytes()).decode()
