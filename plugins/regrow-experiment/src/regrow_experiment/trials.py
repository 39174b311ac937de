"""Trials, each in a process of its own that is forked where the data are: told in order, whatever the workers."""

import json
import multiprocessing
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from joblib import parallel_config

from regrow.base import die_with_parent

MEGABYTE = 1 << 20
LONGEST = 300  # characters of a reason
Work = Callable[[int], list[float]]  # a trial's number -> its scores, one a fold


@dataclass(frozen=True)
class Outcome:
    """What came of a trial. by_machine: whether a clock or the machine ended it, which a repetition must be told.

    seconds and cpu are no result; at: seconds of the whole search when it was known.
    """

    state: str
    scores: tuple[float, ...] = ()
    reason: str = ""
    by_machine: bool = False
    seconds: float = 0.0
    cpu: float = 0.0
    at: float = 0.0


def failed(reason: str, by_machine: bool = False, **times: float) -> Outcome:
    """An outcome without scores."""
    return Outcome("failed", (), " ".join(reason.split())[:LONGEST], by_machine, **times)


@dataclass(frozen=True)
class Limits:
    """Of one trial: seconds, MB; of all: the seconds at which none is waited for any more. None: no limit."""

    seconds: float | None = None
    memory_mb: int | None = None
    until: float | None = None


@dataclass
class Journal:
    """The outcomes so far in a file, one a line, so that a killed search goes on where it was. file: None for none."""

    file: Path | None
    known: dict[int, Outcome] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path | None, name: str) -> "Journal":
        """The journal of one search in a folder; the last line of a killed one may be cut."""
        if folder is None:
            return cls(None)
        file, known = folder / f"{name.replace(' ', '-')}.jsonl", dict[int, Outcome]()
        for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
            try:
                number, one = json.loads(line)
                known[int(number)] = Outcome(**{**one, "scores": tuple(one["scores"])})
            except (ValueError, TypeError, KeyError):
                break
        if file.exists():  # what was cut goes, or the next line would be written after it
            lines = [json.dumps([number, asdict(one)]) + "\n" for number, one in known.items()]
            file.write_text("".join(lines), encoding="utf-8")
        return cls(file, known)

    def add(self, number: int, outcome: Outcome) -> None:
        """Keep one."""
        if self.file:
            with self.file.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps([number, asdict(outcome)]) + "\n")


@dataclass
class _Running:
    process: Any
    pipe: Connection
    began: float


class Trials:
    """Runs trials 0, 1, 2, ... and yields their outcomes in this order.

    work: fits and scores, in the child. count: how many there are. told: outcomes that need no run.
    The first is waited for whatever the clock says. Closing the generator ends what is still running.
    """

    def __init__(self, work: Work, limits: Limits, workers: int, journal: Journal) -> None:
        self.work, self.limits, self.workers, self.journal = work, limits, max(1, workers), journal
        self.began = _clock() - max((one.at for one in journal.known.values()), default=0.0)
        self.over = False  # whether the time was over before the trials
        self._running: dict[int, _Running] = {}

    def outcomes(self, numbers: Iterator[int], told: Mapping[int, Outcome]) -> Generator[tuple[int, Outcome]]:
        """(number, outcome) in order, until there are no more or the time is over."""
        done, asked, following, more = {**self.journal.known, **told}, 0, 0, True
        try:
            while True:
                while more and len(self._running) < self.workers:
                    number = next(numbers, None)
                    more = number is not None
                    if number is not None:
                        asked = number + 1
                        self._running |= {} if number in done else {number: self._start(number)}
                while following < asked and following in done:
                    yield following, done[following]
                    following += 1
                if not self._running and not more:
                    return
                if following and self._late():
                    self.over = True
                    return
                done |= self._ended()
        finally:
            for one in self._running.values():
                _kill(one)
            self._running.clear()

    def _late(self) -> bool:
        return self.limits.until is not None and self._spent() >= self.limits.until

    def _spent(self) -> float:
        return _clock() - self.began

    def _start(self, number: int) -> _Running:
        fork = multiprocessing.get_context("fork")
        ours, theirs = fork.Pipe(duplex=False)
        process = fork.Process(target=_child, args=(self.work, number, theirs, self.limits.memory_mb), daemon=True)
        process.start()
        theirs.close()
        return _Running(process, ours, _clock())

    def _ended(self) -> dict[int, Outcome]:
        """Those that end next, or take too long; {} where the time is over before."""
        if not self._running:
            return {}
        ends = [one.began + self.limits.seconds for one in self._running.values() if self.limits.seconds]
        ends += [self.began + self.limits.until] if self.limits.until is not None else []
        patience = max(0.0, min(ends) - _clock()) + 0.01 if ends else None
        ready = set(wait([one.pipe for one in self._running.values()], patience))
        found = {}
        for number, one in list(self._running.items()):
            late = self.limits.seconds is not None and _clock() - one.began >= self.limits.seconds
            if one.pipe in ready or late:
                found[number] = self._outcome(one, one.pipe in ready)
                self.journal.add(number, found[number])
                del self._running[number]
        return found

    def _outcome(self, one: _Running, ended: bool) -> Outcome:
        times = {"seconds": _clock() - one.began, "at": self._spent()}
        if not ended:
            _kill(one)
            return failed(f"took longer than {self.limits.seconds:g} s", True, **times)
        try:
            outcome = Outcome(**{**one.pipe.recv(), **times})
        except EOFError:
            one.process.join()
            outcome = failed(f"its process ended with exit code {one.process.exitcode}", True, **times)
        _kill(one)
        return outcome


def _kill(one: _Running) -> None:
    one.process.kill()
    one.process.join()
    one.pipe.close()


def _child(work: Work, number: int, pipe: Connection, memory_mb: int | None) -> None:
    """One trial; what it found goes through the pipe."""
    die_with_parent.die_with_parent()
    if memory_mb:
        _limit_memory(memory_mb * MEGABYTE)
    try:
        with warnings.catch_warnings(), parallel_config("threading", n_jobs=1):
            warnings.simplefilter("ignore")
            found = Outcome("complete", tuple(work(number)))
    except MemoryError as error:
        found = failed(f"ran out of memory: {error}", by_machine=True)
    except Exception as error:
        found = failed(f"{type(error).__name__}: {error}")
    spent = time.process_time()  # regrow: harmless clock: a budget of CPU time is a choice
    pipe.send({**asdict(found), "cpu": spent})
    pipe.close()


def _limit_memory(more: int) -> None:
    """Allow the process `more` bytes beyond those that it has."""
    import resource  # Windows has none

    status = Path("/proc/self/statm")  # Linux alone tells; elsewhere the limit is of the whole process
    pages = int(status.read_text(encoding="ascii").split()[0]) if status.exists() else 0
    most = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _clock() -> float:
    return time.monotonic()  # regrow: harmless clock: what it decides is a choice, kept in Git
