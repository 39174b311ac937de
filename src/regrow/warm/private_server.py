"""A warm server of this process's own: it starts it, has the only line to it, and takes it along when it ends.

No file, no address: requests go over a pair of sockets that only the two hold. Each comes with a connection of its own,
whose end ends the command, and with the command's streams.
"""

import contextlib
import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from regrow.base import process
from regrow.warm import address, client

PROTOCOL = 1  # of what is said over a line; a regrow that speaks another, or none, is not asked
HELLO = b"regrow.warm %d" % PROTOCOL
PATIENCE = 60.0  # seconds until a server that has started says so


class ServerLostError(Exception):
    """A command was not run to its end."""


@dataclass
class PrivateServer:
    """environment: what the server was started in. greeted: whether it has said that it is there, None until it is
    asked. lost: whether it ended early."""

    server: process.Started
    socket: socket.socket
    environment: Mapping[str, str]
    greeted: bool | None = None
    lost: bool = False

    def run(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path) -> int | None:
        """Let the server run a command line of regrow's that prints to the end of `log`; its exit code.

        None from one that is none for `environment`, or has ended. Raises LostError if it ends meanwhile.
        """
        told = {name: value for name, value in environment.items() if name != client.COLD}
        if self.lost or not self._is_there() or address.lasting(told) != address.lasting(self.environment):
            return None
        asked = {"do": "run", "key": "", "arguments": list(arguments), "folder": str(folder), "environment": told}
        request = json.dumps(asked | {"mask": client.mask()}).encode()
        with log.open("ab") as said, open(os.devnull, "rb") as nothing:  # noqa: PTH123 - no path of ours
            code = self._ask(request, [nothing.fileno(), said.fileno(), said.fileno()])
        if code is None:
            self.lost = True
            raise ServerLostError
        return code

    def _is_there(self) -> bool:
        """Whether the server has begun, which is waited for; an older regrow's never does."""
        if self.greeted is None:
            said = b""
            for _ in range(2):  # of one that was killed, the system tells that first, and then what it had said
                with contextlib.suppress(OSError):
                    said = said or self.socket.recv(client.LARGEST)
            self.greeted = said == HELLO
        return self.greeted

    def _ask(self, request: bytes, streams: Sequence[int]) -> int | None:
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with here:
            try:
                with there:
                    socket.send_fds(self.socket, [request], [there.fileno(), *streams])
                told = client.answer(here)
            except (OSError, ValueError):
                return None
            except BaseException:  # Ctrl-C: what runs is over before its folder is removed
                here.shutdown(socket.SHUT_WR)
                here.settimeout(client.PATIENCE)
                with contextlib.suppress(OSError):
                    here.recv(client.LARGEST)
                raise
        return int(told["code"]) if "code" in told else None


@contextmanager
def started(
    python: Path, folder: Path, environment: Mapping[str, str], terms: client.Terms
) -> Iterator[PrivateServer | None]:
    """A server in `folder`, of the interpreter `python` and with this environment, is there while inside.

    None where there is none: then each command starts by itself, to the same bytes.
    """
    made = None if os.environ.get(client.COLD) or not address.supported() else _start(python, folder, environment)
    try:
        if made:
            with contextlib.suppress(OSError):  # it has ended already
                made.socket.send(terms.said())
        yield made
    finally:
        if made:
            made.socket.close()
            made.server.kill()  # there is nothing that it would have to tidy up
            made.server.wait()


def _start(python: Path, folder: Path, environment: Mapping[str, str]) -> PrivateServer | None:
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    here.settimeout(PATIENCE)
    with there:
        try:
            asked = [str(python), "-P", "-m", "regrow.warm", str(PROTOCOL), str(there.fileno())]
            server = process.start(asked, folder, environment, files=[there.fileno()])
        except OSError:
            here.close()
            return None
    return PrivateServer(server, here, environment)
