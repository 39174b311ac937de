"""What takes long to make is made once for all workers of a session, by the first that needs it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from regrow.locks import only_one

PATIENCE = 300.0  # seconds
# Under LC_ALL=C Python 3.11 can't read the .pth files of editable installs in a folder such as "ü".
C_LOCALE = "C" if __file__.isascii() else "C.UTF-8"


def once(factory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name`, filled by `make(folder)`; nobody may change what is in it."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # each worker has its own below this one
    folder = base / name
    with only_one(base / f"{name}.lock", "making a fixture", "wait", wait=PATIENCE):
        if not folder.exists():
            folder.mkdir()
            try:
                make(folder)
            except BaseException:
                shutil.rmtree(folder)
                raise
    return folder
