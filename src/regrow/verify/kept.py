"""What DVC keeps of a commit: objects that are corrupt, and objects that are not where they should be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from regrow import layout
from regrow.base.hash_many import State
from regrow.tools import stores
from regrow.tools.stores import Cache
from regrow.verify import objects
from regrow.verify import set_aside as aside
from regrow.verify.claims import Claim, Keeper, Listings
from regrow.verify.findings import WORKSPACE, Discrepancy, Level
from regrow.verify.objects import Shelf
from regrow.verify.workspace import Workspace


@dataclass(frozen=True)
class KeptHere:
    """The workspace. looked: whether it is the commit's, so that its files count."""

    workspace: Workspace
    looked: bool

    def has(self, md5: str) -> bool:
        """Whether some file or folder here has this hash."""
        return md5 in self.workspace.md5s


def check(
    root: Path, claims: Sequence[Claim], shelves: Sequence[Shelf], here: KeptHere, listings: Listings, set_aside: bool
) -> list[Discrepancy]:
    """All that is wrong; corrupt objects of the cache are moved out of it if `set_aside`."""
    labels, _ = objects.wanted(claims, listings)
    cached = [claim for claim in claims if claim.keeper in {Keeper.CACHE, Keeper.GIT}]
    owners = {md5: claim for claim in reversed(cached) for _, md5 in objects.named(claim, listings)}
    findings: list[Discrepancy] = [*_absent(root, claims, shelves, here, listings)]
    for shelf in shelves:
        findings += _other_sha256(claims, shelf, listings)
        for md5 in sorted(shelf.corrupt()):
            paths = labels.get(md5, [md5])
            fix = _way_back(root, shelf, owners.get(md5), here.has(md5))
            findings.append(_corrupt(root, shelf, md5, paths, fix, set_aside))
    return findings


def _corrupt(root: Path, shelf: Shelf, md5: str, paths: list[str], fix: str, set_aside: bool) -> Discrepancy:
    state = shelf.states.get(md5, State())
    found = f"md5 {state.digest.md5}, {state.digest.size} bytes" if state.digest else ""
    wrong = f"its object can't be read: {state.error}" if state.error else "its object holds other bytes than recorded"
    if len(paths) > 1:
        wrong += f" (the object is also that of {', '.join(paths[1:4])}{' and others' if len(paths) > 4 else ''})"
    moved, why = "", ""
    if set_aside and isinstance(shelf.store, Cache):
        moved, why = aside.move(root, shelf.store, md5)
    if isinstance(shelf.store, Cache) and not moved:  # DVC takes it for whole as long as it is there
        fix = f"first move it out of the cache: {shelf.store.path(md5)}\n{fix}"
    if why:
        wrong += f"; it could not be set aside: {why}"
    return Discrepancy(Level.MISMATCH, shelf.store.name, paths[0], wrong, f"md5 {md5}", found, fix, moved)


def _way_back(root: Path, shelf: Shelf, claim: Claim | None, is_here: bool) -> str:
    """How to get an object back, once the corrupt one is out of the way."""
    if not isinstance(shelf.store, Cache):
        return "remove it there, then dvc push from where it is whole"
    if claim is not None and claim.keeper is Keeper.GIT:
        return "Git has it whole: nothing more is to be done"
    ways = ["to get it back: dvc fetch"] if stores.has_remote(root) else []
    path = claim.path if claim else ""
    if is_here:
        ways.append(f"the workspace has it whole; to put it back into the cache: dvc commit -f {path}".rstrip())
    elif claim is None or claim.owner == "input":
        ways.append("no copy of it was found here: put the file back from where it came from, then dvc commit -f")
    else:
        ways.append(f"to make it anew: dvc repro (stage {claim.owner.removeprefix('output of ')})")
    return "\n".join(ways)


def _other_sha256(claims: Iterable[Claim], shelf: Shelf, listings: Listings) -> Iterable[Discrepancy]:
    """Objects with the md5 recorded and another sha256: two contents made to have one md5."""
    for claim in claims:
        if claim.keeper is not Keeper.CACHE or not (claim.sha256 or claim.size >= 0) or not shelf.good(claim.md5):
            continue
        if claim.is_folder:
            digest = shelf.folder(claim.md5, listings[claim.md5]) if claim.md5 in listings else None
        else:
            digest = shelf.states[claim.md5].digest
        wrong, recorded, actual = claim.differs(digest) if digest else ("", "", "")
        if wrong and digest and digest.md5 == claim.md5:
            yield Discrepancy(Level.MISMATCH, shelf.store.name, claim.path, wrong, recorded, actual,
                          "do not trust it: find out who changed it")  # fmt: skip


def _absent(
    root: Path, claims: Iterable[Claim], shelves: Sequence[Shelf], here: KeptHere, listings: Listings
) -> Iterable[Discrepancy]:
    places = ", ".join([*(shelf.store.name for shelf in shelves), *([WORKSPACE] if here.looked else [])])
    corrupt = {shelf.store.name: set(shelf.corrupt()) for shelf in shelves}
    told = {md5 for found in corrupt.values() for md5 in found}
    for claim in claims:
        found = here.workspace.digests.get(claim.path)
        if claim.keeper is Keeper.NOBODY:
            yield _nobodys(claim, found is not None and found.md5 == claim.md5)
        elif here.looked and found is None and claim.path not in here.workspace.errors and claim.md5 not in told:
            command = "dvc checkout" if claim.keeper is Keeper.CACHE else "git checkout HEAD --"
            yield Discrepancy(Level.NOTE, WORKSPACE, claim.path, "is not there", fix=f"{command} {claim.path}")
        if claim.keeper is not Keeper.CACHE or not claim.md5:
            continue
        lacking: dict[str, int] = {}
        named = objects.named(claim, listings)
        for path, md5 in named:
            without = [one.store.name for one in shelves if not one.good(md5) and md5 not in corrupt[one.store.name]]
            if len(without) == len(shelves) and not here.has(md5):
                if md5 not in told:
                    fix = _search(root, claim, shelves)
                    yield Discrepancy(Level.MISSING, places, path, "is in none of these places", f"md5 {md5}", fix=fix)
                continue
            for name in without:
                lacking[name] = lacking.get(name, 0) + 1
        for name, count in lacking.items():
            yield _note(claim, name, count, len(named))


def _nobodys(claim: Claim, is_here: bool) -> Discrepancy:
    fix = f"git add {claim.path}, or dvc add {claim.path}; then commit"
    if is_here:
        return Discrepancy(
            Level.NOTE, WORKSPACE, claim.path, "only the workspace has it: neither Git nor DVC does", fix=fix
        )
    wrong = "neither Git nor DVC keeps it"
    return Discrepancy(Level.MISSING, layout.DVC_LOCK, claim.path, wrong, f"md5 {claim.md5}", fix=fix)


def _note(claim: Claim, store: str, count: int, of: int) -> Discrepancy:
    wrong = "is not in there" if of == 1 else f"{count} of its {of} objects are not in there"
    fix = f"dvc fetch {claim.path}, if a remote has it" if store == "cache" else f"dvc push {claim.path}"
    return Discrepancy(Level.NOTE, store, claim.path, wrong, fix=fix)


def _search(root: Path, claim: Claim, shelves: Sequence[Shelf]) -> str:
    ways = []
    if len(shelves) == 1 and stores.has_remote(root):
        ways.append("a remote may have it: dvc fetch --all-commits, or look: regrow verify REV --remote")
    if claim.owner == "input":
        ways.append("else another clone, or where it came from: dvc push from there")
    else:
        ways.append(f"else make it anew: regrow replay, or dvc repro ({claim.owner.removeprefix('output of ')})")
    return "\n".join(ways)
