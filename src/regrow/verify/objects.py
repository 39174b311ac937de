"""The objects in DVC's cache and remotes: each is hashed, whatever its mode says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO

from regrow.base import hashing
from regrow.base.errors import Exit, RegrowError
from regrow.base.hash_many import Job, State, Watch, hash_all
from regrow.base.safe_path import unsafe
from regrow.tools.stores import Cache, Remote, Store, unreachable
from regrow.verify.claims import Claim, Keeper, Listings
from regrow.verify.findings import Count

Listing = dict[str, str]


@dataclass
class Shelf:
    """What one store holds of the objects wanted. states: md5 -> what was found under that name."""

    store: Store
    states: dict[str, State] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)

    def good(self, md5: str) -> bool:
        """Whether the object is there, with the bytes of its name."""
        state = self.states.get(md5)
        return state is not None and state.digest is not None and state.digest.md5 == md5.removesuffix(hashing.FOLDER)

    def corrupt(self) -> Iterable[str]:
        """The objects that are there and are not what their name says, or can't be read."""
        for md5, state in self.states.items():
            if state.error or (state.digest is not None and not self.good(md5)):
                yield md5

    def folder(self, md5: str, listing: Mapping[str, str]) -> hashing.Digest | None:
        """The folder as this store would give it back, None if a file of it is not here."""
        files = {name: self.states[one].digest for name, one in listing.items() if one in self.states}
        whole = {name: digest for name, digest in files.items() if digest is not None}
        return hashing.of_files(whole) if len(whole) == len(listing) else None

    @property
    def count(self) -> Count:
        """What was hashed."""
        sizes = [state.digest.size for state in self.states.values() if state.digest]
        return Count(len(sizes), sum(sizes))


def read_folders(shelf: Shelf, claims: Iterable[Claim]) -> None:
    """Read and hash the objects of the folders. Raises RegrowError (UNSAFE) if one names a file outside."""
    for claim in claims:
        if claim.keeper is not Keeper.CACHE or not claim.is_folder or claim.md5 in shelf.states:
            continue
        try:
            with opened(shelf.store, claim.md5) as stream:
                data = stream.read()
        except (FileNotFoundError, NotADirectoryError):
            shelf.states[claim.md5] = State()
            continue
        except OSError as error:
            shelf.states[claim.md5] = State(error=error.strerror or str(error))
            continue
        shelf.states[claim.md5] = State(hashing.of_bytes(data))
        if shelf.good(claim.md5):
            shelf.listings[claim.md5] = listing_of(data, claim.path)


def listing_of(data: bytes, path: str) -> Listing:
    """The files of a folder by DVC's object of it, whose hash is the one recorded: what is wrong was recorded so.

    Raises RegrowError (exit code UNSAFE) if it is none, or names a file elsewhere.
    """
    try:
        listing = hashing.parse_listing(data)
    except ValueError as error:
        raise RegrowError(f"its list of files in the cache {error}", where=path, code=Exit.UNSAFE) from None
    for name in listing:
        if wrong := unsafe(name):
            where = f"the list of files of {path}"
            raise RegrowError(f"{name!r} {wrong}", where=where, code=Exit.UNSAFE)
    return listing


def hash_objects(shelf: Shelf, needed: Mapping[str, bool], watch: Watch) -> None:
    """Hash the files among the objects. needed: md5 -> whether sha256 is to be taken too."""
    files = {md5: sha256 for md5, sha256 in needed.items() if not md5.endswith(hashing.FOLDER)}
    jobs = [Job(md5, partial(opened, shelf.store, md5), sha256) for md5, sha256 in sorted(files.items())]
    shelf.states |= hash_all(jobs, watch)


def opened(store: Store, md5: str) -> BinaryIO:
    """An object of a store, whose reading fails with our error if the remote goes away."""
    return store.open(md5) if isinstance(store, Cache) else _Answering(store, store.open(md5))  # type: ignore[return-value]


class _Answering:
    """A stream of a remote; each kind raises errors of its own while it is read."""

    def __init__(self, remote: Remote, stream: BinaryIO) -> None:
        self._remote = remote
        self._stream = stream

    def read(self, count: int = -1) -> bytes:
        try:
            return self._stream.read(count)
        except FileNotFoundError:
            raise
        except Exception as error:
            raise unreachable(self._remote.name, error) from None

    def __enter__(self) -> "_Answering":
        return self

    def __exit__(self, *_: Any) -> None:
        self._stream.close()


def named(claim: Claim, listings: Listings) -> list[tuple[str, str]]:
    """(path, md5) of the objects that a claim needs: its own, and those of its files as far as they are known."""
    inside = listings.get(claim.md5, {}) if claim.is_folder else {}
    return [(claim.path, claim.md5), *((f"{claim.path}/{name}", md5) for name, md5 in inside.items())]


def wanted(claims: Sequence[Claim], listings: Listings) -> tuple[dict[str, list[str]], dict[str, bool]]:
    """What DVC should hold: md5 -> the paths it stands for; and md5 -> whether its sha256 is known somewhere.

    Also what Git holds: DVC keeps a copy of such outputs too, and gives it back from its run-cache.
    """
    labels: dict[str, list[str]] = {}
    found: dict[str, bool] = {}
    for claim in claims:
        if claim.keeper not in {Keeper.CACHE, Keeper.GIT} or not claim.md5:
            continue
        for path, md5 in named(claim, listings):
            labels.setdefault(md5, []).append(path)
            found[md5] = found.get(md5, False) or bool(claim.sha256)
    return {md5: list(dict.fromkeys(paths)) for md5, paths in labels.items()}, found
