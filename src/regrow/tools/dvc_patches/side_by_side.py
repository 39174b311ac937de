"""DVC's stages side by side: those that need nothing of one another run at once, which DVC itself does not do.

What DVC does before and after a stage's command stays its own, and one stage's at a time; only the commands overlap.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from regrow.tools.dvc_patches.commands import Running

KEEP_GOING = {"keep-going", "ignore"}


class Turns:
    """DVC's state, and its lock of the project, are one thread's at a time."""

    def __init__(self, lock: Any) -> None:
        self._lock, self._turn = lock, threading.Lock()

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Nobody else is in DVC's code while inside."""
        with self._turn:
            if not self._lock.is_locked:
                self._lock.lock()
            try:
                yield
            finally:
                if self._lock.is_locked:
                    self._lock.unlock()

    @contextmanager
    def others(self) -> Iterator[None]:
        """Inside, within `mine`, others have their turns. DVC has let go of its lock already, and takes it again."""
        self._turn.release()
        try:
            yield
        finally:
            self._turn.acquire()


@dataclass
class Line:
    """The stages of one `dvc repro`. order: DVC's. graph: edges lead to what a stage needs. forced: those that run in
    any case."""

    order: list[Any]
    graph: Any
    one: Callable[[Any, bool], Any]
    on_error: str
    force_downstream: bool
    forced: set[Any]
    running: dict[Any, "Future[Any]"] = field(default_factory=dict)
    done: set[Any] = field(default_factory=set)
    failed: dict[Any, Exception] = field(default_factory=dict)
    skipped: set[Any] = field(default_factory=set)
    ran: dict[Any, Any] = field(default_factory=dict)

    def run(self, jobs: int) -> list[Any]:
        """Those that ran, in DVC's order. Raises ReproductionError as DVC does, when what runs has ended."""
        from dvc.repo.reproduce import _raise_error

        with ThreadPoolExecutor(jobs, thread_name_prefix="stage") as pool:
            while True:
                for stage in self._ready()[: jobs - len(self.running)]:
                    self.running[stage] = pool.submit(self.one, stage, stage in self.forced)
                if not self.running:
                    break
                wait(self.running.values(), return_when=FIRST_COMPLETED)
                for stage in [stage for stage, future in self.running.items() if future.done()]:
                    self._end(stage, self.running.pop(stage))
        failed = [stage for stage in self.order if stage in self.failed]
        if failed and self.on_error == "fail":
            for stage in failed[1:]:
                self._tell(stage)
            _raise_error(self.failed[failed[0]], failed[0])
        if failed and self.on_error == "keep-going":
            _raise_error(None, *failed)
        return [self.ran[stage] for stage in self.order if stage in self.ran]

    def _ready(self) -> list[Any]:
        """What can begin, in DVC's order; nothing after a failure that ends all."""
        if self.failed and self.on_error not in KEEP_GOING:
            return []
        over = self.done | self.failed.keys()
        here = set(self.order)
        left = [stage for stage in self.order if stage not in over | self.skipped | self.running.keys()]
        return [stage for stage in left if here.intersection(self.graph.successors(stage)) <= over]

    def _end(self, stage: Any, future: "Future[Any]") -> None:
        from dvc.repo.reproduce import handle_error

        error = future.exception()
        if isinstance(error, Exception):
            self.failed[stage] = error
            if self.on_error in KEEP_GOING:
                self.skipped |= handle_error(self.graph, self.on_error, error, stage)
            return
        made = future.result()
        self.done.add(stage)
        if made:
            self.ran[stage] = made
        if self.force_downstream and (made or stage in self.forced):
            self.forced |= set(self.graph.predecessors(stage))

    def _tell(self, stage: Any) -> None:
        from dvc.repo.reproduce import logger

        logger.error("%s", self.failed[stage])


@contextmanager
def at_once(jobs: int, running: Running) -> Iterator[None]:
    """Inside, what DVC reproduces in this process it reproduces with up to `jobs` commands at once.

    Ctrl-C ends the commands, which the terminal tells, too; DVC then says which stage failed, as it always does.
    """
    from dvc.repo import reproduce

    serial = reproduce._reproduce

    def several(stages: list[Any], graph: Any = None, **options: Any) -> list[Any]:
        if graph is None or len(stages) < 2 or options.get("dry") or options.get("interactive"):
            return serial(stages, graph=graph, **options)
        repo = stages[0].repo
        turns = Turns(repo.lock)
        with _commands_beside(turns), running.listening(), _same_order(stages):
            repo.lock.unlock()
            try:
                return _line(stages, graph, turns, **options).run(jobs)
            finally:
                repo.lock.lock()

    reproduce._reproduce = several
    try:
        yield
    finally:
        reproduce._reproduce = serial


def _line(
    stages: list[Any],
    graph: Any,
    turns: Turns,
    force_downstream: bool = False,
    on_error: str = "fail",
    force: bool = False,
    repro_fn: Callable[..., Any] | None = None,
    **options: Any,
) -> Line:
    """With the parameters of DVC's own loop over the stages."""
    from dvc.repo.reproduce import _reproduce_stage

    def one(stage: Any, forced: bool) -> Any:
        with turns.mine():
            upstream = list(graph.successors(stage))
            return (repro_fn or _reproduce_stage)(stage, upstream=upstream, force=forced, **options)

    return Line(stages, graph, one, on_error, force_downstream, set(stages) if force else set())


@contextmanager
def _commands_beside(turns: Turns) -> Iterator[None]:
    """Inside, others have their turns while the command of a stage runs."""
    from dvc.stage import run

    command = run._run

    def beside(*arguments: Any, **named: Any) -> None:
        with turns.others():
            command(*arguments, **named)

    run._run = beside
    try:
        yield
    finally:
        run._run = command


@contextmanager
def _same_order(stages: list[Any]) -> Iterator[None]:
    """What is new in dvc.lock stands afterwards where it would stand if the stages had run one by one."""
    before = {path: list(_recorded(path, stages)) for path in {_lock_file(stage) for stage in stages} if path}
    try:
        yield
    finally:
        for path, old in before.items():
            wanted = [stage.name for stage in stages if _lock_file(stage) == path]
            new = [name for name in wanted if name not in old]
            now = [name for name in _recorded(path, stages) if name not in old]
            if now != [name for name in new if name in now]:
                _move(path, stages[0].repo.fs, [name for name in new if name in now])


def _lock_file(stage: Any) -> str:
    return str(stage.dvcfile._lockfile.path) if getattr(stage, "name", None) else ""


def _recorded(path: str, stages: list[Any]) -> Mapping[str, Any]:
    from dvc.utils.serialize import load_yaml

    fs = stages[0].repo.fs
    return (load_yaml(path, fs=fs) or {}).get("stages") or {} if fs.exists(path) else {}


def _move(path: str, fs: Any, names: list[str]) -> None:
    from dvc.utils.serialize import modify_yaml

    with modify_yaml(path, fs=fs) as document:
        for name in names:
            document["stages"].move_to_end(name)
