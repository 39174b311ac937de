"""What a worker does: a whole experiment, in a clone of the commit, by `regrow sweep` itself."""

import atexit
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regrow.base.errors import Exit, Problem, RegrowError
from regrow.base.process import TIED
from regrow.base.safe_path import safe_join
from regrow.tools import git as repository
from regrow_dask import remotes
from regrow_history.replay.checkout import own_place

LOOK = 0.5  # seconds between two looks whether an experiment is still wanted
CONFIG = "[core]\n    remote = {0}\n[cache]\n    dir = {2}\n['remote \"{0}\"']\n    url = {1}\n"
FIX = "workers have to reach that address, and be let read there"


@dataclass(frozen=True)
class Origin:
    """Where a sweep's commit and data are. token: the sweep's own name. base, commit: without and with edits. folder:
    the repository's name; prefix: where in it the project lies. store: name and address of DVC's remote. who: name and
    mail of the author."""

    token: str
    url: str
    reference: str
    base: str
    commit: str
    folder: str
    prefix: str
    store: tuple[str, str]
    who: tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """What came of an experiment. bundle: Git's, with its commit. reason: why it failed. problems: why this worker
    can't run any."""

    worker: str
    commit: str = ""
    bundle: bytes = b""
    reason: str = ""
    problems: Sequence[Problem] = ()
    code: Exit = Exit.OK


@dataclass
class Clones:
    """Of one sweep in this process: one for each thread, and a cache for all."""

    place: Path
    stack: ExitStack
    free: list[Path] = field(default_factory=list)
    made: int = 0


_OPEN: dict[str, Clones] = {}
_LOCK = threading.Lock()


def run(origin: Origin, name: str, overrides: Sequence[str]) -> Answer:
    """Run one; whatever goes wrong is in the answer."""
    from distributed import get_worker

    worker = get_worker()
    key, address = worker.get_current_task(), str(worker.address)

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state != "cancelled"

    try:
        with _clone(origin) as root:
            told = _told(root, name, overrides, wanted)
            if "problems" in told:
                raise RegrowError.of([Problem(*one) for one in told["problems"]], Exit(told["code"]))
            if told["reason"]:
                return Answer(address, reason=told["reason"])
            remotes.send(root, [told["commit"]])
            reference = f"refs/exps/{origin.base[:2]}/{origin.base[2:]}/{name}"
            top = repository.top(root) or root  # in a folder below, Git takes "-" for a file there
            bundle = remotes.git(top, "bundle", "create", "--quiet", "-", reference, f"^{origin.base}")
            return Answer(address, told["commit"], bundle)
    except RegrowError as error:
        return Answer(address, problems=error.problems, code=error.code)
    except OSError as error:  # a full disk, say
        return Answer(address, problems=[Problem(str(error), f"worker {address}")], code=Exit.FAILURE)


def _told(root: Path, name: str, overrides: Sequence[str], wanted: Callable[[], bool]) -> dict[str, Any]:
    """What `regrow_dask.__main__` says of an experiment; it is ended once nobody waits for it any more."""
    log = root.with_name(f"{root.name}.log")
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "regrow_dask"], cwd=root, stdin=-1, stdout=-1, stderr=errors, preexec_fn=TIED
        )
    given: bytes | None = json.dumps({"name": name, "overrides": list(overrides)}).encode()
    while True:
        try:
            said, _ = process.communicate(given, timeout=LOOK)
            break
        except subprocess.TimeoutExpired:
            given = None
            if not wanted():
                process.terminate()
    if process.returncode:
        tail = log.read_text("utf-8", "replace")[-2000:]
        raise RegrowError(f"ended with exit code {process.returncode}\n{tail}", where=f"experiment {name}")
    return dict(json.loads(said))


@contextmanager
def _clone(origin: Origin) -> Iterator[Path]:
    """The project in a clone that no other thread uses meanwhile."""
    with _LOCK:
        ours = _OPEN.get(origin.token)
        if ours is None:
            stack = ExitStack()
            ours = _OPEN[origin.token] = Clones(stack.enter_context(own_place("sweep")), stack)
        root = ours.free.pop() if ours.free else _made(origin, ours)
    try:
        yield root
    finally:
        ours.free.append(root)


def _made(origin: Origin, ours: Clones) -> Path:
    ours.made += 1
    top = safe_join(ours.place / str(ours.made), origin.folder)
    top.mkdir(parents=True)
    where = f"Git remote {remotes.hidden(origin.url)}"
    remotes.git(top, "init", "--quiet", ".")
    for key, value in zip(("user.name", "user.email"), origin.who, strict=True):
        remotes.git(top, "config", key, value)
    wanted = f"+{origin.reference}:{origin.reference}"
    remotes.git(top, "fetch", "--quiet", "--depth=2", "--end-of-options", origin.url, wanted, where=where, fix=FIX)
    remotes.git(top, "checkout", "--quiet", "--detach", origin.commit)
    remotes.git(top, "reset", "--soft", origin.base)
    root = safe_join(top, origin.prefix) if origin.prefix else top
    settings = CONFIG.format(*origin.store, ours.place / "cache")
    (root / ".dvc/config.local").write_text(settings, encoding="utf-8")
    remotes.bring(root, [origin.commit])
    return root


def forget(token: str) -> None:
    """Remove what was kept of a sweep."""
    ours = _OPEN.pop(token, None)
    if ours:
        ours.stack.close()


@atexit.register
def _forget_all() -> None:
    for token in list(_OPEN):
        forget(token)
