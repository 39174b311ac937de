"""What a worker of a cluster is asked: to run a stage, and to forget a sweep."""

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from regrow.base.errors import Exit, Problem, RegrowError
from regrow.record.commit_record import Entry
from regrow.sweep.poll import watching
from regrow.sweep.remote_workdir import Origin, Stations, UnfitError
from regrow.sweep.workdirs import Workdir
from regrow.tools import dask

LOOK = 0.5  # seconds between two looks whether a stage is still wanted
_STATIONS = Stations()


@dataclass(frozen=True)
class WorkerTask:
    """One stage of an experiment. files: path -> text of what compiling made of it. needs: what no commit holds.
    blobs: md5 -> bytes, of what Git would hold."""

    origin: Origin
    stage: str
    experiment: str
    files: Mapping[str, str]
    needs: tuple[Entry, ...]
    blobs: Mapping[str, bytes]

    @property
    def name(self) -> str:
        """What tells it from the others of a sweep."""
        return f"{self.experiment} {self.stage}"


@dataclass(frozen=True)
class Answer:
    """What came of a task. problems: why it failed; unfit: because of this worker, so that another may do it.
    outs: what it made, which is in the DVC remote now; blobs: md5 -> bytes of what Git keeps. notes: what regrow said
    of it."""

    worker: str
    outs: tuple[Entry, ...] = ()
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    code: Exit = Exit.OK
    unfit: bool = False
    notes: tuple[str, ...] = ()

    @property
    def error(self) -> RegrowError:
        """Why it failed."""
        return RegrowError.of(self.problems, self.code)


def run(task: WorkerTask) -> Answer:
    """Run a stage; whatever goes wrong is in the answer."""
    call = dask.here()
    address = call.address
    try:
        with (
            _STATIONS.of(task.origin, address, call.wanted) as station,
            station.seat() as place,
            _while_wanted(place, call.wanted),
        ):
            call.note(task.origin.token, task.name)
            outs, blobs = station.run(place, task.stage, task.experiment, task.files, task.needs, task.blobs)
            return Answer(address, outs, blobs, notes=tuple(place.notes))
    except UnfitError as unfit:
        own = f"worker {address}"
        told = (
            one if one.where.startswith(own) else Problem(one.wrong, f"{own}: {one.where}", one.fix)
            for one in unfit.error.problems
        )
        return Answer(address, problems=tuple(told), code=unfit.error.code, unfit=True)
    except RegrowError as error:
        return Answer(address, problems=error.problems, code=error.code)
    except OSError as error:  # a full disk, say
        said = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
        return Answer(address, problems=(Problem(said, f"worker {address}"),), code=Exit.FAILURE, unfit=True)


def forget(token: str) -> None:
    """End what runs of a sweep, and remove its folder."""
    threading.Thread(target=_STATIONS.close, args=(token,), daemon=True).start()


def _while_wanted(place: Workdir, wanted: Callable[[], bool]) -> AbstractContextManager[None]:
    """While inside, what runs in a place is ended once nobody waits for it any more."""

    def look() -> bool:
        if wanted():
            return True
        place.stop()
        return False

    return watching(LOOK, look)
