"""What stages made, and what they need, on its way into a cache: each object once, and by its hash."""

import os
import tempfile
from collections.abc import Iterable, MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path

from regrow.base import hashing
from regrow.base.errors import Exit, Problem, RegrowError
from regrow.base.hashing import Digest
from regrow.base.safe_path import safe_join
from regrow.record.commit_record import Entry, StageRecord
from regrow.replay.branch import objects, put
from regrow.replay.inputs import Supplies
from regrow.sweep import commit
from regrow.sweep.workdirs import Made
from regrow.tools import stores

Outs = dict[str, Entry]


def kept(folder: Path, stage: StageRecord, made: Made, cache: stores.Cache, blobs: MutableMapping[str, bytes]) -> Outs:
    """Keep what a stage made in a folder: bytes of what Git keeps in `blobs`, all else in the cache."""
    for out in stage.outs:
        file, digest = safe_join(folder, out.path), made[out.path]
        if out.in_git:
            blobs[digest.md5] = file.read_bytes()
            continue
        for md5, source in objects(file, digest):
            target = cache.path(md5)
            if target is not None and not target.exists():
                put(target, source)
    found = {out.path: commit.as_entry(out.path, made[out.path], out.in_git) for out in stage.outs}
    return {path: replace(entry, executable=_is_executable(safe_join(folder, path))) for path, entry in found.items()}


def _is_executable(file: Path) -> bool:
    return file.is_file() and os.access(file, os.X_OK)


def names_of(entries: Iterable[Entry], supplies: Supplies) -> list[str]:
    """The objects of files and folders; of a folder, its files' before its own list, which has to be within reach.

    Raises RegrowError (exit code DATA_MISSING) if it is not.
    """
    found: list[str] = []
    for entry in entries:
        files = supplies.files(entry)
        if files is None:
            raise missing([entry], supplies)
        found += [*files.values(), *([entry.md5] if entry.md5.endswith(hashing.FOLDER) else [])]
    return list(dict.fromkeys(found))


def take(entries: Iterable[Entry], supplies: Supplies, cache: stores.Cache) -> None:
    """Bring what the cache lacks of these into it.

    Raises RegrowError (exit code DATA_MISSING) for what no place has.
    """
    lacking = [entry for entry in entries if not _taken(entry, supplies, cache)]
    if lacking:
        raise missing(lacking, supplies)


def _taken(entry: Entry, supplies: Supplies, cache: stores.Cache) -> bool:
    paths = ((md5, cache.path(md5)) for md5 in names_of([entry], supplies))
    return all(path is None or path.exists() or _fetched(md5, path, supplies) for md5, path in paths)


def _fetched(md5: str, target: Path, supplies: Supplies) -> bool:
    if md5.endswith(hashing.FOLDER):
        data = supplies.bytes(md5)
        if data is not None:
            put(target, data)
        return data is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".regrow-", dir=target.parent) as folder:
        part = Path(folder) / "part"
        digest: Digest | None = supplies.fetch(md5, part)
        if digest is not None:
            put(target, part)
    return digest is not None


def missing(entries: Sequence[Entry], supplies: Supplies) -> RegrowError:
    """The error for files and folders, one or more, that no place has whole."""
    fix = f"looked in {supplies.looked}\nget it from where it still is: dvc pull, or another clone's dvc push"
    told = [Problem(f"is missing; recorded as {one.md5}", one.path) for one in entries]
    told[-1] = Problem(told[-1].wrong, told[-1].where, fix)
    return RegrowError.of(told, Exit.DATA_MISSING)
