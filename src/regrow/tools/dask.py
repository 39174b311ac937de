"""A Dask cluster, joined for a while: who works there, and single calls carried out there. Dask is imported when asked.

A call is a function by its name and plain data: no code travels but Dask's own.
"""

import contextlib
import logging
import re
import threading
import uuid
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from regrow.base.errors import Exit, RegrowError

FORM = re.compile(r"dask://(\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]]+):(\d{1,5})/?")
PATIENCE = 10  # seconds for a scheduler to answer
T = TypeVar("T")
UNKNOWN = "unknown"
SCHEDULER, PYTHON = "scheduler", "Python"
GOODBYE = 2  # seconds for taking leave of it
SAME = ("dask", "distributed")  # whose versions have to be the same everywhere


class LostError(Exception):
    """The scheduler is gone, or somebody has cancelled what was asked of it."""


class DiedError(Exception):
    """Worker after worker died while it had the call, which need not have begun. worker: the last of them."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        super().__init__(worker)


def address(text: str) -> str:
    """What Dask calls the scheduler at `dask://HOST:PORT`. Raises RegrowError for any other form."""
    found = FORM.fullmatch(text)
    if not found or not 0 < int(found[2]) < 1 << 16:
        fix = "such as --on dask://127.0.0.1:8786, which is what `dask scheduler` prints as tcp://127.0.0.1:8786"
        raise RegrowError(f"{text!r} is no address of the form dask://HOST:PORT", where="--on", fix=fix)
    return f"tcp://{found[1]}:{found[2]}"


def require_installed() -> None:
    """Raise RegrowError (exit code ENVIRONMENT) where there is no Dask."""
    try:
        import distributed  # noqa: F401
    except ImportError:
        fix = "pip install 'regrow[dask]'; to keep it: distributed in requirements.in, then make lock"
        raise RegrowError("needs Dask, which is not installed", where="--on", fix=fix, code=Exit.ENVIRONMENT) from None


@dataclass
class Call:
    """Something asked of the cluster. done: is set when it has ended, or will never end."""

    future: Any
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def ended(self) -> bool:
        """Whether there is a result, or never will be."""
        return str(self.future.status) != "pending"

    def result(self) -> Any:
        """What came of it. Raises LostError, DiedError, or what it raised."""
        from distributed import KilledWorker

        if self.future.status in {"cancelled", "lost"}:
            raise LostError
        error = self.future.exception()
        if isinstance(error, KilledWorker):
            raise DiedError(str(error.last_worker.address))
        if error is not None:
            raise error
        return self.future.result()

    def cancel(self) -> None:
        """Let it be; a worker that is at it hears of it."""
        with contextlib.suppress(Exception):
            self.future.cancel()


@dataclass(frozen=True)
class Cluster:
    """address: the scheduler's. client: Dask's. All of it raises LostError."""

    address: str
    client: Any

    def workers(self) -> dict[str, int]:
        """Address -> threads of each worker that is there."""
        told = self._asked(self.client.nthreads)
        return {str(name): int(threads) for name, threads in told.items()}

    def versions(self, workers: Collection[str]) -> dict[str, list[str]]:
        """What the scheduler (as "scheduler") and workers have in other versions than we, a line each: Python, Dask."""
        told = self._asked(self.client.get_versions, check=False)
        ours = _versions(told["client"])
        theirs = {SCHEDULER: told["scheduler"], **{name: told["workers"].get(name) for name in workers}}
        return {
            who: [
                f"{what}: {version}, not {ours[what]}"
                for what, version in _versions(said).items()
                if version not in {ours[what], UNKNOWN} and (who, what) != (SCHEDULER, PYTHON)  # runs no code of ours
            ]
            for who, said in theirs.items()
        }

    def everywhere(self, function: Callable[..., Any], *given: Any, workers: Collection[str]) -> dict[str, Any]:
        """Call a function at once in each of these workers, beside what runs there: worker -> result, or what was
        raised."""
        if not workers:
            return {}
        told = self._asked(self.client.run, function, *given, workers=list(workers), on_error="return")
        return {str(name): result for name, result in told.items()}

    def begin(
        self,
        function: Callable[[T], Any],
        given: T,
        *,
        name: str,
        priority: int = 0,
        only: Collection[str] = (),
        done: threading.Event | None = None,
    ) -> Call:
        """Ask for a call by any worker, or one of `only`. name: what Dask's pages show."""
        key = f"{name}-{uuid.uuid4().hex}"
        future = self._asked(
            self.client.submit, function, given, key=key, priority=priority, workers=list(only) or None
        )
        call = Call(future, done or threading.Event())
        future.add_done_callback(lambda _: call.done.set())
        return call

    def notes(self, topic: str) -> list[str]:
        """What workers have noted, those that are gone included."""
        return [str(message) for _, message in self._asked(self.client.get_events, topic) or ()]

    def _asked(self, what: Callable[..., Any], *given: Any, **named: Any) -> Any:
        if self.client.status != "running":  # it would be waited for
            raise LostError
        try:
            return what(*given, **named)
        except Exception as error:
            raise LostError(f"({type(error).__name__}: {error})") from None


def _versions(said: Mapping[str, Any] | None) -> dict[str, str]:
    packages: Any = (said or {}).get("packages") or {}
    host = (said or {}).get("host") or {}
    python = ".".join(str(host.get("python", UNKNOWN)).split(".")[:2])
    return {PYTHON: python, **{name: str(packages.get(name) or UNKNOWN) for name in SAME}}


@contextmanager
def joined(scheduler: str) -> Iterator[Cluster]:
    """The cluster whose scheduler has that address. Raises RegrowError if it does not answer."""
    from distributed import Client

    _hush()
    try:
        client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except Exception as error:
        fix = "is it running (dask scheduler), of the same version as here, and can this machine reach it?"
        wrong = f"no Dask scheduler answers: {type(error).__name__}: {error}"
        raise RegrowError(wrong, where=scheduler, fix=fix) from None
    try:
        yield Cluster(scheduler, client)
    finally:
        with contextlib.suppress(Exception):
            client.close(timeout=GOODBYE)


def _hush() -> None:
    """Dask tells of every lost connection, with a traceback; what matters of it, we say ourselves."""
    warnings.filterwarnings("ignore", module="distributed")
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True)
class Here:
    """In a worker, the call that this thread is carrying out."""

    worker: Any
    key: Any

    @property
    def address(self) -> str:
        """The worker's."""
        return str(self.worker.address)

    def wanted(self) -> bool:
        """Whether anybody still waits for the result."""
        task = self.worker.state.tasks.get(self.key)
        return task is not None and task.state != "cancelled"

    def note(self, topic: str, text: str) -> None:
        """Leave a note with the scheduler, which stays there when this worker dies."""
        self.worker.log_event(topic, text)


def here() -> Here:
    """The call that is being carried out; in a worker's thread only."""
    from distributed import get_worker

    worker = get_worker()
    return Here(worker, worker.get_current_task())
