"""Which stage runs when: what experiments share runs once, and no worker waits while there is something to do."""

import json
import queue
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from regrow import names
from regrow.errors import RegrowError
from regrow.recorded import Entry, StageRecord
from regrow.sweep.frozen import Experiment
from regrow.sweep.places import Place
from regrow.yaml_files import look_up

Key = str
Outs = Mapping[str, Entry]
Job = Callable[[Place, StageRecord, Experiment, Mapping[str, Entry]], Outs]


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
class Schedule:
    """job: runs a stage. results: of what has run, by key. ended: is told of each experiment that has."""

    places: Sequence[Place]
    job: Job
    results: dict[Key, Outs]
    ended: Callable[[Course], None]
    running: dict[Key, Future[Outs]] = field(default_factory=dict)
    failures: dict[Key, RegrowError] = field(default_factory=dict)

    def run(self, courses: Iterable[Course]) -> None:
        """Run all to their end. What raises anything but RegrowError ends it."""
        free: queue.Queue[Place] = queue.Queue()
        for place in self.places:
            free.put(place)
        left = list(courses)
        pool = ThreadPoolExecutor(len(self.places))
        try:
            while left:
                for course in left:
                    self._advance(course, pool, free)
                for course in [course for course in left if course.ended]:
                    left.remove(course)
                    self.ended(course)
                if left and not self.running:
                    raise RegrowError("needs what nothing makes", where=f"stage {left[0].left[0].name}")
                self._wait()
        finally:
            for place in self.places:
                place.stop()
            pool.shutdown(wait=True, cancel_futures=True)

    def _advance(self, course: Course, pool: ThreadPoolExecutor, free: "queue.Queue[Place]") -> None:
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
                elif key not in self.running and len(self.running) < len(self.places):
                    self.running[key] = pool.submit(self._one, free, stage, course.experiment, dict(course.known))

    def _one(self, free: "queue.Queue[Place]", stage: StageRecord, experiment: Experiment, known: Outs) -> Outs:
        place = free.get()
        try:
            return self.job(place, stage, experiment, {dep.path: known[dep.path] for dep in stage.deps})
        finally:
            free.put(place)

    def _wait(self) -> None:
        wait(self.running.values(), return_when=FIRST_COMPLETED)
        for key, future in [(key, future) for key, future in self.running.items() if future.done()]:
            del self.running[key]
            try:
                self.results[key] = future.result()
            except RegrowError as error:
                self.failures[key] = error


def key_of(stage: StageRecord, settings: Mapping[str, Any], known: Outs) -> Key:
    """What decides what a stage makes: its command, inputs by hash, settings. Two with the same key make the same."""
    params = {
        file: {key: look_up(settings, key) for key in values} if file == names.PARAMS else dict(values)
        for file, values in stage.params.items()
    }
    whole = [stage.name, stage.commands, [(dep.path, known[dep.path].md5) for dep in stage.deps], params]
    return json.dumps(whole, sort_keys=True, default=str)
