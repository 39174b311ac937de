"""Which stage runs when: what experiments share runs once, and no worker waits while there is something to do."""

import json
import queue
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.base.yaml_files import look_up
from regrow.record.commit_record import Entry, StageRecord
from regrow_history.sweep.prepared import Experiment

Key = str
Outs = Mapping[str, Entry]


class Seat(Protocol):
    """Where one stage after the other runs. notes: what regrow said of the last one."""

    notes: Sequence[str]

    def stop(self) -> None:
        """End what runs there, and let nothing begin any more."""


S = TypeVar("S", bound=Seat)


@dataclass
class Course:
    """An experiment on its way. known: path -> what is there of it by now. left: stages that have not run."""

    experiment: Experiment
    known: dict[str, Entry]
    left: list[StageRecord]
    failed: RegrowError | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing of it is left to do."""
        return not self.left or self.failed is not None


@dataclass
class Schedule(Generic[S]):
    """job: runs a stage in a seat. earlier: what it made before, if it did. results: of what has run, by key. ended: is
    told of each experiment that has, one after the other, in a thread. begins: is told of each stage. hear: is given
    what regrow said of one."""

    seats: Sequence[S]
    job: Callable[[S, StageRecord, Experiment, Outs], Outs]
    earlier: Callable[[StageRecord, Experiment, Outs], Outs | None]
    results: dict[Key, Outs]
    ended: Callable[[Course], None]
    begins: Callable[[StageRecord, Experiment], None] = lambda *_: None
    hear: Callable[[str], None] = lambda _: None
    running: dict[Key, Future[Outs]] = field(default_factory=dict)
    failures: dict[Key, RegrowError] = field(default_factory=dict)

    def run(self, courses: Iterable[Course], meanwhile: Callable[[], object] = lambda: None) -> None:
        """Run all to their end. What raises anything but RegrowError ends it. meanwhile: what the first end will need,
        and can be made before."""
        free: queue.Queue[S] = queue.Queue()
        for seat in self.seats:
            free.put(seat)
        left = list(courses)
        told: list[Future[object]] = []
        pool, teller = ThreadPoolExecutor(len(self.seats)), ThreadPoolExecutor(1)  # no seat waits for what is told
        told.append(teller.submit(meanwhile))
        try:
            while left:
                for course in left:
                    self._advance(course, pool, free)
                for course in [course for course in left if course.ended]:
                    left.remove(course)
                    told.append(teller.submit(self.ended, course))
                if left and not self.running:
                    raise RegrowError("needs what nothing makes", where=f"stage {left[0].left[0].name}")
                self._wait()
                for one in told:
                    if one.done():
                        one.result()
            for one in told:
                one.result()
        finally:
            for seat in self.seats:
                seat.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            teller.shutdown(wait=True, cancel_futures=True)

    def _advance(self, course: Course, pool: ThreadPoolExecutor, free: "queue.Queue[S]") -> None:
        """Take over what is there, and hand out what can begin: the first experiments first, so that they end early."""
        again = True
        while again and not course.ended:
            again = False
            for stage in list(course.left):
                if not all(dep.path in course.known for dep in stage.deps):
                    continue
                key = key_of(stage, course.experiment.settings, course.known)
                if key in self.failures:
                    course.failed = self.failures[key]
                    return
                if key in self.results:
                    course.known.update(self.results[key])
                    course.left.remove(stage)
                    again = True
                elif key not in self.running and len(self.running) < len(self.seats):
                    self.running[key] = pool.submit(self._one, free, stage, course.experiment, dict(course.known))

    def _one(self, free: "queue.Queue[S]", stage: StageRecord, experiment: Experiment, known: Outs) -> Outs:
        needs = {dep.path: known[dep.path] for dep in stage.deps}
        seat = free.get()
        try:
            if (found := self.earlier(stage, experiment, needs)) is not None:
                return found
            self.begins(stage, experiment)
            outs = self.job(seat, stage, experiment, needs)
            for note in seat.notes:
                self.hear(note)
            return outs
        finally:
            free.put(seat)

    def _wait(self) -> None:
        wait(self.running.values(), return_when=FIRST_COMPLETED)
        for key, future in [(key, future) for key, future in self.running.items() if future.done()]:
            del self.running[key]
            try:
                self.results[key] = future.result()
            except RegrowError as error:
                self.failures[key] = error


def key_of(stage: StageRecord, settings: Mapping[str, Any], known: Outs) -> Key:
    """What decides what a stage makes: its command, inputs by hash, settings; and where. Two with the same key make the
    same."""
    params = {
        file: {key: look_up(settings, key) for key in values} if file == layout.PARAMS else dict(values)
        for file, values in stage.params.items()
    }
    outs = [(out.path, out.in_git) for out in stage.outs]
    whole = [stage.name, stage.commands, [(dep.path, known[dep.path].md5) for dep in stage.deps], params, outs]
    return json.dumps(whole, sort_keys=True, default=str)
