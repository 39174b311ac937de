"""Trials of a search in the workers of a Dask cluster: `compute.engine=dask://HOST:PORT`."""

import logging
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from regrow.base.errors import RegrowError
from regrow_dask.cluster import PATIENCE, scheduler_address
from regrow_experiment.trials import WAKES, Journal, Limits, Outcome, Trials, clock, done, failed, processor

GO_ON = "what has ended is kept: the same command goes on where it was"


@dataclass
class _Sent:
    future: Any
    began: float


class ClusterTrials(Trials):
    """Trials as `Trials` runs them, in the workers of a cluster: told in the same order, with the same outcomes.

    The data go to each worker once. A worker that dies is replaced by another; a trial that kills three has failed.
    Limits of memory are the workers' own.
    """

    def __init__(
        self,
        address: str,
        prepare: Callable[[int], Any],
        work: Callable[[Any], Outcome],
        limits: Limits,
        journal: Journal,
        stop: Callable[[], bool],
    ) -> None:
        self.address = scheduler_address(address, "compute.engine")
        self.client = _joined(self.address)
        workers = sum(self.client.nthreads().values())
        if not workers:
            self.client.close(timeout=2)
            raise RegrowError("no worker is there", where=self.address, fix=f"dask worker {self.address}")
        super().__init__(prepare, work, limits, workers, journal, stop)
        self.sent = self.client.scatter(work, broadcast=True, hash=False)

    def _start(self, number: int) -> Any:
        try:
            future = self.client.submit(_run, self.sent, self.prepare(number), pure=False, priority=-number)
        except Exception as error:
            raise self._lost(error) from None
        return _Sent(future, clock())

    def _ended(self) -> dict[int, Outcome]:
        from distributed import wait

        if not self._running:
            return {}
        try:
            with self.client.as_current():
                wait([one.future for one in self._running.values()], timeout=WAKES, return_when="FIRST_COMPLETED")
        except TimeoutError:
            pass
        except Exception as error:  # how Dask says that the scheduler is gone differs by where it notices
            raise self._lost(error) from None
        found = {}
        for number, one in list(self._running.items()):
            late = self.limits.seconds is not None and clock() - one.began >= self.limits.seconds
            if late or one.future.status != "pending":
                found[number] = self._result(one, late and one.future.status == "pending")
                self.journal.add(number, found[number])
                del self._running[number]
        return found

    def _result(self, one: Any, late: bool) -> Outcome:
        from distributed import KilledWorker

        times = {"seconds": clock() - one.began, "at": self._spent()}
        if late:
            one.future.cancel(force=True)
            return failed(f"took longer than {self.limits.seconds:g} s", True, **times)
        if one.future.status in {"cancelled", "lost"}:
            raise self._lost(None)
        error = one.future.exception()
        if isinstance(error, KilledWorker):
            return failed("worker after worker died while it ran; often it is memory", True, **times)
        if error is not None:
            raise RegrowError(f"{type(error).__name__}: {error}", where=self.address, fix=GO_ON)
        return Outcome(**{**one.future.result(), **times})

    def _end(self, one: Any) -> None:
        one.future.cancel()

    def _close(self) -> None:
        self.client.close(timeout=2)

    def _lost(self, error: Exception | None) -> RegrowError:
        said = f": {type(error).__name__}: {error}" if error else ""
        return RegrowError(f"the scheduler is gone{said}", where=self.address, fix=GO_ON)


def _run(work: Callable[[Any], Outcome], job: Any) -> dict[str, Any]:
    """One trial, in a worker."""
    from threadpoolctl import threadpool_limits

    before = processor()
    with threadpool_limits(1):
        found = done(work, job)
    return {**asdict(found), "cpu": processor() - before}


def _joined(address: str) -> Any:
    from distributed import Client

    warnings.filterwarnings("ignore", module="distributed")
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        return Client(address, timeout=PATIENCE, set_as_default=False)
    except Exception as error:
        fix = "is it running (dask scheduler), of the same version as here, and can this machine reach it?"
        wrong = f"no Dask scheduler answers: {type(error).__name__}: {error}"
        raise RegrowError(wrong, where=address, fix=fix) from None
