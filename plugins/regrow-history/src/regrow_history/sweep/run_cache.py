"""What a stage of an experiment made before, whoever ran it: from DVC's run cache, and into it."""

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from typing import Any

from regrow.base import hashing
from regrow.record.commit_record import Entry, StageRecord
from regrow.tools import stores
from regrow_history.replay.branch import put
from regrow_history.replay.inputs import Supplies
from regrow_history.sweep.commit import ExperimentCommits
from regrow_history.sweep.prepared import Experiment
from regrow_history.sweep.schedule import Outs
from regrow_history.tools import run_cache


@dataclass(frozen=True)
class Earlier:
    """blobs: md5 -> bytes of outputs that Git keeps."""

    keeper: ExperimentCommits
    cache: stores.Cache
    blobs: MutableMapping[str, bytes]

    def find(self, stage: StageRecord, experiment: Experiment, needs: Outs) -> Outs | None:
        """What it made of the same needs and settings, if the cache holds all of it, whole."""
        if not _is_kept(stage):
            return None
        declared = {out.path: out for out in stage.outs}
        entry = self.keeper.written(stage.name, experiment, {**needs, **declared})
        found = run_cache.outs(self.cache, entry) or []
        outs = {one["path"]: _made(declared[one["path"]], one) for one in found}
        return outs if outs and all(self._have(out) for out in outs.values()) else None

    def keep(self, stage: StageRecord, experiment: Experiment, known: Outs) -> None:
        """Have it found the next time, by DVC too, which wants a copy of what Git keeps."""
        if not _is_kept(stage):
            return
        for out in (known[out.path] for out in stage.outs if out.in_git):
            target = self.cache.path(out.md5)
            if target is not None and not target.exists():
                put(target, self.blobs[out.md5])
        entry = self.keeper.written(stage.name, experiment, known)
        run_cache.keep(self.cache, entry, self.keeper.text(stage.name, entry))

    def _have(self, out: Entry) -> bool:
        """Whether each byte of it is there."""
        if not self._is_whole(out.md5):
            return False
        supplies = Supplies(self.keeper.recorded, [self.cache])
        if out.in_git and (data := supplies.bytes(out.md5)) is not None:
            self.blobs[out.md5] = data
        files = supplies.files(out)
        return files is not None and all(md5 == out.md5 or self._is_whole(md5) for md5 in files.values())

    def _is_whole(self, md5: str) -> bool:
        """Whether an object is there; one whose bytes are others is removed, as DVC does, for a new one to come."""
        try:
            with self.cache.open(md5) as stream:
                whole = hashing.of_stream(stream, sha256=False).md5 == md5.removesuffix(hashing.FOLDER)
            if not whole and (path := self.cache.path(md5)):
                path.unlink()
        except OSError:
            return False
        return whole


def _is_kept(stage: StageRecord) -> bool:
    """As DVC has it, but for those of regrow's whose record Git keeps."""
    plain = stage.is_ours or not any(out.in_git for out in stage.outs)
    return plain and bool(stage.deps and stage.outs) and not any(out.persist for out in stage.outs)


def _made(declared: Entry, told: dict[str, Any]) -> Entry:
    return replace(
        declared,
        md5=str(told["md5"]),
        size=int(told["size"]),
        files=int(told.get("nfiles", -1)),
        executable=bool(told.get("isexec")),
    )
