"""Stages of a sweep on this machine: in private folders, several at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from regrow.record.commit_record import Entry, StageRecord
from regrow.replay.inputs import Supplies
from regrow.sweep import transfer
from regrow.sweep.prepared import Experiment, Frozen
from regrow.sweep.schedule import Outs
from regrow.sweep.workdirs import Workdir
from regrow.tools import stores


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
        return transfer.kept(seat.folder, stage, made, self.cache, self.blobs)

    def use(self, outs: Iterable[Entry]) -> None:
        """What the cache holds is here already."""

    def publish(self, name: str, commit: str, before: bool) -> None:
        """An experiment stays here until its user pushes it."""
