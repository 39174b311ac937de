"""`regrow run`: dvc repro, warm, for a result that a commit can give again."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from regrow import layout
from regrow.base.atomic import write_text
from regrow.base.errors import Exit, Problem, RegrowError
from regrow.base.one_at_a_time import only_one
from regrow.environment import files as environment_files
from regrow.environment import records
from regrow.plugin.project import Project
from regrow.run import journal, nothing_to_do_snapshot, other_runs, preflight, refusals, uncommitted
from regrow.run.beside import Beside
from regrow.run.journal import Journal
from regrow.run.preflight import Objection
from regrow.tools import declared_paths, dvc, git
from regrow.warm import run_in_server, server_for_project

Say = Callable[[str], None]
FORCE = frozenset({"--force", "-f", "--force-downstream"})
GOING_ON = frozenset({"--keep-going", "-k", "--ignore-errors", "-i"})  # after a failure: then what ended well is wanted


def run(
    project: Project,
    command: Sequence[str],
    *,
    allow_dirty: bool = False,
    keep_warm: bool = False,
    say: Say = lambda _: None,
) -> int:
    """Run `dvc *command`, which reproduces, after the refusals.

    Returns the exit code: of the stage that failed where it has a meaning of its own, else DVC's.

    One that fails leaves the tree as it was, unless it is to go on after failures.
    Raises RegrowError: another run in this tree (BUSY), packages other than locked (ENVIRONMENT), files that no commit
    could hold (UNSAFE) unless `allow_dirty`, a stale compile, no room.
    """
    refusals.require_overrides(project, [one for flag, one in pairwise(command) if flag == "--set-param"])
    compiles = refusals.compile_runs(project)
    soon = compiles or keep_warm or not FORCE.isdisjoint(command) or "--set-param" in command
    edited = environment_files.begin(records.here(), say)  # before there are threads
    with own_tree(project, keep_warm=keep_warm, soon=soon, say=say) as given:
        with Beside(project, uncommitted.ALLOW, preflight.require_own(project)) as beside:
            found = preflight.preflight(project, edited, lambda: beside.uncommitted)
            if not allow_dirty:
                preflight.refuse(found, uncommitted.ALLOW)
            given.allow_dirty, given.objections, given.compiled = allow_dirty, found, beside.compiled
            early = compiles and list(command) == ["repro"]
            given.journal.copy(*_compiled_files(project) if early else ())
            beside.compile(early)
            dvc.prepare()  # while the server answers
            if not beside.is_compiled:
                refusals.require_compiled(project)
            code = _reproduce(given, command)
        if code == 0:
            _mark(project, given)
            nothing_to_do_snapshot.arm(project)
    return code


def _reproduce(given: "Ready", command: Sequence[str]) -> int:
    """Let DVC do it; the exit code. What it replaces is kept aside until it has ended well."""
    project, goes_on = given.project, not GOING_ON.isdisjoint(command)
    failed = project.path(layout.FAILED)
    failed.unlink(missing_ok=True)
    if command[0] == "exp":  # then DVC composes settings, and clears Git's index, before it runs anything
        given.journal.index()
        given.journal.copy(project.path(layout.PARAMS))
    look = declared_paths.require_steps_inside
    undo = given.undo if goes_on else lambda _: None
    code = dvc.run(command, project.root, given.execute, look, before=given.keep, failed=undo)
    if code == 0 or goes_on:
        given.journal.forget()
    if code:
        other_runs.require(project)
        other_runs.sweep(project)
    return int(failed.read_text(encoding="utf-8")) if code and failed.is_file() else code


@dataclass
class Ready:
    """What a run has, the tree being its own."""

    project: Project
    #: makes the warm server be there
    start: Callable[[], None]
    #: keeps what the run replaces
    journal: Journal
    #: whether objections mark the result, in place of refusing it
    allow_dirty: bool = False
    objections: Sequence[Objection] = ()
    #: what the server says of compiling, if it is asked
    compiled: Callable[[], run_in_server.Compiled | None] = lambda: None

    @property
    def odd(self) -> list[Problem]:
        """What no lock gives of the environment."""
        return [one.problem for one in self.objections if one.code == Exit.ENVIRONMENT]

    def execute(
        self, command: str, folder: str, variables: Mapping[str, str], begun: Callable[[Callable[[], None]], None]
    ) -> int | None:
        """Let the warm server run a command; it is started now if nothing seemed to be to do. As `run_in_server.stage`.

        What it has just found compiled is not compiled again.
        """
        here = command == layout.COMPILE_COMMAND and Path(folder) == self.project.root
        if here and (found := self.compiled()):
            sys.stderr.write(found.notes)
            if found.is_so_in(self.project):
                return 0
        if not here and (code := self._unlocked()):
            return code
        self.start()
        return run_in_server.stage(self.project, command, folder, variables, begun)

    def keep(self, replaced: dvc.Replaced) -> None:
        """Keep aside what a stage, and DVC, are about to replace."""
        if replaced.stage:
            self.journal.stage(replaced.stage)
        self.journal.copy(*replaced.records, *replaced.updated)
        self.journal.take(*replaced.deleted)

    def undo(self, replaced: dvc.Replaced) -> None:
        """Put back the outputs of a stage that failed."""
        self.journal.undo(*replaced.deleted, *replaced.updated)

    def _unlocked(self) -> int:
        """An exit code if what was just compiled stands on packages in no lock, as code that was edited may; else 0."""
        found = [] if self.odd else refusals.unlocked(self.project)
        if found and not self.allow_dirty:
            sys.stderr.write(f"regrow: {RegrowError.of(refusals.or_else(found, uncommitted.ALLOW))}\n")
            write_text(self.project.path(layout.FAILED), str(int(Exit.ENVIRONMENT)))
            return Exit.ENVIRONMENT
        self.objections = [*self.objections, *(Objection(problem, Exit.ENVIRONMENT) for problem in found)]
        return 0


@contextmanager
def own_tree(
    project: Project, *, keep_warm: bool = False, soon: bool = True, compiles: bool = True, say: Say = lambda _: None
) -> Iterator[Ready]:
    """The tree for itself while inside, and a warm server as soon as one is needed.

    soon: whether one is needed anyhow: the sooner it starts the better. compiles: whether it will be asked to compile.
    Raises RegrowError (exit code BUSY) if another run has the tree.
    """
    busy = only_one(project.path(layout.RUNNING), "regrow run", other_runs.FIX)
    with busy, journal.kept(project.root) as replaced, ExitStack() as stack:
        start = cache(lambda: stack.enter_context(_server(project, keep_warm, compiles, say)))
        given = Ready(project, start, replaced)
        if soon:
            given.start()
        yield given


@contextmanager
def _server(project: Project, keep: bool, compiles: bool, say: Say) -> Iterator[None]:
    """One for this project's stages, or a word why there is none."""
    with server_for_project.served(project, keep=keep, compiles=compiles) as cold:
        if cold:
            say(cold)
        yield


def _compiled_files(project: Project) -> list[Path]:
    """What the server changes where it compiles early."""
    return [project.path(layout.PARAMS), *project.path(layout.FINGERPRINTS).glob("*")]


def _mark(project: Project, given: Ready) -> None:
    """Keep what no commit could hold as a patch beside the results, which marks them; or take an old mark away."""
    mark = project.path(layout.NOT_REPLAYABLE)
    mark.unlink(missing_ok=True)
    if not given.objections:
        return
    unheld = [one.problem.where for one in given.objections if one.code == Exit.UNSAFE]
    with tempfile.TemporaryDirectory(prefix="snapshot-", dir=project.path(layout.SCRATCH)) as folder:
        commit = git.snapshot(project.root, Path(folder), also=unheld)
        patch = git.patch(Path(folder), project.root, commit)
    notes = "".join(f"# {line}\n" for problem in given.odd for line in f"{problem.where}: {problem.wrong}".splitlines())
    write_text(mark, notes + patch.decode("utf-8", "surrogateescape"))
