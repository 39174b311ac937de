"""A sweep's folder on a worker: the commit, what was fetched and made, places to run in. No other process uses it.

It goes when the sweep or the process ends. What a killed process has left, the next sweep or replay there removes.
"""

import atexit
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from regrow.base.errors import Exit, RegrowError
from regrow.base.safe_path import safe_join
from regrow.plugin.project import open_project
from regrow.record.commit_record import Entry, Recorded, read_commit
from regrow.replay.checkout import lay_out, own_place
from regrow.replay.inputs import Supplies
from regrow.sweep import same_environment, stages, transfer
from regrow.sweep.prepared import Experiment, Frozen
from regrow.sweep.workdirs import Workdir
from regrow.tools import exchange, git, git_remote, stores
from regrow.warm import server_for_project

GOODBYE = 10.0  # seconds for stages that are being ended
IDLE = 600.0  # seconds after which the folder of a sweep whose end was never told may go


class UnfitError(Exception):
    """This worker can't take part; another may."""

    def __init__(self, error: RegrowError) -> None:
        self.error = error
        super().__init__(str(error))


@dataclass(frozen=True)
class Origin:
    """Where a sweep's commit and data are to be had, and what has to be installed.

    token: the sweep's own name. folder: the repository's name; prefix: where in it the project lies. remote: the name
    of DVC's, as `settings` tell it. probe: an object that is there, "" if none is known.
    """

    token: str
    git: str
    reference: str
    commit: str
    folder: str
    prefix: str
    remote: str
    settings: exchange.Settings
    probe: str
    needed: same_environment.Needed


@dataclass
class Station:
    """blobs: md5 -> bytes of what Git keeps. free: places where nothing runs. users: stages that are on their way or
    run; used: when there was one, last."""

    stack: ExitStack
    place: Path
    frozen: Frozen
    supplies: Supplies
    cache: stores.Cache
    remote: stores.Remote
    blobs: dict[str, bytes] = field(default_factory=dict)
    free: list[Workdir] = field(default_factory=list)
    busy: list[Workdir] = field(default_factory=list)
    users: int = 0
    used: float = 0.0
    closed: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def seat(self) -> Iterator[Workdir]:
        """A place for one stage. One that was stopped is not used again."""
        with self.lock:
            if self.closed:
                raise RegrowError("was stopped", where="sweep")
            place = self.free.pop() if self.free else self._place(len(self.busy))
            self.busy.append(place)
        try:
            yield place
        finally:
            with self.lock:
                self.busy.remove(place)
                if not place.stopped:
                    self.free.append(place)

    def _place(self, number: int) -> Workdir:
        taken = {place.folder for place in self.busy}
        tree = self.frozen.tree
        while (folder := self.place / f"worker {number}" / tree.name) in taken:
            number += 1
        place = Workdir(folder, self.frozen, self.supplies, self.blobs)
        place.prepare()
        return place

    def run(
        self,
        place: Workdir,
        stage: str,
        experiment: str,
        files: Mapping[str, str],
        needs: tuple[Entry, ...],
        blobs: Mapping[str, bytes],
    ) -> tuple[tuple[Entry, ...], dict[str, bytes]]:
        """Run a stage in a place; what it made, which the DVC remote has then, and the bytes of what Git keeps.

        Raises RegrowError if it fails, UnfitError if the remote has not what it needs, or does not take what it made.
        """
        found = next(one for one in self.frozen.stages if one.name == stage)
        self.blobs.update(blobs)
        try:
            transfer.take((entry for entry in needs if entry.md5 not in self.blobs), self.supplies, self.cache)
        except RegrowError as error:  # it is there: whoever asks has seen to that
            raise UnfitError(error) from None
        made = place.run(found, Experiment(experiment, (), {}, files), {entry.path: entry for entry in needs})
        outs = transfer.kept(place.folder, found, made, self.cache, self.blobs)
        elsewhere = [entry for entry in outs.values() if not entry.in_git]
        try:
            exchange.upload(self.remote, self.cache, transfer.names_of(elsewhere, self.supplies))
        except RegrowError as error:
            raise UnfitError(error) from None
        return tuple(outs.values()), {entry.md5: self.blobs[entry.md5] for entry in outs.values() if entry.in_git}

    def close(self) -> None:
        """End what runs there, and remove the folder once nothing does any more."""
        with self.lock:
            self.closed = True
            for place in self.busy:
                place.stop()
        give_up = time.monotonic() + GOODBYE
        while self.busy and time.monotonic() < give_up:
            time.sleep(0.05)
        self.stack.close()


class Stations:
    """Those of this process, by the token of their sweep."""

    def __init__(self) -> None:
        self.open: dict[str, Station] = {}
        self.lock = threading.Lock()
        atexit.register(self.close_all)

    @contextmanager
    def of(self, origin: Origin, worker: str, wanted: Callable[[], bool]) -> Iterator[Station]:
        """The sweep's, made if need be, and closed if nobody wants the last stage there any more: its client is gone.

        Raises UnfitError where commit or data can't be had.
        """
        with self.lock:
            station = self.open.get(origin.token)
            if station is None:
                self._tidy()
                station = self.open[origin.token] = opened(origin, worker)
            station.users += 1
        try:
            yield station
        finally:
            with self.lock:
                station.users -= 1
                station.used = time.monotonic()
                over = not station.users and not wanted()
                if over:
                    self.open.pop(origin.token, None)
            if over:
                station.close()

    def close(self, token: str) -> None:
        """Close one, if it is open."""
        with self.lock:
            station = self.open.pop(token, None)
        if station:
            station.close()

    def close_all(self) -> None:
        """Close all of them."""
        for token in list(self.open):
            self.close(token)

    def _tidy(self) -> None:
        old = [token for token, one in self.open.items() if not one.users and time.monotonic() - one.used > IDLE]
        for token in old:
            self.open.pop(token).close()


def opened(origin: Origin, worker: str) -> Station:
    """A station with the commit laid out. Raises UnfitError where commit or data can't be had, or packages differ."""
    if lines := same_environment.differences(origin.needed):
        raise UnfitError(same_environment.other(f"worker {worker}", lines))
    with ExitStack() as stack:
        place = stack.enter_context(own_place("sweep"))
        try:
            recorded = _commit(origin, place, worker)
            remote = _remote(origin, place, worker)
        except RegrowError as error:
            raise UnfitError(error) from None
        tree = lay_out(recorded, place)
        cache = stores.Cache(place / "objects")
        stack.enter_context(server_for_project.served(open_project(tree), compiles=False))
        supplies = Supplies(recorded, [cache, remote])
        frozen = Frozen(stages.completed(recorded, tree, supplies), tree, (), {})
        return Station(stack.pop_all(), place, frozen, supplies, cache, remote)


def _commit(origin: Origin, place: Path, worker: str) -> Recorded:
    repository = safe_join(place / "repository", origin.folder)
    git.new_repository(repository)
    if said := git_remote.fetch(repository, origin.git, origin.reference):
        wrong = f"can't get the commit from the Git remote, {git_remote.hidden(origin.git)}: {said}"
        fix = "workers have to reach that address, and be let read there"
        raise RegrowError(wrong, where=f"worker {worker}", fix=fix)
    root = safe_join(repository, origin.prefix) if origin.prefix else repository
    root.mkdir(parents=True, exist_ok=True)
    return read_commit(root, origin.commit, run=False)


def _remote(origin: Origin, place: Path, worker: str) -> stores.Remote:
    settings = place / "settings"
    address = git_remote.hidden(origin.settings.get(origin.remote, {}).get("url", ""))
    fix = "workers have to reach that address, and be let read and write there"
    try:
        exchange.settle(settings, origin.remote, origin.settings)
        remote = stores.remote(settings, origin.remote)
        if not origin.probe or exchange.has(remote, origin.probe):
            return remote
        wrong = f"in DVC's remote {origin.remote}, {address}, is not what was pushed there: is it the same place?"
    except RegrowError as error:
        wrong = f"can't use DVC's remote {origin.remote}, {address}: {error.problems[0].wrong}"
    raise RegrowError(wrong, where=f"worker {worker}", fix=fix, code=Exit.DATA_MISSING)
