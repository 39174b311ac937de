"""What both commits recorded, in a cache of one's own: DVC's run cache finds there what a mixture shares with one."""

from dataclasses import dataclass
from pathlib import Path

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.base.hashing import FOLDER
from regrow.base.yaml_files import read_yaml
from regrow.record.commit_record import Entry, StageRecord
from regrow.tools import stores
from regrow_history.replay.branch import put
from regrow_history.replay.inputs import Supplies
from regrow_history.tools import run_cache


@dataclass(frozen=True)
class OwnCache:
    """A DVC cache in a clean place."""

    folder: Path

    @property
    def store(self) -> stores.Cache:
        """As a place of objects."""
        return stores.Cache(self.folder.joinpath(*stores.LAYOUT))

    def seed(self, supplies: Supplies) -> None:
        """Have DVC find each stage of a commit all of whose outputs are still to be had; of another nothing is lost."""
        recorded = supplies.recorded
        told = read_yaml(recorded.text(layout.DVC_LOCK) or "{}", layout.DVC_LOCK) or {}
        for stage in recorded.stages:
            entry = (told.get("stages") or {}).get(stage.name)
            if entry and _is_kept(stage) and all(self.take(supplies, out) for out in stage.outs):
                run_cache.keep(self.store, entry, run_cache.text(entry))

    def take(self, supplies: Supplies, entry: Entry) -> bool:
        """Put the objects of an output here, hashed on the way; whether all of them are there."""
        if entry.in_git:
            return self._put(entry.md5, supplies.recorded.bytes(entry.path))
        try:
            files = supplies.files(entry)
        except RegrowError:
            return False
        if files is None or not all(self._fetch(supplies, md5) for md5 in files.values()):
            return False
        return not entry.md5.endswith(FOLDER) or self._put(entry.md5, supplies.bytes(entry.md5))

    def _fetch(self, supplies: Supplies, md5: str) -> bool:
        target = self.store.path(md5)
        return target is not None and (target.exists() or supplies.fetch(md5, target) is not None)

    def _put(self, md5: str, data: bytes | None) -> bool:
        target = self.store.path(md5)
        if target is None or data is None:
            return False
        if not target.exists():
            put(target, data)
        return True


def _is_kept(stage: StageRecord) -> bool:
    """As DVC has it."""
    return bool(stage.deps and stage.outs) and not any(out.persist for out in stage.outs)
