"""The workers of a cluster: who is there, and who can't take part and why."""

import importlib.metadata
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from regrow.base.errors import Exit, RegrowError
from regrow.sweep import same_environment
from regrow.sweep.poll import watching
from regrow.tools import dask

EVERY = 1.0  # seconds between two looks at who is there


class EndedError(Exception):
    """What ends the whole sweep, and not an experiment alone."""

    def __init__(self, error: RegrowError) -> None:
        self.error = error
        super().__init__(str(error))


@dataclass
class Crew:
    """needed: what `alike` compares. there: addresses. unfit: address -> why."""

    cluster: dask.Cluster
    needed: same_environment.Needed
    say: Callable[[str], None]
    there: set[str] = field(default_factory=set)
    unfit: dict[str, RegrowError] = field(default_factory=dict)
    waiting: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def fit(self) -> set[str]:
        """Those who are there and can take part."""
        with self.lock:
            return self.there - self.unfit.keys()

    def begin(self) -> None:
        """Look for the first time. Raises RegrowError (exit code ENVIRONMENT) if one can't take part."""
        if lines := self.cluster.versions(()).get(dask.SCHEDULER):
            raise same_environment.other("the scheduler", lines)
        self.there = set(self.cluster.workers())
        problems = [problem for error in self._odd(self.there).values() for problem in error.problems]
        if problems:
            raise RegrowError.of(problems, Exit.ENVIRONMENT)
        self._tell_if_none()

    def look(self) -> None:
        """Who has come, and who has gone? Raises LostError if the scheduler is gone."""
        with self.lock:
            now = set(self.cluster.workers())
            gone, come = self.there - now, now - self.there
            self.there = now
            for one in sorted(gone - self.unfit.keys()):
                self.say(f"worker {one} is gone; if it was running a stage, that runs again elsewhere")
            for one, error in self._odd(come).items():
                self._leave_out(one, error)
            self._tell_if_none()

    def refuse(self, one: str, error: RegrowError) -> None:
        """Leave a worker out from now on. Raises EndedError if there is no other."""
        with self.lock:
            if not self.fit - {one}:
                raise EndedError(error)
            self._leave_out(one, error)

    def watched(self) -> AbstractContextManager[None]:
        """Look again and again while inside."""
        return watching(EVERY, self._look)

    def _look(self) -> bool:
        try:
            self.look()
        except dask.LostError:
            return False  # whoever waits for a stage hears of it as well
        return True

    def _leave_out(self, one: str, error: RegrowError) -> None:
        if one not in self.unfit:
            self.unfit[one] = error
            self.say(f"left out: {error}")

    def _tell_if_none(self) -> None:
        if not self.fit and not self.waiting:
            self.say(f"no worker is there; waiting for one: dask worker {self.cluster.address}")
        if self.fit and self.waiting:
            self.say(f"a worker has come: {', '.join(sorted(self.fit))}")
        self.waiting = not self.fit

    def _odd(self, some: Iterable[str]) -> dict[str, RegrowError]:
        """Those who can't take part. Who has gone meanwhile is not among them."""
        asked = sorted(some)
        lines = self.cluster.versions(asked)
        known = self.cluster.everywhere(importlib.metadata.version, "regrow", workers=asked)
        lacking = {one for one, said in known.items() if isinstance(said, importlib.metadata.PackageNotFoundError)}
        able = [one for one in asked if one not in lacking]
        told = self.cluster.everywhere(same_environment.differences, self.needed, workers=able)
        found = {}
        for one in asked:
            said = ["regrow: not installed"] if one in lacking else told.get(one)
            if isinstance(said, Exception):
                said = [f"regrow: {type(said).__name__}: {said}"] if one in self.cluster.workers() else None
            if all_of := [*lines.get(one, ()), *(said or ())]:
                found[one] = same_environment.other(f"worker {one}", list(dict.fromkeys(all_of)))
        return found
