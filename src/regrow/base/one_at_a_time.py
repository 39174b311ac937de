"""One process at a time: a lock that the system takes back when its holder dies, however it dies."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zc.lockfile

from regrow.base.errors import Exit, RegrowError


@contextmanager
def only_one(file: Path, what: str, fix: str, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock `file` while inside; `what` is what is being done, in words.

    wait: seconds to wait for another holder. Raises RegrowError (exit code BUSY) that says who it is.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    give_up = time.monotonic() + wait
    while True:
        try:
            lock = zc.lockfile.LockFile(str(file))
            break
        except zc.lockfile.LockError:
            if time.monotonic() >= give_up:
                raise RegrowError(f"is going on already: {holder(file)}", where=what, fix=fix, code=Exit.BUSY) from None
            time.sleep(0.05)
    try:
        yield
    finally:
        lock.close()


def holder(file: Path) -> str:
    """Who holds a lock: "process 123 (its command), since 12:30:05"."""
    try:
        number = file.read_text(encoding="utf-8").strip()
        since = time.strftime("%H:%M:%S", time.localtime(file.stat().st_mtime))
    except OSError:
        return "another process"
    return f"process {number}{command_of(number)}, since {since}"


def command_of(pid: str) -> str:
    """A process's command line in brackets, after a blank; "" where the system does not tell."""
    try:
        words = Path(f"/proc/{int(pid)}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except (OSError, ValueError):
        return ""
    return f" ({' '.join(words).strip()[:120]})"
