"""What a run lets the warm server do by itself, without processes that would only hand it over."""

import contextlib
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from regrow import layout
from regrow.base.file_stamp import About, looked_at
from regrow.environment import variables as determinism
from regrow.fingerprint import read as stated
from regrow.plugin.project import Project
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
    portable, also, hooks = True, [determinism.EXPERIMENT], None
    if command != layout.COMPILE_COMMAND:
        name = command.removeprefix(layout.STAGE_COMMAND)
        if name == command or not name.isidentifier() or Path(folder) != project.root:
            return None
        portable, also = stated.is_portable(project.path(layout.fingerprint(name))), []
        hooks = project.pass_environment
    wanted = determinism.variables(variables, portable, also, hooks)

    def hear(server: socket.socket) -> None:
        begun(lambda: hang_up(server))

    return client.ask(wanted, _arguments(command), folder, (0, 1, 2), hear, _modules(project))


@dataclass(frozen=True)
class Compiled:
    """The server has found, or made, that all is compiled. notes: what it said. seen: what the system says of the
    files.

    Then the stage `compile` has nothing to do, as long as they stay.
    """

    notes: str
    seen: Mapping[str, About | None]

    def is_so_in(self, project: Project) -> bool:
        """Whether the files are as they were."""
        return self.seen == _seen(project)


def compiled(project: Project) -> Compiled | None:
    """Whether the server says that all is compiled; None, too, where there is none."""
    seen = _seen(project)
    code, notes = _compile(project, "regrow compile --check")
    return Compiled(notes, seen) if code == 0 else None


def compile_early(project: Project) -> Compiled | None:
    """Let the server do now what the stage `compile` is about to do; None where it can't: nothing is changed then."""
    before = _seen(project)
    code, notes = _compile(project, layout.COMPILE_COMMAND)
    after = _seen(project)
    read, same = (_without(_written(project), seen) for seen in (before, after))
    return Compiled(notes, after if read == same else {}) if code == 0 else None


def _compile(project: Project, command: str) -> tuple[int | None, str]:
    """Exit code, None without a server, and notes of a command that compiles."""
    variables = determinism.variables(os.environ, portable=True, also=[determinism.EXPERIMENT])
    try:
        with tempfile.TemporaryFile() as notes, open(os.devnull, "r+b") as nothing:  # noqa: PTH123 - no path of ours
            streams = (nothing.fileno(), nothing.fileno(), notes.fileno())
            asked = _arguments(command)
            code = client.ask(variables, asked, str(project.root), streams, modules=_modules(project))
            notes.seek(0)
            return code, notes.read().decode("utf-8", "replace")
    except OSError:
        return None, ""  # no room for notes


def _written(project: Project) -> tuple[str, str]:
    """Where what the compile stage writes begins."""
    return str(project.path(layout.PARAMS)), str(project.path(layout.FINGERPRINTS))


def _without(paths: tuple[str, ...], seen: Mapping[str, About | None]) -> dict[str, About | None]:
    return {path: about for path, about in seen.items() if not path.startswith(paths)}


def _seen(project: Project) -> dict[str, About | None]:
    """What the compile stage reads and writes in the project."""
    paths = [project.path(name) for name in (layout.PYPROJECT, layout.REQUIREMENTS, layout.DVC_YAML, layout.PARAMS)]
    for folder in (layout.CONF, layout.SOURCE, layout.FINGERPRINTS):
        paths += (path for path in project.path(folder).rglob("*") if "__pycache__" not in path.parts)
    return looked_at(paths)


def hang_up(server: socket.socket) -> None:
    """End a connection, and so what the server does for it."""
    with contextlib.suppress(OSError):
        server.shutdown(socket.SHUT_RDWR)


def _arguments(command: str) -> list[str]:
    return [str(PROGRAMS / "regrow"), *command.split()[1:]]


def _modules(project: Project) -> list[str]:
    """sys.path as the console script finds it, without what this process has put there."""
    apart = {"", str(Path.cwd()), str(PROGRAMS), str(project.path(layout.SOURCE))}
    return [str(PROGRAMS), *(path for path in sys.path if path not in apart)]
