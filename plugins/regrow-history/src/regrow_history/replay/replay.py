"""A commit, laid out in a clean place, run again stage by stage, and every output compared with what it recorded."""

import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from regrow import layout
from regrow.base.errors import Exit, Problem, RegrowError
from regrow.base.safe_path import safe_join
from regrow.environment import files, problems
from regrow.environment.records import here
from regrow.record.commit_record import Entry, Recorded, read_commit
from regrow.tools import git
from regrow_history.environment.build import locked
from regrow_history.environment.running import unlike_lock
from regrow_history.replay import stage as rerun
from regrow_history.replay.checkout import laid_out
from regrow_history.replay.inputs import Supplies
from regrow_history.replay.soundness import judged
from regrow_history.replay.stage import Interpreter, Ran, Task
from regrow_history.replay.undeclared import asked, touched

Say = Callable[[str], None]
T = TypeVar("T")
LOST = "the warm server of this replay ended early: the stages from there on started by themselves"
ROOM = 64 << 20  # bytes beyond what is recorded: logs, temporary files


@dataclass(frozen=True)
class Compared:
    """One output. recorded, replayed: md5, "" for absent. sha256: of what was replayed. by_machine: whether it differs
    because it was recorded on another machine."""

    stage: str
    path: str
    recorded: str
    replayed: str
    sha256: str = ""
    difference: str = ""
    cause: str = ""
    equivalent: bool = False
    by_machine: bool = False

    @property
    def identical(self) -> bool:
        """Whether the bytes are those that were recorded."""
        return bool(self.recorded) and self.recorded == self.replayed


@dataclass
class Replay:
    """What came of replaying a commit. problems: why it could not be replayed whole, or is no sound record.

    unproven: why its claims may not hold elsewhere, though all came out identical here. recorded: how many outputs the
    commit recorded, whether or not their stages were reached.
    """

    commit: str
    rows: list[Compared] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unproven: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    environment: str = ""
    failed: Exit = Exit.OK
    place: str = ""
    recorded: int = 0

    @property
    def total(self) -> int:
        """How many outputs there are to compare."""
        return max(self.recorded, len(self.rows))

    @property
    def code(self) -> Exit:
        """The exit code: the worst of what was found."""
        if self.failed:
            return self.failed
        different = [row for row in self.rows if not row.identical]
        if self.problems or any(not (row.equivalent or row.by_machine) for row in different):
            return Exit.MISMATCH
        if any(not row.equivalent and not row.path.startswith(f"{layout.HASHES}/") for row in different):
            return Exit.ENVIRONMENT  # on another machine, results may differ
        if different:
            return Exit.EQUIVALENT
        return Exit.NOT_PROVEN if self.unproven else Exit.OK


def replay(
    root: Path,
    revision: str,
    *,
    env: str = "locked",
    keep: bool = False,
    say: Say = lambda _: None,
    then: Callable[[Task, Replay], None] | None = None,
    repository: Path | None = None,
) -> Replay:
    """Replay a commit of the project at `root`, which stays as it is.

    env: "locked" rebuilds the commit's own environment, "current" takes this one. keep: leave the place it ran in.
    then: called at the end, while what was made is still there. repository: the one that holds the commit, if it is
    another.
    Raises RegrowError for no such commit (1), missing data (3), an environment that can't be built (4).
    """
    recorded = read_commit(repository or root, revision)
    _require_outputs(recorded)
    require_replayable(recorded)
    with laid_out(recorded, keep=keep) as tree:
        _require_room(recorded, tree)
        _require_inside(recorded, tree)
        with prepared(recorded, root, tree, env, say, edited=repository is None) as task:
            sound = _beside(judged, root, recorded) if repository is None else None
            outputs = sum(len(stage.outs) for stage in recorded.stages)
            result = Replay(recorded.commit, environment=told(task.interpreter), recorded=outputs)
            result.place = str(tree) if keep else ""
            result.unproven += asked(recorded)
            _run_all(task, result, sound, say)
            if sound and not sound.done():
                say("the record of the commit is still being checked")
            problems, unproven = sound.result() if sound else ([], [])  # no result without it
            result.problems[:0], result.unproven[:0] = problems, unproven
            result.notes += [f"{place} {wrong}" for place, wrong in task.supplies.odd.items()]
            if task.server and task.server.lost:
                result.notes.append(LOST)
            if then:
                then(task, result)
    return result


@contextmanager
def prepared(recorded: Recorded, root: Path, tree: Path, env: str, say: Say, *, edited: bool = True) -> Iterator[Task]:
    """What stages run with: their data, the environment, and a warm server of it for this replay alone.

    The server loads while data is fetched; but before an environment is built, which is said, data has to be there.
    """

    @cache
    def fetched() -> Supplies:
        say("data: fetched by hash")
        supplies = Supplies.of(recorded, root)
        supplies.deliver(recorded.inputs, tree)
        return supplies

    def hear(line: str) -> None:
        fetched()
        say(line)

    interpreter = choose_interpreter(recorded, env, hear, edited=edited)
    with rerun.served(tree, interpreter) as server:
        yield Task(recorded, fetched(), tree, interpreter, server)


def _beside(work: Callable[..., T], *given: object) -> Future[T]:
    """What it returns or raises, later. Nobody waits for it where all else has ended early: it changes nothing."""
    later: Future[T] = Future()

    def do() -> None:
        try:
            later.set_result(work(*given))
        except BaseException as error:
            later.set_exception(error)

    threading.Thread(target=do, daemon=True).start()
    return later


def require_replayable(recorded: Recorded) -> None:
    """Raise RegrowError (exit code UNSAFE) for a result that `regrow run --allow-dirty` marked."""
    if layout.NOT_REPLAYABLE in recorded.files:
        fix = "commit what it ran on, run again without --allow-dirty, and commit that"
        wrong = f"is marked as not replayable: it was made from changes that no commit held ({layout.NOT_REPLAYABLE})"
        raise RegrowError(wrong, where=f"commit {recorded.commit[:10]}", fix=fix, code=Exit.UNSAFE)


def _require_outputs(recorded: Recorded) -> None:
    """Raise RegrowError for a commit without any output to compare: 0 of 0 identical outputs prove nothing."""
    if not any(stage.outs for stage in recorded.stages):
        fix = "run the pipeline (regrow run) and commit dvc.lock with the rest"
        wrong = "recorded no output of any stage: there is nothing to compare"
        raise RegrowError(wrong, where=f"commit {recorded.commit[:10]}", fix=fix)


def told(interpreter: Interpreter) -> str:
    """The environment of a replay, in words."""
    if interpreter.name == "current":
        return "this one, as asked: not rebuilt from the commit's lock"
    if interpreter.here:
        return "this environment: it equals the commit's lock, and every file is as its package recorded"
    return (
        f"rebuilt from the commit's lock{f' in {interpreter.seconds:.0f} s' if interpreter.built else ', built before'}"
    )


def choose_interpreter(recorded: Recorded, env: str, say: Say, *, edited: bool = True) -> Interpreter:
    """The environment to run in. edited: whether to refuse this one if files of its packages were edited.

    Raises RegrowError (exit code ENVIRONMENT) for that, and if the commit's can't be built.
    """
    own = Interpreter(Path(sys.executable), Path(sys.executable).parent, "current", here=True)
    python, this = python_of(recorded), "{}.{}".format(*sys.version_info[:2])
    if env == "current":
        if this != python:
            fix = "replay it in its own environment (without --env current), or with that Python"
            raise RegrowError(f"the commit ran on Python {python}, and this is {this}", fix=fix, code=Exit.ENVIRONMENT)
        if edited and (found := files.differences(here(), say=say)):
            raise RegrowError.of(problems.edited(found), Exit.ENVIRONMENT)
        return own
    lock = recorded.bytes(layout.REQUIREMENTS)
    if lock is None:
        fix = "to replay in the environment that is here: --env current"
        where = f"commit {recorded.commit[:10]}"
        raise RegrowError(f"holds no {layout.REQUIREMENTS}", where=where, fix=fix, code=Exit.ENVIRONMENT)
    wheels = [path for path in recorded.files if re.fullmatch(rf"{layout.VENDOR}/[^/]+", path)]
    blobs = git.blobs(recorded.root, {recorded.files[path][1]: path for path in wheels})
    vendor = {Path(path).name: blobs[recorded.files[path][1]] for path in wheels}
    if not (unlike := unlike_lock(lock, vendor, python)):
        return replace(own, name="locked")
    say(f"this environment does not stand for the commit's: {unlike[0]}")
    made = locked(lock, vendor, python, progress=say)
    return Interpreter(made.python, made.bin, "locked", made.built, made.seconds)


def python_of(recorded: Recorded) -> str:
    """The Python, such as "3.11", that the fingerprints of a commit name; this one if none does."""
    for path in sorted(recorded.files):
        if path.startswith(f"{layout.FINGERPRINTS}/") and path.endswith(".lock"):
            found = re.search(r"(?m)^python (\d+\.\d+)$", recorded.text(path) or "")
            if found:
                return found[1]
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _require_room(recorded: Recorded, tree: Path) -> None:
    sizes = {e.path: max(e.size, 0) for stage in recorded.stages for e in (*stage.deps, *stage.outs)}
    needed, free = sum(sizes.values()) + ROOM, shutil.disk_usage(tree).free
    if free < needed:
        wrong = f"has {free >> 20} MB left, and the replay needs about {needed >> 20} MB"
        raise RegrowError(wrong, where=str(tree.parent.parent), fix="make room, or set REGROW_HOME to a larger disk")


def _require_inside(recorded: Recorded, tree: Path) -> None:
    """Raise RegrowError (exit code UNSAFE) for a path of the record that leads elsewhere, before anything runs."""
    for stage in recorded.stages:
        for entry in (*stage.deps, *stage.outs):
            safe_join(tree, entry.path, f"stage {stage.name}")


def _run_all(task: Task, result: Replay, sound: Future[Any] | None, say: Say) -> None:
    stages = task.recorded.stages
    for number, stage in enumerate(stages, 1):
        if sound and sound.done():
            sound.result()  # a record that can't be read is not run to its end
        say(f"stage {number}/{len(stages)} {stage.name}")
        ran = rerun.run(stage, task.tree, task.interpreter, place=task.place, server=task.server)
        result.seconds[stage.name] = ran.seconds
        if ran.wrong:
            result.problems.append(Problem(ran.wrong, f"stage {stage.name}"))
            result.failed = ran.exit
            return
        result.unproven += touched(task.tree, stage)
        rows = [_compared(ran, out) for out in stage.outs]
        different = {row.path for row in rows if not row.identical}
        reasons = _reasons(task, ran, different) if different else {}
        rows = [replace(row, **reasons.get(row.path, {})) for row in rows]
        read = {dep.path for dep in stage.deps} & {row.path for row in result.rows if row.by_machine}
        result.rows += [replace(row, by_machine=not row.identical and (row.by_machine or bool(read))) for row in rows]


def _reasons(task: Task, ran: Ran, different: set[str]) -> dict[str, dict[str, Any]]:
    from regrow_history.replay import mismatch  # it reads tables and models, which most replays never need

    return mismatch.explain(task, ran, different)


def _compared(ran: Ran, out: Entry) -> Compared:
    digest = ran.made.get(out.path)
    return Compared(ran.stage.name, out.path, out.md5, digest.md5 if digest else "", digest.sha256 if digest else "")


def as_json(result: Replay) -> dict[str, Any]:
    """The result as plain data."""
    return {
        "commit": result.commit,
        "exit_code": int(result.code),
        "environment": result.environment,
        "recorded": result.total,
        "outputs": [
            {
                "stage": row.stage,
                "path": row.path,
                "recorded": row.recorded,
                "replayed": row.replayed,
                "sha256": row.sha256,
                "identical": row.identical,
                "equivalent": row.identical or row.equivalent,
                "by_machine": row.by_machine,
                "difference": row.difference,
                "cause": row.cause,
            }
            for row in result.rows
        ],
        "seconds": {name: round(seconds, 3) for name, seconds in result.seconds.items()},
        "problems": [str(problem) for problem in result.problems],
        "unproven": [str(problem) for problem in result.unproven],
        "notes": result.notes,
    }
