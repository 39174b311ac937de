"""`regrow run`: dvc repro for a result that is to be trusted, and the proof that it comes out twice."""

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from regrow import names, refusals
from regrow.cache_home import cache_home
from regrow.errors import Exit, RegrowError
from regrow.files import write_text
from regrow.locks import command_of, only_one
from regrow.project import Project
from regrow.replay.commit import Replay, Say, replay
from regrow.tools import dvc, git

BUSY_FIX = "wait until it has ended, or end it; then run this again"


def run(project: Project, arguments: Sequence[str], *, allow_dirty: bool = False) -> int:
    """Run `dvc repro *arguments` after the refusals. Returns the exit code: of the stage that failed where it has a
    meaning of its own, else DVC's.

    Raises RegrowError: another run in this tree (BUSY), packages other than locked (ENVIRONMENT), files that no commit
    holds (UNSAFE) unless `allow_dirty`, a stale compile, no room.
    """
    with only_one(project.path(names.RUNNING), "regrow run", BUSY_FIX):
        require_idle(project)
        refusals.require_environment(project)
        dirt = refusals.dirt(project)
        if dirt and not allow_dirty:
            raise RegrowError.of(dirt, Exit.UNSAFE)
        refusals.require_compiled(project)
        refusals.require_place(project)
        failed = project.path(names.FAILED)
        failed.unlink(missing_ok=True)
        code = dvc.run(["repro", *arguments], project.root)
        if code:
            require_idle(project)
            return int(failed.read_text(encoding="utf-8")) if failed.is_file() else code
        _mark(project, bool(dirt))
    return 0


def require_idle(project: Project) -> None:
    """Raise RegrowError (exit code BUSY) if DVC itself is running something in this tree."""
    file = project.path(".dvc/tmp/rwlock")
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    readers = [one for some in (held.get("read") or {}).values() for one in some]
    for holder in [*(held.get("write") or {}).values(), *readers]:
        pid = int(holder.get("pid", 0)) if isinstance(holder, dict) else 0
        if pid not in {0, os.getpid()} and _lives(pid):
            wrong = f"DVC is running in this tree already: process {pid}{command_of(str(pid))}"
            raise RegrowError(wrong, where="regrow run", fix=BUSY_FIX, code=Exit.BUSY)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _mark(project: Project, dirty: bool) -> None:
    """Keep what no commit holds as a patch beside the results, which marks them; or take an old mark away."""
    mark = project.path(names.NOT_REPLAYABLE)
    if not dirty:
        mark.unlink(missing_ok=True)
        return
    mark.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="snapshot-", dir=project.path(names.SCRATCH)) as folder:
        commit = git.snapshot(project.root, Path(folder))
        patch = git.patch(Path(folder), project.root, commit)
    write_text(mark, patch.decode("utf-8", "surrogateescape"))


def twice(project: Project, say: Say) -> Replay:
    """Run every stage of the tree as it is once more, in a clean place, and compare with what the last run recorded."""
    with tempfile.TemporaryDirectory(prefix="twice-", dir=cache_home()) as folder:
        copy = Path(folder) / (project.root.name or "project")
        commit = git.snapshot(project.root, copy)
        return replay(project.root, commit, env="current", say=say, repository=copy)
