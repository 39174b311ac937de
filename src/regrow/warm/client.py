"""Hand a command over to the warm server, or start one and keep it while a run lasts."""

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from regrow.base import python
from regrow.base.errors import RegrowError
from regrow.warm import address, socket_cleanup

COLD = "REGROW_COLD"  # set: no command is handed over
LARGEST = 1 << 16
PATIENCE = 2.0  # seconds for a server that is ending
KEEP = 600  # seconds that an idle server stays with --keep-warm


def hand_over(environment: Mapping[str, str]) -> int | None:
    """Let the server run this process's command line in `environment`; its exit code.

    None where there is no server, or none that would do: then nothing has been run that counts.
    """
    return ask(environment, sys.argv, os.getcwd(), (0, 1, 2))  # noqa: PTH109 - a text for JSON


def ask(
    environment: Mapping[str, str],
    arguments: Sequence[str],
    folder: str,
    streams: Sequence[int],
    begun: Callable[[socket.socket], object] = lambda _: None,
    modules: Sequence[str] | None = None,
) -> int | None:
    """Let the server run a command line of regrow's in a folder, with open files as its streams; as `hand_over`.

    begun: is given the connection, whose shutdown ends the command. modules: its sys.path, by default this process's.
    """
    if os.environ.get(COLD) or not address.supported():
        return None
    request = {
        "do": "run",
        "key": address.key(environment),
        "arguments": list(arguments),
        "folder": folder,
        "environment": dict(environment),
        "modules": sys.path if modules is None else list(modules),
        "mask": mask(),
    }
    try:
        with address.connect(str(request["key"])) as server:
            begun(server)
            socket.send_fds(server, [json.dumps(request).encode()], list(streams))
            told = answer(server)
    except (OSError, RegrowError, ValueError):
        return None
    return int(told["code"]) if "code" in told else None


def answer(server: socket.socket) -> dict[str, Any]:
    """What a server says at the end of a command; {} if it ended without a word."""
    said = server.recv(LARGEST)
    told = json.loads(said) if said else {}
    return told if isinstance(told, dict) else {}


@cache
def mask() -> int:
    """The rights that this process's new files lack; asked once, as to ask is to change it for a moment."""
    found = os.umask(0o077)
    os.umask(found)
    return found


@dataclass(frozen=True)
class Terms:
    """What a server is wanted for. keep: it stays on for ten minutes after the last command. wants: the packages
    that the commands need, and the modules whose code they look at; None: unknown. compiles: whether the first of them
    compiles. jobs: how many run at once."""

    keep: bool = False
    wants: Iterable[str] | None = None
    compiles: bool = True
    jobs: int = 1

    def said(self) -> bytes:
        """As the server is told."""
        told = {"do": "lease", "keep": KEEP if self.keep else 0, "compiles": self.compiles, "jobs": self.jobs}
        wants = {} if self.wants is None else {"wants": sorted(self.wants)}
        return json.dumps(told | wants).encode()


@contextmanager
def kept(environment: Mapping[str, str], terms: Terms = Terms()) -> Iterator[str]:
    """A server for commands in `environment` is there while inside, started if need be; yields why not, else ""."""
    if os.environ.get(COLD):
        yield ""
        return
    if not address.supported():
        yield f"there are no warm stages on {sys.platform}, which lacks a safe fork"
        return
    lease, wrong = None, ""
    try:
        lease = _lease(address.key(environment), environment, terms.said())
    except (OSError, RegrowError) as error:
        wrong = f"no warm stages: {error}"
    try:
        yield wrong
    finally:
        if lease:
            lease.close()
            socket_cleanup.clear(address.key(environment))  # where the server was killed before it had one of its own


def _lease(name: str, environment: Mapping[str, str], said: bytes) -> socket.socket:
    """A connection that keeps the server going as long as it is open. Raises OSError."""
    give_up = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError):
            _start(name, environment)
        try:
            server = address.connect(name)
            server.send(said)
            return server
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.02)


def _start(name: str, environment: Mapping[str, str]) -> None:
    """Start a server unless there is one. Who connects while it starts is answered when it is ready.

    The lock is the server's from then on: the system takes it back however the server ends.
    """
    import fcntl  # not everywhere

    with (address.folder() / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        with address.listen(name) as listener, (address.folder() / f"{name}.log").open("wb") as log:
            numbers = [listener.fileno(), lock.fileno()]
            python.leave(["-P", "-m", "regrow.warm", name, "0", *map(str, numbers)], environment, numbers, log)
