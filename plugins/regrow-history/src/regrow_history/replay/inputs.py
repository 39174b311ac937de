"""Files by their hash, from Git, DVC's cache or its remotes, hashed by us on the way: what a replay starts from."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from regrow.base import hashing
from regrow.base.errors import Exit, Problem, RegrowError
from regrow.base.hashing import FOLDER, Digest
from regrow.base.safe_path import safe_join
from regrow.record.commit_record import Entry, Recorded
from regrow.tools import stores
from regrow.verify.objects import listing_of


@dataclass
class Supplies:
    """Where the objects of a commit may be had."""

    recorded: Recorded
    #: The places that are looked in, in this order.
    places: list[stores.Store] = field(default_factory=list)
    #: What was found there and is not what its name says.
    odd: dict[str, str] = field(default_factory=dict)
    #: Why a remote gave nothing: it is asked once.
    refusal: RegrowError | None = None

    @classmethod
    def of(cls, recorded: Recorded, root: Path) -> "Supplies":
        """From the cache and, where there is one, the default remote of the project at `root`."""
        supplies = cls(recorded, [stores.cache(root)])
        if stores.has_remote(root):
            try:
                supplies.places.append(stores.remote(root))
            except RegrowError as error:  # the cache may do; that there is no default remote is no refusal
                supplies.refusal = error if error.problems[0].where != stores.NOWHERE else None
        return supplies

    def _leave_out(self, store: stores.Store, error: RegrowError) -> None:
        """A remote that does not answer would let each further file wait for it."""
        self.places.remove(store)
        self.refusal = error

    @property
    def looked(self) -> str:
        """The places, for a message."""
        return " and ".join(
            f"{store.name} ({store.folder})" if isinstance(store, stores.Cache) else store.name for store in self.places
        )

    def bytes(self, md5: str) -> bytes | None:
        """An object, small enough for memory, or None if no place has it whole."""
        for store in [*self.places]:
            try:
                with store.open(md5) as stream:
                    data = stream.read()
            except OSError:
                continue
            except RegrowError as error:
                self._leave_out(store, error)
                continue
            if hashing.of_bytes(data).md5 == md5.removesuffix(FOLDER):
                return data
            self.odd[f"{store.name}: {md5}"] = "is not what its name says"
        return None

    def fetch(self, md5: str, target: Path) -> Digest | None:
        """Write an object to `target`; None, and nothing there, if no place has it whole."""
        target.parent.mkdir(parents=True, exist_ok=True)
        for store in [*self.places]:
            try:
                with store.open(md5) as stream, target.open("wb") as copy:
                    digest = hashing.of_stream(stream, copy)
            except FileNotFoundError:
                continue
            except RegrowError as error:
                self._leave_out(store, error)
                continue
            if digest.md5 == md5:
                return digest
            self.odd[f"{store.name}: {md5}"] = f"its bytes have the hash {digest.md5}"
        target.unlink(missing_ok=True)
        return None

    def files(self, entry: Entry) -> dict[str, str] | None:
        """Path below the entry -> md5 of each of its files ("" for the entry itself); None if its list is not there.

        Raises RegrowError (exit code UNSAFE) for a list that names a file elsewhere.
        """
        if not entry.md5.endswith(FOLDER):
            return {"": entry.md5}
        data = self.bytes(entry.md5)
        return None if data is None else listing_of(data, entry.path)

    def deliver(self, entries: Iterable[Entry], folder: Path) -> dict[str, Digest]:
        """Put inputs below `folder`, each at its path. Returns path -> digest.

        Raises RegrowError that lists all that no place has, and where was looked: DATA_MISSING; FAILURE, with its
        words, where a remote did not answer.
        """
        delivered: dict[str, Digest] = {}
        missing: list[Problem] = []
        for entry in entries:
            files = self.files(entry)
            for relative, md5 in (files or {"": ""}).items():
                path = f"{entry.path}/{relative}" if relative else entry.path
                digest = self.fetch(md5, safe_join(folder, path, "dvc.lock")) if md5 else None
                if digest is None:
                    missing.append(self._missing(path, md5 or entry.md5))
                else:
                    delivered[path] = digest
                    if entry.executable:
                        set_executable(folder / path)
            if files is not None and entry.md5.endswith(FOLDER):
                safe_join(folder, entry.path).mkdir(parents=True, exist_ok=True)
        if missing:
            fix = "get it from where it still is: dvc pull, or another clone's dvc push"
            missing[-1] = Problem(missing[-1].wrong, missing[-1].where, f"looked in {self.looked}\n{fix}")
            if self.refusal:
                raise RegrowError.of([*self.refusal.problems, *missing])
            raise RegrowError.of(missing, Exit.DATA_MISSING)
        return delivered

    def _missing(self, path: str, md5: str) -> Problem:
        corrupt = [f"{place.rpartition(': ')[0]} ({wrong})" for place, wrong in self.odd.items() if place.endswith(md5)]
        told = f"is corrupt in {'; '.join(corrupt)}" if corrupt else "is missing"
        return Problem(f"{told}; recorded as {md5}", path)


def set_executable(file: Path) -> None:
    """As DVC does with what was executable when it was recorded."""
    file.chmod(file.stat().st_mode | 0o111)
