"""How the process of a stage comes to be: in its environment, by exec or from the warm server, and dying with DVC."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from regrow import determinism, names, orphans, stated
from regrow.errors import RegrowError
from regrow.project import open_project
from regrow.tools import python
from regrow.warm import client

STARTED = "REGROW_PROCESS"  # the process that has replaced itself (exec keeps its number), or has been forked for this
WARM = "warm"


def enter_early(stage: str) -> None:
    """`enter` for `regrow stage STAGE` before anything else is imported; `enter` itself then does nothing.

    Says nothing of what is wrong: the command does.
    """
    try:
        project = open_project()
    except (RegrowError, OSError):
        return
    enter(project.path(names.fingerprint(stage)))
    os.environ[STARTED] = f"{WARM} {os.getpid()}"


def enter(fingerprint: Path | None, also: Iterable[str] = ()) -> None:
    """Go on in the environment of a stage: at once if this process is in it.

    Else the warm server does the command in this process's stead, or this process replaces itself.
    fingerprint: the stage's, which says whether the kernels are to be portable. also: further variables passed on.
    """
    mark = os.environ.pop(STARTED, "")
    if mark == f"{WARM} {os.getpid()}":
        return
    orphans.die_with_parent()
    if mark in {str(os.getpid()), f"child of {os.getppid()}"}:
        return
    portable = fingerprint is None or stated.is_portable(fingerprint)
    wanted = determinism.variables(os.environ, portable, also)
    code = client.hand_over(wanted)
    if code is not None:
        sys.exit(code)
    python.replace([sys.executable, *sys.orig_argv[1:]], wanted, STARTED)
