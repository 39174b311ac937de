"""What a run asks while it goes on: Git and the warm server answer in threads."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from regrow.base.errors import Problem
from regrow.plugin.project import Project
from regrow.run import nothing_to_do, uncommitted
from regrow.tools.declared_paths import DeclaredPath
from regrow.warm import run_in_server
from regrow.warm.run_in_server import Compiled


class Beside:
    """Two questions that are waited for, by Git and by the warm server, so that what computes goes on meanwhile.

    Nothing of DVC's own runs in these threads: it is not safe for them. Nor does anything here write, but for
    `compile`, which begins only when `is_compiled` has been answered.
    """

    def __init__(self, project: Project, otherwise: str, declared: Sequence[DeclaredPath]) -> None:
        """otherwise: as in `uncommitted.problems`. declared: the paths that DVC's files declare."""
        self._project, self._pool = project, ThreadPoolExecutor(2)
        # The server first: it is the one that takes longest, and needs no other answer.
        self._compiled: Future[tuple[bool, Compiled | None]] = self._pool.submit(self._ask)
        self._uncommitted = self._pool.submit(uncommitted.problems, project, otherwise, declared)
        self._ahead: Future[Compiled | None] | None = None

    def __enter__(self) -> "Beside":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    @property
    def uncommitted(self) -> list[Problem]:
        """What no commit could hold."""
        return self._uncommitted.result()

    @property
    def is_compiled(self) -> bool:
        """Whether the last snapshot, or the warm server, says that all is compiled; a doubt is not looked into."""
        return self._compiled.result()[0]

    def compile(self, early: bool) -> None:
        """Let the server compile in place of DVC's first stage, if that is what comes next (`early`)."""
        self._ahead = self._pool.submit(self._compile, early)

    def compiled(self) -> Compiled | None:
        """What the server has found compiled, or has compiled."""
        return self._ahead.result() if self._ahead else None

    def _ask(self) -> tuple[bool, Compiled | None]:
        if nothing_to_do.same_environment(self._project.root):
            return True, None
        found = run_in_server.compiled(self._project)
        return bool(found), found

    def _compile(self, early: bool) -> Compiled | None:
        is_compiled, found = self._compiled.result()
        return found or (run_in_server.compile_early(self._project) if early and is_compiled else None)
