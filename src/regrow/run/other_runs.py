"""Whether DVC works in a tree, and what killed ones left there, which is cleared away."""

import contextlib
import json
import os
from pathlib import Path

from regrow.base.errors import Exit, RegrowError
from regrow.base.one_at_a_time import command_of, only_one
from regrow.plugin.project import Project
from regrow.tools import stores

FIX = "wait until it has ended, or end it; then run this again"
GUARDED = 5.0  # seconds for DVC to write its list of who works here


def require(project: Project) -> None:
    """Raise RegrowError (exit code BUSY) if DVC itself is running something in this tree.

    What processes that were killed have left in DVC's list is removed: DVC takes a dead one that nobody has waited
    for, or another that has got its number, for alive, and a list that is written by half for an error.
    """
    file = project.path(".dvc/tmp/rwlock")
    if not file.is_file():
        return
    with only_one(project.path(".dvc/tmp/rwlock.lock"), "dvc", FIX, wait=GUARDED):
        holders = _holders(file)
        for pid, said in holders or ():
            if pid != os.getpid() and _lives(pid, said):
                wrong = f"DVC is running in this tree already: process {pid}{command_of(str(pid))}"
                raise RegrowError(wrong, where="regrow run", fix=FIX, code=Exit.BUSY)
        if holders != []:
            sweep(project)
        file.unlink(missing_ok=True)


def sweep(project: Project) -> None:
    """Remove what DVC leaves among its objects when it is killed, or the disk is full.

    In a cache of the project's own, where nobody is at work now; to one that is shared, others may be writing.
    """
    cache = stores.cache(project.root).folder
    if cache is None or not cache.resolve().is_relative_to(project.root.resolve()):
        return
    for part in (*cache.glob(".*.tmp"), *cache.glob("??/.*.tmp")):
        with contextlib.suppress(OSError):
            part.unlink()


def _holders(file: Path) -> list[tuple[int, str]] | None:
    """(process, its command as DVC saw it) of each holder; None where the list can't be read."""
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        readers = [one for some in held.get("read", {}).values() for one in some]
        return [
            (int(one["pid"]), str(one.get("cmd", ""))) for one in [*held.get("write", {}).values(), *readers] if one
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _lives(pid: int, said: str) -> bool:
    """Whether it is there, not dead and merely not waited for, and (where it can be told) has that last word."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # another user's
    proc = Path("/proc") / str(pid)
    try:
        state = (proc / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
        command = (proc / "cmdline").read_text(encoding="utf-8", errors="replace")
    except (OSError, IndexError):
        return True
    return state not in {"Z", "X"} and (not command or not said.split() or said.rsplit(maxsplit=1)[-1] in command)
