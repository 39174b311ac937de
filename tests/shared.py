"""What takes long to make is made once for all workers of a session, by the first that needs it."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from regrow import determinism
from regrow.locks import only_one
from regrow.warm import client

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


@contextmanager
def warm_server(shell: Mapping[str, str]) -> Iterator[None]:
    """A warm server is there for commands with these variables, among which REGROW_HOME."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("REGROW_HOME", shell["REGROW_HOME"])
        server = client.kept(determinism.variables(shell, portable=True))
        wrong = server.__enter__()
    assert not wrong
    yield
    server.__exit__(None, None, None)
