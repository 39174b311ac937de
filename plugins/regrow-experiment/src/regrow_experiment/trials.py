"""Trials, each in a process of its own that is forked where the data are: told in order, whatever the workers."""

import json
import multiprocessing
import signal
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from joblib import parallel_config
from threadpoolctl import threadpool_limits

from regrow.base import die_with_parent

MEGABYTE = 1 << 20
LONGEST = 300  # characters of a reason
Work = Callable[[Any], "Outcome"]  # what a trial is to do -> what came of it
WAKES = 0.5  # seconds after which a search that waits looks whether it is to stop


@dataclass(frozen=True)
class Outcome:
    """What came of a trial: complete, pruned or failed. by_machine: whether a clock or the machine ended it, which a
    repetition must be told.

    scores, metrics: of each fold. cost: seconds to fit and to predict a thousand rows, and bytes of the model; these,
    seconds and cpu are no result. at: seconds of the whole search when it was known.
    """

    state: str
    scores: tuple[float, ...] = ()
    reason: str = ""
    by_machine: bool = False
    seconds: float = 0.0
    cpu: float = 0.0
    at: float = 0.0
    metrics: Mapping[str, Sequence[float]] = field(default_factory=dict)
    cost: Mapping[str, float] = field(default_factory=dict)


def failed(reason: str, by_machine: bool = False, **times: Any) -> Outcome:
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


_END = object()


@dataclass
class _Running:
    process: Any
    pipe: Connection
    began: float


class Trials:
    """Runs trials 0, 1, 2, ... and yields their outcomes in this order.

    prepare: of a number, what the trial is to do, when it begins. work: does it, in the child. stop: whether somebody
    wants the end. The first is waited for whatever the clock says. Closing the generator ends what is still running.
    """

    def __init__(
        self,
        prepare: Callable[[int], Any],
        work: Work,
        limits: Limits,
        workers: int,
        journal: Journal,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self.prepare = prepare
        self.work, self.limits, self.workers, self.journal, self.stop = work, limits, max(1, workers), journal, stop
        self.began = clock() - max((one.at for one in journal.known.values()), default=0.0)
        self.over = False  # whether the time was over before the trials
        self.stopped = False  # whether they were told to stop
        self._running: dict[int, Any] = {}

    def outcomes(self, numbers: Iterator[int | None], told: Mapping[int, Outcome]) -> Generator[tuple[int, Outcome]]:
        """(number, outcome) in order, until there are no more or the time is over.

        numbers: 0, 1, 2, ...; None: those so far are to be told before the next is asked for. told: outcomes that need
        no run.
        """
        done, asked, following, more, waits = {**self.journal.known, **told}, 0, 0, True, False
        try:
            while True:
                while more and not waits and len(self._running) < self.workers:
                    number = next(numbers, _END)
                    more, waits = number is not _END, number is None
                    if isinstance(number, int):
                        asked = number + 1
                        self._running |= {} if number in done else {number: self._start(number)}
                while following < asked and following in done:
                    yield following, done[following]
                    following += 1
                waits = waits and following < asked
                if not self._running and not more:
                    return
                if following and self._is_over():
                    return
                done |= self._ended()
        finally:
            for one in self._running.values():
                self._end(one)
            self._running.clear()
            self._close()

    def _is_over(self) -> bool:
        self.over, self.stopped = self._late(), self.stop()
        return self.over or self.stopped

    def _end(self, one: Any) -> None:
        _kill(one)

    def _close(self) -> None:
        """Once nothing runs any more."""

    def _late(self) -> bool:
        return self.limits.until is not None and self._spent() >= self.limits.until

    def _spent(self) -> float:
        return clock() - self.began

    def _start(self, number: int) -> Any:
        fork = multiprocessing.get_context("fork")
        ours, theirs = fork.Pipe(duplex=False)
        process = fork.Process(
            target=_child, args=(self.work, self.prepare(number), theirs, self.limits.memory_mb), daemon=True
        )
        process.start()
        theirs.close()
        return _Running(process, ours, clock())

    def _ended(self) -> dict[int, Outcome]:
        """Those that end next, or take too long; {} where the time is over before."""
        if not self._running:
            return {}
        ends = [one.began + self.limits.seconds for one in self._running.values() if self.limits.seconds]
        ends += [self.began + self.limits.until] if self.limits.until is not None else []
        patience = min(WAKES, max(0.0, min(ends) - clock()) + 0.01) if ends else WAKES
        ready = set(wait([one.pipe for one in self._running.values()], patience))
        found = {}
        for number, one in list(self._running.items()):
            late = self.limits.seconds is not None and clock() - one.began >= self.limits.seconds
            if one.pipe in ready or late:
                found[number] = self._outcome(one, one.pipe in ready)
                self.journal.add(number, found[number])
                del self._running[number]
        return found

    def _outcome(self, one: _Running, ended: bool) -> Outcome:
        times = {"seconds": clock() - one.began, "at": self._spent()}
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


def _child(work: Work, job: Any, pipe: Connection, memory_mb: int | None) -> None:
    """One trial; what it found goes through the pipe."""
    die_with_parent.die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asked for the trial decides
    if memory_mb:
        _limit_memory(memory_mb * MEGABYTE)
    with threadpool_limits(1):  # a pool of threads that the parent used is not there after the fork, and OpenMP crashes
        found = done(work, job)
    pipe.send({**asdict(found), "cpu": processor()})
    pipe.close()


def done(work: Work, job: Any) -> Outcome:
    """What came of a trial in this process, whatever it raises."""
    try:
        with warnings.catch_warnings(), parallel_config("threading", n_jobs=1):
            warnings.simplefilter("ignore")
            return work(job)
    except MemoryError as error:
        return failed(f"ran out of memory: {error}", by_machine=True)
    except Exception as error:
        return failed(f"{type(error).__name__}: {error}")


def _limit_memory(more: int) -> None:
    """Allow the process `more` bytes beyond those that it has."""
    import resource  # Windows has none

    status = Path("/proc/self/statm")  # Linux alone tells; elsewhere the limit is of the whole process
    pages = int(status.read_text(encoding="ascii").split()[0]) if status.exists() else 0
    most = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def processor() -> float:
    """Seconds of the processor that this process has had."""
    return time.process_time()  # regrow: harmless clock: what a trial costs is no result


def clock() -> float:
    """Seconds since some moment."""
    return time.monotonic()  # regrow: harmless clock: what it decides is a choice, kept in Git
