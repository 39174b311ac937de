"""A stage dies with DVC: what an orphan writes later must never be taken for a result."""

import ctypes
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "fish", "busybox"}
PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Kill this process when the one that started it ends, a shell between them not counted.

    Linux does it at once; elsewhere it takes up to half a second.
    """
    if os.name == "nt":
        return
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent or _dvc_is_gone():
            os.kill(os.getpid(), signal.SIGKILL)
        starter = _starter(parent)
        if starter != parent:
            threading.Thread(target=_follow, args=(starter,), daemon=True).start()
    else:
        threading.Thread(target=_poll, args=(parent,), daemon=True).start()


def _starter(parent: int) -> int:
    """The process that waits for us: `parent`, or its own parent where it is but a shell."""
    told = _status(parent)
    above = int(told.get("PPid", "0"))
    return above if told.get("Name") in SHELLS and above > 1 else parent


def _dvc_is_gone() -> bool:
    """Whether DVC started this process and is no more above it: killed before this one came to look.

    DVC writes its number into the tree before it starts a stage.
    """
    if "DVC_STAGE" not in os.environ:
        return False
    try:
        text = (Path(os.environ.get("DVC_ROOT", ".")) / ".dvc/tmp/rwlock").read_text(encoding="utf-8")
        writers = {int(one["pid"]) for one in json.loads(text)["write"].values() if one}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return bool(writers) and writers.isdisjoint(_above(os.getppid()))


def _above(pid: int) -> Iterator[int]:
    """A process, the one that started it, and so on."""
    while pid > 0:
        yield pid
        pid = int(_status(pid).get("PPid", "0"))


def _status(pid: int) -> dict[str, str]:
    """What Linux says of a process; {} if it is not there."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def _follow(pid: int) -> None:
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        handle = -1
    if handle >= 0:
        import select

        select.select([handle], [], [])
    os.kill(os.getpid(), signal.SIGKILL)


def _poll(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)
