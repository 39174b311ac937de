"""Go on from a replayed commit: a branch that stands there, and what was made in the cache, so that it checks out."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from regrow.base import hashing
from regrow.base.errors import Exit, RegrowError
from regrow.base.hashing import FOLDER, Digest
from regrow.base.safe_path import safe_join
from regrow.tools import git, stores
from regrow_history.replay.replay import Replay, Task

READ_ONLY = 0o444  # as DVC leaves its objects


def at_branch(root: Path, name: str) -> Callable[[Task, Replay], None]:
    """What to do at the end of a replay to leave a branch there. Raises RegrowError if the branch is there already."""
    if git.has_branch(root, name):
        raise RegrowError("is there already", where=f"branch {name}", fix="take another name")

    def leave(task: Task, result: Replay) -> None:
        if result.code not in {Exit.OK, Exit.EQUIVALENT, Exit.NOT_PROVEN}:
            result.notes.append(f"no branch {name}: what was recorded did not come out again")
            return
        keep_objects(root, task)
        if not git.branch(root, name, result.commit):
            raise RegrowError("is no name for a branch, or was made meanwhile", where=f"branch {name}")
        result.notes.append(f"branch {name} stands at {result.commit[:10]}: git switch {name} && dvc checkout")

    return leave


def keep_objects(root: Path, task: Task) -> None:
    """Put what was read and made into the project's cache, where it is not there yet. Nothing there is replaced."""
    cache = stores.cache(root)
    entries = {entry.path: entry for stage in task.recorded.stages for entry in stage.outs if not entry.in_git}
    entries |= {entry.path: entry for entry in task.recorded.inputs}
    for path in sorted(entries):
        made = safe_join(task.tree, path)
        if not made.exists():
            continue
        digest = hashing.of_path(made, task.tree)
        for md5, source in objects(made, digest):
            target = cache.path(md5)
            if target is not None and not target.exists():
                put(target, source)


def objects(made: Path, digest: Digest) -> Iterator[tuple[str, Path | bytes]]:
    """The objects of a file or folder: md5 -> where its bytes are, or the bytes."""
    if not digest.md5.endswith(FOLDER):
        yield digest.md5, made
        return
    for relative, inner in digest.files.items():
        yield inner.md5, made / relative
    yield digest.md5, hashing.listing([(relative, inner.md5) for relative, inner in digest.files.items()])


def put(target: Path, source: Path | bytes) -> None:
    """Whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=".regrow-", dir=target.parent)
    with os.fdopen(handle, "wb") as stream:
        if isinstance(source, bytes):
            stream.write(source)
        else:
            with source.open("rb") as data:
                shutil.copyfileobj(data, stream)
    Path(part).chmod(READ_ONLY)
    os.replace(part, target)
