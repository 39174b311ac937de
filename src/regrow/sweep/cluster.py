"""A sweep on a Dask cluster, whose workers share nothing with us but the Git and the DVC remote."""

import contextlib
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.record.commit_record import Recorded
from regrow.replay.inputs import Supplies
from regrow.sweep import same_environment, transfer, worker
from regrow.sweep.prepared import Frozen
from regrow.sweep.remote import Far
from regrow.sweep.remote_workdir import Origin
from regrow.sweep.workers import Crew, EndedError
from regrow.tools import dask, exchange, git, git_remote, stores

BELOW = "refs/regrow/sweeps"  # where the Git remote holds a sweep's commit while it goes on
GO_ON = "what has ended is kept; the rest: the same command with --resume"


@dataclass(frozen=True)
class Asked:
    """on: the scheduler, as the user wrote it. name: of the sweep. resume: one of that name may have ended early."""

    on: str
    name: str
    resume: bool
    say: Callable[[str], None]


def require(root: Path, on: str) -> None:
    """Raise RegrowError for what can be told to be missing before anything is done."""
    dask.address(on)
    dask.require_installed()
    git_remote.remote(root)
    exchange.shared(root)


@contextmanager
def joined(
    asked: Asked, supplies: Supplies, cache: stores.Cache, blobs: dict[str, bytes], frozen: Frozen
) -> Iterator[Far]:
    """The cluster, as the place where stages run; commit and data are where its workers find them while inside.

    Raises RegrowError if it can't be reached or used, or is gone in the middle.
    """
    recorded, address = frozen.recorded, dask.address(asked.on)
    repository = git_remote.remote(recorded.root)
    with _told(address), dask.joined(address) as cluster:
        origin = _origin(asked, recorded, repository)
        crew = Crew(cluster, origin.needed, asked.say)
        crew.begin()
        remote = stores.remote(recorded.root)
        with _lent(asked, recorded, repository, origin.reference), ThreadPoolExecutor(1) as publisher:
            far = Far(frozen, supplies, cache, blobs, cluster, crew, origin, remote, repository, publisher)
            far.use(recorded.inputs)
            far.origin = _with_probe(far, origin, recorded)
            with crew.watched():
                try:
                    yield far
                finally:
                    with contextlib.suppress(dask.LostError):
                        cluster.everywhere(worker.forget, origin.token, workers=crew.fit)


@contextmanager
def _told(address: str) -> Iterator[None]:
    """What ended the sweep, as an error for its user."""
    try:
        yield
    except dask.LostError as lost:
        wrong = f"the scheduler is gone, or somebody has cancelled what was asked of it {lost}".strip()
        raise RegrowError(wrong, where=address, fix=GO_ON) from None
    except EndedError as ended:
        told = [*ended.error.problems]
        raise RegrowError.of(told, ended.error.code) from None


def _origin(asked: Asked, recorded: Recorded, repository: str) -> Origin:
    root, token = recorded.root, secrets.token_hex(4)
    top = git.top(root) or root
    prefix = root.resolve().relative_to(top.resolve()).as_posix()
    name, settings = exchange.shared(root)
    return Origin(
        token,
        git_remote.address(root, repository),
        f"{BELOW}/{asked.name}/{token}",
        recorded.commit,
        top.name or "project",
        "" if prefix == "." else prefix,
        name,
        settings,
        "",
        same_environment.needed(recorded.text(layout.REQUIREMENTS) or ""),
    )


def _with_probe(far: Far, origin: Origin, recorded: Recorded) -> Origin:
    """With an object that a worker finds if it looks into the same remote as we."""
    known = transfer.names_of(recorded.inputs, far.supplies)
    return replace(origin, probe=known[0] if known else "")


@contextmanager
def _lent(asked: Asked, recorded: Recorded, repository: str, reference: str) -> Iterator[None]:
    """The commit is in the Git remote while inside, under a name of its own. Raises RegrowError if it can't be."""
    root = recorded.root
    left = git_remote.references(root, repository, f"{BELOW}/{asked.name}/*") if asked.resume else []
    said = git_remote.push(root, repository, [f"{recorded.commit}:{reference}", *(f":{one}" for one in left)])
    if said:
        fix = f"git push {repository} has to work: workers get the commit from there"
        raise RegrowError(f"the commit can't be pushed: {said}", where=f"Git remote {repository}", fix=fix)
    try:
        yield
    finally:
        if said := git_remote.push(root, repository, [f":{reference}"]):
            asked.say(f"{reference} is still there: {said}\n    git push {repository} :{reference}")
