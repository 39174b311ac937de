"""Stages of a sweep on this machine: in private folders, several at once."""

import os
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path

from regrow.base.safe_path import safe_join
from regrow.record.commit_record import StageRecord
from regrow.tools import stores
from regrow_history.replay.branch import objects, put
from regrow_history.replay.inputs import Supplies
from regrow_history.sweep import commit
from regrow_history.sweep.prepared import Experiment, Frozen
from regrow_history.sweep.schedule import Outs
from regrow_history.sweep.workdirs import Made, Workdir


@dataclass(frozen=True)
class LocalWorkers:
    """workers: stages at once. blobs: md5 -> bytes of outputs that Git keeps."""

    frozen: Frozen
    supplies: Supplies
    cache: stores.Cache
    blobs: dict[str, bytes]
    workers: int

    def seats(self, most: int) -> list[Workdir]:
        """Places for stages, no more than are of use."""
        return [self._place(number) for number in range(min(self.workers, most))]

    def _place(self, number: int) -> Workdir:
        tree = self.frozen.tree
        place = Workdir(tree.parent / f"worker {number}" / tree.name, self.frozen, self.supplies, self.blobs)
        place.prepare()
        return place

    def job(self, seat: Workdir, stage: StageRecord, experiment: Experiment, needs: Outs) -> Outs:
        """Run a stage, and keep what it made."""
        made = seat.run(stage, experiment, self.frozen.elsewhere(experiment, needs))
        return kept(seat.folder, stage, made, self.cache, self.blobs)


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
