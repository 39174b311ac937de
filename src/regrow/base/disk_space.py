"""Whether results could be kept: looked at before compute is spent on them."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from regrow.base.errors import RegrowError

LEAST = 32 << 20  # bytes: what a run may need beyond its results


def require_room(places: Iterable[Path], needed: int = 0) -> None:
    """Raise RegrowError if a folder, or the nearest there is above it, can't be written to or is full.

    needed: bytes beside `LEAST`.
    """
    for place in (_there(one) for one in places):
        if not os.access(place, os.W_OK | os.X_OK):
            fix = "give yourself the right to write there; another cache: dvc cache dir --local FOLDER"
            raise RegrowError("can't be written to, so no result could be kept", where=str(place), fix=fix)
        free = shutil.disk_usage(place).free
        if free < needed + LEAST:
            wrong = f"has {free >> 20} MB left, and a run may need {(needed + LEAST) >> 20} MB"
            raise RegrowError(wrong, where=str(place), fix="make room; dvc gc --workspace removes unused results")


def _there(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if one.is_dir())
