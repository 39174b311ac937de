"""A sweep whose experiments run in the workers of a Dask cluster."""

import contextlib
import logging
import re
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from regrow.base.errors import Problem, RegrowError
from regrow.tools import git as repository
from regrow_dask import remotes, worker
from regrow_history.sweep.elsewhere import Away

FORM = re.compile(r"dask://(\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]]+):(\d{1,5})/?")
PATIENCE = 10  # seconds for a scheduler to answer
BELOW = "refs/regrow/sweeps"  # where the Git remote holds a sweep's commit while it goes on
GO_ON = "what has ended is kept; the rest: the same command with --resume"


def run(away: Away) -> Iterator[tuple[str, str]]:
    """Run what is wanted: `regrow_history.sweep.elsewhere.Runner`."""
    from distributed import as_completed

    address = scheduler_address(away.on, "--on")
    name, url = remotes.remote(away.root)
    origin = _origin(away, url)
    with _joined(address) as client, _lent(away, name, origin):
        if not client.nthreads():
            away.say(f"no worker is there; waiting for one: dask worker {address}")
        asked = {
            client.submit(
                worker.run, origin, one, overrides, key=f"{one}-{origin.token}", priority=-number, pure=False
            ): one
            for number, (one, overrides) in enumerate(away.wanted.items())
        }
        try:
            for future in as_completed(asked, loop=client.loop):
                yield asked[future], _ended(away, name, asked[future], future, address)
        finally:
            with contextlib.suppress(Exception):
                client.cancel(list(asked))
                client.run(worker.forget, origin.token)


def scheduler_address(on: str, where: str) -> str:
    """What Dask calls the scheduler. where: what the address was given to. Raises RegrowError for another form than `dask://HOST:PORT`."""
    found = FORM.fullmatch(on)
    if not found or not 0 < int(found[2]) < 1 << 16:
        fix = "such as dask://127.0.0.1:8786, which is what `dask scheduler` prints as tcp://127.0.0.1:8786"
        raise RegrowError(f"{on!r} is no address of the form dask://HOST:PORT", where=where, fix=fix)
    return f"tcp://{found[1]}:{found[2]}"


def _origin(away: Away, url: str) -> worker.Origin:
    top, token = repository.top(away.root) or away.root, secrets.token_hex(4)
    prefix = away.root.resolve().relative_to(top.resolve()).as_posix()
    who = "".join(repository.lines(away.root, "var", "GIT_COMMITTER_IDENT")).rpartition("> ")[0].partition(" <")
    return worker.Origin(
        token,
        url,
        f"{BELOW}/{away.name}/{token}",
        away.base,
        away.commit,
        top.name or "project",
        "" if prefix == "." else prefix,
        remotes.store(away.root),
        (who[0], who[2]),
    )


@contextlib.contextmanager
def _joined(address: str) -> Iterator[Any]:
    """Dask's client. Raises RegrowError if the scheduler does not answer."""
    from distributed import Client

    warnings.filterwarnings("ignore", module="distributed")
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # every lost connection, with a traceback
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except Exception as error:
        fix = "is it running (dask scheduler), of the same version as here, and can this machine reach it?"
        wrong = f"no Dask scheduler answers: {type(error).__name__}: {error}"
        raise RegrowError(wrong, where=address, fix=fix) from None
    try:
        yield client
    finally:
        with contextlib.suppress(Exception):
            client.close(timeout=2)


@contextlib.contextmanager
def _lent(away: Away, name: str, origin: worker.Origin) -> Iterator[None]:
    """Commit and data are in the remotes while inside, the commit under a name of its own. Raises RegrowError."""
    remotes.send(away.root, [away.commit])
    old = repository.lines(away.root, "ls-remote", "--quiet", name, f"{BELOW}/{away.name}/*")
    left = [f":{line.split()[-1]}" for line in old if line.strip()]
    push = ("push", "--quiet", "--no-verify", name)
    fix = f"git push {name} has to work: workers get the commit from there"
    wanted = f"{away.commit}:{origin.reference}"
    remotes.git(away.root, *push, wanted, *left, where=f"the commit, to Git remote {name}", fix=fix)
    try:
        yield
    finally:
        try:
            remotes.git(away.root, *push, f":{origin.reference}")
        except RegrowError as error:
            away.say(f"{origin.reference} is still there: {error}\n    git push {name} :{origin.reference}")


def _ended(away: Away, remote: str, name: str, future: Any, address: str) -> str:
    """Bring what a worker made here, and push it; why it failed. Raises RegrowError for what ends the sweep."""
    from distributed import KilledWorker

    if future.status in {"cancelled", "lost"}:
        raise RegrowError("the scheduler is gone, or what was asked of it was cancelled", where=address, fix=GO_ON)
    error = future.exception()
    if isinstance(error, KilledWorker):
        return f"worker after worker died while it ran, the last was {error.last_worker.address}; often it is memory"
    if error is not None:
        raise RegrowError(f"{type(error).__name__}: {error}", where=f"experiment {name}", fix=GO_ON)
    answer = future.result()
    if answer.problems:
        own = f"worker {answer.worker}"
        raise RegrowError.of(
            [Problem(one.wrong, f"{own}: {one.where}", one.fix) for one in answer.problems], answer.code
        )
    if not answer.reason:
        _take(away, answer, remote, name)
    return str(answer.reason)


def _take(away: Away, answer: worker.Answer, remote: str, name: str) -> None:
    reference = f"refs/exps/{away.base[:2]}/{away.base[2:]}/{name}"
    with tempfile.TemporaryDirectory(prefix="regrow-") as folder:
        bundle = Path(folder) / "bundle"
        bundle.write_bytes(answer.bundle)
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance")
        remotes.git(away.root, "fetch", *options, str(bundle), f"{reference}:{reference}")
    remotes.bring(away.root, [answer.commit])
    try:
        remotes.git(away.root, "push", "--quiet", "--no-verify", remote, f"{reference}:{reference}")
    except RegrowError as error:
        away.say(f"{name} could not be pushed, and is here alone: {error}\n    dvc exp push {remote} {name}")
