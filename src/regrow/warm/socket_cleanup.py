"""Take away the socket of a server that was killed; one that ends by itself does that itself."""

import contextlib
import os

from regrow.base.errors import RegrowError
from regrow.warm import address

# It waits for the end of what it reads, and until the system has taken back the lock of who was killed. Who has it then
# is another server, whose socket it is. A shell, as a Python would take ten times the memory while the server lives.
WAIT = """exec 3<&0
{ read -r end; [ ! -e "$AT/$0" ] || { sleep 1; flock -n "$AT/$0.lock" rm -f "$AT/$0"; }; } <&3 3<&- >/dev/null 2>&1 &
"""


def post(name: str) -> int:
    """Have a process wait for the end of this one, however it comes; the file that tells it, to be kept open."""
    reading, kept = os.pipe()
    with contextlib.suppress(OSError, RegrowError):
        environment = {"AT": str(address.folder()), "PATH": os.environ.get("PATH", os.defpath)}
        actions = [(os.POSIX_SPAWN_DUP2, reading, 0)]
        asked = ["sh", "-c", WAIT, name]
        shell = os.posix_spawn("/bin/sh", asked, environment, file_actions=actions, setsid=True)
        os.waitpid(shell, 0)  # what waits is nobody's child then
    os.close(reading)
    return kept


def clear(name: str) -> None:
    """Remove the socket of that name unless a server holds the lock."""
    import fcntl  # not everywhere

    with contextlib.suppress(OSError, RegrowError), (address.folder() / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (address.folder() / name).unlink(missing_ok=True)
