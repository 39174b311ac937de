"""Many files hashed at once: a thread a core, since hashing releases Python's lock."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, BinaryIO

from regrow.base.hashing import Digest, of_stream

Watch = Callable[[int], None]  # told the bytes hashed since it was called last
TOGETHER = 64  # small files a thread takes at once


@dataclass(frozen=True)
class Job:
    """Something to hash. open: raises OSError. sha256: whether to take it beside md5."""

    key: str
    open: Callable[[], BinaryIO]
    sha256: bool = False


@dataclass(frozen=True)
class State:
    """What was found. digest: None if nothing was. error: why it can't be read, "" if it is not there."""

    digest: Digest | None = None
    error: str = ""


def nobody(_: int) -> None:
    """A watch that does not look."""


def hash_all(jobs: Iterable[Job], watch: Watch = nobody) -> Mapping[str, State]:
    """Hash all of them. An interrupt ends it soon. What is no OSError in a job is raised."""
    listed = list(jobs)
    workers = os.cpu_count() or 1
    step = max(1, min(TOGETHER, len(listed) // (4 * workers)))
    parts = [listed[at : at + step] for at in range(0, len(listed), step)]
    found: dict[str, State] = {}
    pool = ThreadPoolExecutor(workers)
    try:
        for part in pool.map(lambda part: _hash_some(part, watch), parts):
            found |= part
    finally:
        pool.shutdown(cancel_futures=True)
    return found


def _hash_some(jobs: Sequence[Job], watch: Watch) -> dict[str, State]:
    return {job.key: _hash(job, watch) for job in jobs}


def _hash(job: Job, watch: Watch) -> State:
    try:
        with job.open() as stream:
            return State(of_stream(stream, _Counter(watch), sha256=job.sha256))
    except (FileNotFoundError, NotADirectoryError):
        return State()
    except OSError as error:
        return State(error=error.strerror or str(error))


class _Counter:
    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def write(self, data: bytes, /) -> Any:
        self._watch(len(data))
