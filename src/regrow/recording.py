"""`regrow run`: dvc repro for a result that is to be trusted, and the proof that it comes out twice."""

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from regrow import declared_paths, gate, handing, names, refusals, serving, snapshot
from regrow.cache_home import cache_home, require_private
from regrow.errors import Exit, RegrowError
from regrow.files import write_text
from regrow.locks import command_of, only_one
from regrow.missing_data import require_data
from regrow.project import Project
from regrow.tools import dvc, git, stores

if TYPE_CHECKING:
    from regrow.replay.commit import Replay

Say = Callable[[str], None]
Asked = tuple[bool, handing.Compiled | None]  # whether all is compiled, what the server said
FORCE = frozenset({"--force", "-f", "--force-downstream"})
BUSY_FIX = "wait until it has ended, or end it; then run this again"
GUARDED = 5.0  # seconds for DVC to write its list of who works here


def run(
    project: Project,
    command: Sequence[str],
    *,
    jobs: int = 1,
    allow_dirty: bool = False,
    keep_warm: bool = False,
    say: Say = lambda _: None,
) -> int:
    """Run `dvc *command`, which reproduces, after the refusals; up to `jobs` stages at once.

    Returns the exit code: of the stage that failed where it has a meaning of its own, else DVC's.

    Raises RegrowError: another run in this tree (BUSY), packages other than locked (ENVIRONMENT), files that no commit
    holds (UNSAFE) unless `allow_dirty`, a stale compile, no room.
    """
    compiles = refusals.compile_runs(project)
    soon = compiles or keep_warm or not FORCE.isdisjoint(command) or "--set-param" in command
    early = compiles and list(command) == ["repro"]
    with ready(
        project,
        allow_dirty=allow_dirty,
        otherwise=refusals.ALLOW,
        keep_warm=keep_warm,
        soon=soon,
        early=early,
        jobs=jobs,
        meanwhile=dvc.prepare,
        say=say,
    ) as given:
        failed = project.path(names.FAILED)
        failed.unlink(missing_ok=True)
        code = dvc.run(command, project.root, jobs, given.execute, declared_paths.require_steps_inside)
        if code:
            require_idle(project)
            _sweep(project)
            return int(failed.read_text(encoding="utf-8")) if failed.is_file() else code
        _mark(project, given.dirty)
        snapshot.arm(project)
    return 0


@dataclass
class Ready:
    """What a run has. dirty: whether files are in no commit. start: makes the warm server be there. compiled: what the
    server says of that, if it is asked."""

    project: Project
    start: Callable[[], None]
    dirty: bool = False
    compiled: Callable[[], handing.Compiled | None] = lambda: None

    def execute(
        self, command: str, folder: str, variables: Mapping[str, str], begun: Callable[[Callable[[], None]], None]
    ) -> int | None:
        """Let the warm server run a command; it is started now if nothing seemed to be to do. As `handing.stage`.

        What it has just found compiled is not compiled again.
        """
        here = command == names.COMPILE_COMMAND and Path(folder) == self.project.root
        if here and (found := self.compiled()):
            sys.stderr.write(found.notes)
            if found.is_so_in(self.project):
                return 0
        self.start()
        return handing.stage(self.project, command, folder, variables, begun)


@contextmanager
def ready(
    project: Project,
    *,
    allow_dirty: bool = False,
    otherwise: str = "",
    keep_warm: bool = False,
    soon: bool = True,
    compiled: bool = True,
    early: bool = False,
    jobs: int = 1,
    meanwhile: Callable[[], object] = lambda: None,
    say: Say = lambda _: None,
) -> Iterator[Ready]:
    """What a run needs is there while inside: the tree for itself, and a warm server as soon as one is needed.

    soon: whether one is needed anyhow: the sooner it starts the better. compiled: whether to look for what is not.
    early: whether DVC is going to compile before all else, so that the server can begin. jobs: stages at once.
    meanwhile: what else takes a while. otherwise: what else than a commit would do for edits. Raises RegrowError as
    `run` does.
    """
    busy = only_one(project.path(names.RUNNING), "regrow run", BUSY_FIX)
    with busy, ExitStack() as stack, ThreadPoolExecutor(2) as beside:
        given = Ready(project, cache(lambda: stack.enter_context(_server(project, keep_warm, compiled, jobs, say))))
        if soon:
            given.start()
        _require_own(project)
        if compiled:
            require_data(project.root)
        asked = beside.submit(_compiled, project) if compiled else None
        looked = beside.submit(refusals.dirt, project, otherwise)  # it waits for Git, most of the time
        refusals.require_environment(project)
        dirt = looked.result()
        if dirt and not allow_dirty:
            raise RegrowError.of(dirt, Exit.UNSAFE)
        refusals.require_place(project)
        if asked:
            given.compiled = beside.submit(_ahead, project, asked, early).result
        meanwhile()
        if asked and not asked.result()[0]:
            refusals.require_compiled(project)
        given.dirty = bool(dirt)
        yield given


def _require_own(project: Project) -> None:
    """Raise RegrowError where somebody else works in this tree, or what is written would lie outside of it."""
    require_idle(project)
    require_private()
    declared_paths.require_inside(project.root)


@contextmanager
def _server(project: Project, keep: bool, compiles: bool, jobs: int, say: Say) -> Iterator[None]:
    """One for this project's stages, or a word why there is none."""
    with serving.served(project, keep=keep, compiles=compiles, jobs=jobs) as cold:
        if cold:
            say(cold)
        yield


def _compiled(project: Project) -> Asked:
    """Whether the last snapshot, or the warm server, says that all is compiled; a doubt is not looked into."""
    if gate.same_environment(project.root):
        return True, None
    found = handing.compiled(project)
    return bool(found), found


def _ahead(project: Project, asked: "Future[Asked]", early: bool) -> handing.Compiled | None:
    """What was found compiled, or is compiled now instead of as DVC's first stage."""
    is_compiled, found = asked.result()
    return found or (handing.compile_early(project) if early and is_compiled else None)


def require_idle(project: Project) -> None:
    """Raise RegrowError (exit code BUSY) if DVC itself is running something in this tree.

    What processes that were killed have left in DVC's list is removed: DVC takes a dead one that nobody has waited
    for, or another that has got its number, for alive, and a list that is written by half for an error.
    """
    file = project.path(".dvc/tmp/rwlock")
    if not file.is_file():
        return
    with only_one(project.path(".dvc/tmp/rwlock.lock"), "dvc", BUSY_FIX, wait=GUARDED):
        holders = _holders(file)
        for pid, said in holders or ():
            if pid != os.getpid() and _lives(pid, said):
                wrong = f"DVC is running in this tree already: process {pid}{command_of(str(pid))}"
                raise RegrowError(wrong, where="regrow run", fix=BUSY_FIX, code=Exit.BUSY)
        if holders != []:
            _sweep(project)
        file.unlink(missing_ok=True)


def _sweep(project: Project) -> None:
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
    return state not in {"Z", "X"} and (not command or not said.split() or said.split()[-1] in command)


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


def twice(project: Project, say: Say) -> "Replay":
    """Run every stage of the tree as it is once more, in a clean place, and compare with what the last run recorded."""
    from regrow.replay.commit import replay  # a plain run needs none of it

    with tempfile.TemporaryDirectory(prefix="twice-", dir=cache_home()) as folder:
        copy = Path(folder) / (project.root.name or "project")
        commit = git.snapshot(project.root, copy)
        return replay(project.root, commit, env="current", say=say, repository=copy)
