"""Where the warm server of this user and this environment listens, and what tells it from every other."""

import hashlib
import json
import os
import socket
import stat
import struct
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from regrow import __version__, layout
from regrow.base.errors import Exit, RegrowError
from regrow.base.user_cache import cache_home

# What may differ between two commands that one server runs: each child sets them anew.
PER_COMMAND = frozenset(
    {
        *("PATH", "DVC_STAGE", "DVC_ROOT", "DVC_EXP_NAME", "REGROW_TRACEBACK", "REGROW_HOME", "REGROW_PROCESS"),
        *(layout.FOR_HOOKS, layout.TOLD),
    }
)
_CREDENTIALS = struct.Struct("3i")  # process, user, group


def supported() -> bool:
    """Whether warm stages work here: they need fork, and sockets that say who is at the other end."""
    return sys.platform == "linux"


def key(environment: Mapping[str, str]) -> str:
    """The name of the server for commands with these variables: another Python or another environment, another name."""
    whole = [sys.prefix, sys.base_prefix, sys.version, __version__, lasting(environment)]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def lasting(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that a server's commands share: some of them are read once, when a process starts."""
    return {name: value for name, value in environment.items() if name not in PER_COMMAND}


def folder() -> Path:
    """The folder of the sockets, this user's alone. Raises RegrowError or OSError if it can't be."""
    found = cache_home() / "warm"
    found.mkdir(mode=0o700, exist_ok=True)
    about = found.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
        raise RegrowError("is not a folder of this user's", where=str(found), fix="remove it", code=Exit.UNSAFE)
    if stat.S_IMODE(about.st_mode) != 0o700:
        found.chmod(0o700)
    return found


@contextmanager
def address(name: str) -> Iterator[str]:
    """The path of a socket in `folder`, short enough for the system however long the folder's is."""
    opened = os.open(folder(), os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}/{name}"
    finally:
        os.close(opened)


def connect(name: str) -> socket.socket:
    """A connection to the server of that name. Raises OSError where there is none of this user's."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        with address(name) as path:
            made.connect(path)
        require_own(made)
    except BaseException:
        made.close()
        raise
    return made


def listen(name: str) -> socket.socket:
    """A socket that others may connect to from now on, before anyone answers."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with address(name) as path:
        Path(path).unlink(missing_ok=True)
        made.bind(path)
    made.listen(128)
    return made


def require_own(connection: socket.socket) -> int:
    """The process at the other end. Raises PermissionError if it is another user's."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, _ = _CREDENTIALS.unpack(told)
    if user != os.getuid():
        raise PermissionError(f"another user ({user}) is at the other end")
    return int(process)
