"""What takes long to make is made once for all workers of a session, by the first that needs it."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from regrow.base.one_at_a_time import only_one
from regrow.environment import variables
from regrow.warm import client

PATIENCE = 300.0  # seconds
# Set to a folder such as "apps": then all projects lie there, two folders below the top of their repository, beside
# another one. Every test has to pass so, too.
BELOW = os.environ.get("REGROW_TEST_BELOW", "")
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


def place(folder: Path) -> Path:
    """Where a project lies that is made in `folder`."""
    return folder / "top" / BELOW if BELOW else folder


def prepared(folder: Path) -> Path:
    """The same; a repository with another project is there already where it is not the top of its own."""
    if BELOW:
        other = place(folder) / "beside"
        (other / "conf").mkdir(parents=True)
        (other / "conf/config.yaml").write_text("seed: 7\n", encoding="utf-8")
        (other / "pyproject.toml").write_text("[tool.regrow]\n", encoding="utf-8")
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main", folder / "top"], check=True)
    return place(folder)


def copied(root: Path, folder: Path) -> Path:
    """Copy a project with its repository into `folder`, which is made; the project there."""
    top = next(folder for folder in (root, *root.parents) if (folder / ".git").exists()) if BELOW else root
    target = folder / top.name
    shutil.copytree(top, target, symlinks=True)
    return target / root.relative_to(top)


@contextmanager
def warm_server(shell: Mapping[str, str]) -> Iterator[None]:
    """A warm server is there for commands with these variables, among which REGROW_HOME."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("REGROW_HOME", shell["REGROW_HOME"])
        server = client.kept(variables.variables(shell, portable=True))
        wrong = server.__enter__()
    assert not wrong
    yield
    server.__exit__(None, None, None)
