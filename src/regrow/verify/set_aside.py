"""Corrupt objects are moved out of DVC's cache, where DVC would trust them, and kept as evidence."""

import os
import shutil
from pathlib import Path

from regrow import layout
from regrow.tools.stores import Cache

CORRUPT = f"{layout.SCRATCH}/corrupt"


def move(root: Path, cache: Cache, md5: str) -> tuple[str, str]:
    """(where it lies now, relative to the project; why it could not be moved): one of the two is ""."""
    source = cache.path(md5)
    if source is None:
        return "", "the cache is not on this machine"
    folder = root / CORRUPT
    try:
        if not os.access(source.parent, os.W_OK):  # before anything is made
            return "", "the cache can't be written to"
        folder.mkdir(parents=True, exist_ok=True)
        if not folder.resolve().is_relative_to(root.resolve()):
            return "", f"{CORRUPT} is a link that leads out of the project"
        number = 1
        while True:
            target = folder / f"{md5}-{number}"
            try:
                os.close(os.open(target, os.O_CREAT | os.O_EXCL))  # ours alone, also with two at work
                break
            except FileExistsError:
                number += 1
        try:
            os.replace(source, target)
        except OSError:  # another disk
            _copy_then_remove(source, target)
    except OSError as error:
        return "", error.strerror or str(error)
    return target.relative_to(root).as_posix(), ""


def _copy_then_remove(source: Path, target: Path) -> None:
    try:
        shutil.copy2(source, target)
        source.unlink()
    except OSError:
        target.unlink(missing_ok=True)
        raise
