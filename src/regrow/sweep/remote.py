"""Stages of a sweep in the workers of a cluster: asked for there, and what they made brought here."""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

from regrow.base.errors import RegrowError
from regrow.record.commit_record import Entry, StageRecord, read_commit
from regrow.replay.inputs import Supplies
from regrow.sweep import commit as keep
from regrow.sweep import transfer, worker
from regrow.sweep.prepared import Experiment, Frozen
from regrow.sweep.remote_workdir import Origin
from regrow.sweep.schedule import Outs
from regrow.sweep.workers import Crew
from regrow.tools import dask, exchange, git_remote, stores

MOST = 512  # stages asked for at once; what a cluster has no room for waits there
DEATHS = 4  # of workers, after which a stage that ran there is taken for the cause; Dask counts so by default, too
LOOK = 1.0  # seconds between two looks whether those who were asked are still there


@dataclass
class RemoteSeat:
    """One stage at a time, wherever there is room. wake: is set when there is something new to it. notes: what regrow
    said of the last one."""

    wake: threading.Event = field(default_factory=threading.Event)
    notes: Sequence[str] = ()
    stopped: bool = False

    def stop(self) -> None:
        """Wait for nothing any more."""
        self.stopped = True
        self.wake.set()


@dataclass
class Far:
    """crew: the workers. origin: what they are told. git: the name of the Git remote. blobs: md5 -> bytes of outputs
    that Git keeps. publisher: pushes, one experiment after the other."""

    frozen: Frozen
    supplies: Supplies
    cache: stores.Cache
    blobs: dict[str, bytes]
    cluster: dask.Cluster
    crew: Crew
    origin: Origin
    remote: stores.Remote
    git: str
    publisher: ThreadPoolExecutor

    def seats(self, most: int) -> list[RemoteSeat]:
        """Workers may come and go: as many as can be waited for."""
        return [RemoteSeat() for _ in range(min(MOST, most))]

    def job(self, seat: RemoteSeat, stage: StageRecord, experiment: Experiment, needs: Outs) -> Outs:
        """Have a worker run a stage, and bring what it made into the cache."""
        wanted = tuple(self.frozen.elsewhere(experiment, needs).values())
        blobs = {entry.md5: self.blobs[entry.md5] for entry in wanted if entry.md5 in self.blobs}
        task = worker.WorkerTask(self.origin, stage.name, experiment.name, experiment.files, wanted, blobs)
        answer = self._answer(seat, task)
        if answer.problems:
            raise answer.error
        seat.notes = answer.notes
        self.blobs.update(answer.blobs)
        outs = {entry.path: entry for entry in answer.outs}
        transfer.take((entry for entry in outs.values() if not entry.in_git), self.supplies, self.cache)
        return outs

    def _answer(self, seat: RemoteSeat, task: worker.WorkerTask) -> worker.Answer:
        """Ask until a worker answers that can take part."""
        while True:
            before = set(self.crew.unfit)
            only = self._choice(seat)
            call = self._asked(seat, task, only)
            if call is None:
                continue
            try:
                answer = call.result()
            except dask.LostError:
                raise
            except dask.DiedError as died:
                self._require_harmless(task, died.worker)
                continue
            except Exception as error:
                self.crew.look()
                if self.crew.unfit.keys() - before:
                    continue  # it had come to one that had only just come itself
                raise RegrowError(f"{type(error).__name__}: {error}", where=f"stage {task.stage}") from None
            assert isinstance(answer, worker.Answer)
            if not answer.unfit:
                return answer
            self.crew.refuse(answer.worker, answer.error)

    def _require_harmless(self, task: worker.WorkerTask, last: str) -> None:
        """Raise RegrowError if workers died while this stage itself ran there, and not another beside or before it."""
        if self.cluster.notes(self.origin.token).count(task.name) >= DEATHS:
            fix = "the workers' own logs say why; often it is memory: dask worker --memory-limit"
            where = f"stage {task.stage}, on {last} last"
            raise RegrowError("worker after worker died while it ran", where=where, fix=fix)

    def _choice(self, seat: RemoteSeat) -> set[str]:
        """Which workers may be asked; none in particular where all can take part."""
        while self.crew.unfit.keys() & self.crew.there:
            if fit := self.crew.fit:
                return fit
            self._wait(seat)
            self._require_going_on(seat)
        return set()

    def _asked(self, seat: RemoteSeat, task: worker.WorkerTask, only: set[str]) -> dask.Call | None:
        """A call that has ended, or None if all of `only` have gone."""
        self._require_going_on(seat)
        priority = -self._order[task.experiment]  # the first experiments go first, so that they end early
        call = self.cluster.begin(
            worker.run, task, name=task.stage, priority=priority, only=sorted(only), done=seat.wake
        )
        while not call.ended:
            self._wait(seat)
            if seat.stopped or (only and not only & self.crew.there):
                call.cancel()
                self._require_going_on(seat)
                return None
        return call

    @cached_property
    def _order(self) -> dict[str, int]:
        return {one.name: number for number, one in enumerate(self.frozen.experiments)}

    def _wait(self, seat: RemoteSeat) -> None:
        seat.wake.wait(LOOK)
        seat.wake.clear()

    def _require_going_on(self, seat: RemoteSeat) -> None:
        if seat.stopped:
            raise RegrowError("was stopped", where="sweep")

    def use(self, outs: Iterable[Entry]) -> None:
        """Have in the DVC remote what the cache holds.

        Raises RegrowError (exit code DATA_MISSING) for what neither has.
        """
        entries = [entry for entry in outs if not entry.in_git]
        missing = set(exchange.upload(self.remote, self.cache, transfer.names_of(entries, self.supplies)))
        if missing:
            lacking = [entry for entry in entries if missing & set(transfer.names_of([entry], self.supplies))]
            raise transfer.missing(lacking, self.supplies)

    def publish(self, name: str, commit: str, before: bool) -> None:
        """Push it, as `dvc exp push` does, while the sweep goes on."""
        self.publisher.submit(self._publish, name, commit, before)

    def _publish(self, name: str, commit: str, before: bool) -> None:
        recorded = self.frozen.recorded
        reference = keep.reference(recorded.base, name)
        try:
            if before:
                self.use(out for stage in read_commit(recorded.root, commit).stages for out in stage.outs)
            said = git_remote.push(recorded.root, self.git, [f"{reference}:{reference}"])
        except RegrowError as error:
            said = str(error)
        if said:
            self.crew.say(f"{name} could not be pushed, and is here alone: {said}\n    dvc exp push {self.git} {name}")
