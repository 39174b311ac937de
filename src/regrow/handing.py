"""What a run lets the warm server do by itself, without processes that would only hand it over."""

import contextlib
import os
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from regrow import determinism, names
from regrow.project import Project
from regrow.warm import client

PROGRAMS = Path(sys.executable).parent


def stage(
    project: Project,
    command: str,
    folder: str,
    variables: Mapping[str, str],
    begun: Callable[[Callable[[], None]], None],
) -> int | None:
    """Let the server run the command of a stage, on this process's streams; its exit code.

    None without a server, or for a command that is not regrow's: then nothing was run. begun: is given what ends it.
    """
    portable, also = True, [determinism.EXPERIMENT]
    if command != names.COMPILE_COMMAND:
        name = command.removeprefix(names.STAGE_COMMAND)
        if name == command or not name.isidentifier() or Path(folder) != project.root:
            return None
        portable, also = determinism.is_portable(project.path(names.fingerprint(name))), []
    wanted = determinism.variables(variables, portable, also)

    def hear(server: socket.socket) -> None:
        begun(lambda: hang_up(server))

    return client.ask(wanted, _arguments(command), folder, (0, 1, 2), hear, _modules(project))


def is_compiled(project: Project) -> bool:
    """Whether the server says that all is compiled; no, too, where there is none."""
    variables = determinism.variables(os.environ, portable=True)
    with open(os.devnull, "r+b") as nothing:  # noqa: PTH123 - no path of ours
        streams = (nothing.fileno(),) * 3
        asked = _arguments("regrow compile --check")
        return client.ask(variables, asked, str(project.root), streams, modules=_modules(project)) == 0


def hang_up(server: socket.socket) -> None:
    """End a connection, and so what the server does for it."""
    with contextlib.suppress(OSError):
        server.shutdown(socket.SHUT_RDWR)


def _arguments(command: str) -> list[str]:
    return [str(PROGRAMS / "regrow"), *command.split()[1:]]


def _modules(project: Project) -> list[str]:
    """sys.path as the console script finds it, without what this process has put there."""
    apart = {"", str(Path.cwd()), str(PROGRAMS), str(project.path(names.SOURCE))}
    return [str(PROGRAMS), *(path for path in sys.path if path not in apart)]
