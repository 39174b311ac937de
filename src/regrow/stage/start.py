"""How the process of a stage comes to be: in its environment, by exec or from the warm server, and dying with DVC."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from regrow import layout
from regrow.base import die_with_parent, python
from regrow.base.errors import RegrowError
from regrow.environment import variables
from regrow.fingerprint import read
from regrow.plugin.project import open_project
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
    enter(project.path(layout.fingerprint(stage)), hooks=project.pass_environment)
    os.environ[STARTED] = f"{WARM} {os.getpid()}"


def enter(fingerprint: Path | None, also: Iterable[str] = (), hooks: Iterable[str] | None = None) -> None:
    """Go on in the environment of a stage: at once if this process is in it.

    Else the warm server does the command in this process's stead, or this process replaces itself.
    fingerprint: the stage's, which says whether the kernels are to be portable. also: further variables passed on.
    hooks: patterns of those that the plugins' hooks get.
    """
    mark = os.environ.pop(STARTED, "")
    if mark == f"{WARM} {os.getpid()}":
        return
    die_with_parent.die_with_parent()
    if mark in {str(os.getpid()), f"child of {os.getppid()}"}:
        return
    portable = fingerprint is None or read.is_portable(fingerprint)
    wanted = variables.variables(os.environ, portable, also, hooks)
    code = client.hand_over(wanted)
    if code is not None:
        sys.exit(code)
    python.replace([sys.executable, *sys.orig_argv[1:]], wanted, STARTED)
