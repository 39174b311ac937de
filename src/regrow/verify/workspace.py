"""The files on disk at the paths of a run's inputs and outputs, against what the run recorded of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pathspec import GitIgnoreSpec

from regrow.base import hashing
from regrow.base.hash_many import Job, State, Watch, hash_all
from regrow.base.hashing import Digest
from regrow.base.safe_path import safe_join
from regrow.tools.stores import open_plain
from regrow.verify.claims import Claim, Keeper, Listings
from regrow.verify.findings import WORKSPACE, Count, Discrepancy, Level
from regrow.verify.git_files import changes


@dataclass(frozen=True)
class Workspace:
    """digests: path of a claim -> what is there; a path that is not there is left out. errors: file -> why it can't be
    read. md5s: of every file and folder that was hashed."""

    digests: Mapping[str, Digest] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    md5s: frozenset[str] = frozenset()
    count: Count = field(default_factory=Count)

    def listings(self) -> dict[str, dict[str, str]]:
        """The folders that are there, by their md5."""
        folders = (digest for digest in self.digests.values() if digest.md5.endswith(hashing.FOLDER))
        return {digest.md5: {name: one.md5 for name, one in digest.files.items()} for digest in folders}


def look(root: Path, claims: Iterable[Claim], ignore: GitIgnoreSpec, watch: Watch) -> Workspace:
    """Hash every file of the claims, whatever its mode, size and times say. ignore: what DVC saw nothing of."""
    folders: dict[str, list[str]] = {}
    jobs: dict[str, Job] = {}
    for claim in claims:
        path = safe_join(root, claim.path)
        inside = list(hashing.below(path, root, ignore)) if path.is_dir() else None
        if inside is not None:
            folders[claim.path] = inside
        for key, file in [(f"{claim.path}/{name}", path / name) for name in inside or ()] or [(claim.path, path)]:
            sha256 = bool(claim.sha256) or (key in jobs and jobs[key].sha256)
            jobs[key] = Job(key, partial(open_plain, file), sha256)
    for empty in (path for path, inside in folders.items() if not inside):
        jobs.pop(empty, None)
    states = hash_all(jobs.values(), watch)
    return _assembled(states, folders)


def _assembled(states: Mapping[str, State], folders: Mapping[str, list[str]]) -> Workspace:
    there = {key: state.digest for key, state in states.items() if state.digest}
    digests = dict(there)
    for path, inside in folders.items():
        digests[path] = hashing.of_files({name: one for name in inside if (one := there.get(f"{path}/{name}"))})
    return Workspace(
        digests,
        {key: state.error for key, state in states.items() if state.error},
        frozenset(digest.md5 for digest in (*there.values(), *digests.values())),
        Count(len(there), sum(digest.size for digest in there.values())),
    )


def check(claims: Iterable[Claim], here: Workspace, listings: Listings) -> list[Discrepancy]:
    """What differs from the claims. What is not there at all is no difference: it may be checked out again."""
    findings = [
        Discrepancy(Level.MISMATCH, WORKSPACE, path, f"can't be read: {error}", fix=f"ls -l {path}")
        for path, error in sorted(here.errors.items())
    ]
    broken = set(here.errors)
    for claim in claims:
        found = here.digests.get(claim.path)
        if found is None or not claim.md5 or claim.path in broken:
            continue
        wrong, recorded, actual = claim.differs(found)
        known = listings.get(claim.md5)
        if not wrong:
            continue
        if known is None or not found.files or found.md5 == claim.md5:
            findings.append(Discrepancy(Level.MISMATCH, WORKSPACE, claim.path, wrong, recorded, actual, _fix(claim)))
            continue
        now = {name: digest.md5 for name, digest in found.files.items()}
        for name, (one, two) in changes(known, now).items():
            path = f"{claim.path}/{name}"
            text = "holds other bytes" if one and two else "was not there in the run" if two else "is not there"
            if path not in broken:
                findings.append(Discrepancy(Level.MISMATCH, WORKSPACE, path, text, one, two, _fix(claim)))
    return findings


def _fix(claim: Claim) -> str:
    if claim.keeper is Keeper.CACHE:
        return f"to get the recorded one back: dvc checkout --force {claim.path}\nif the change is meant: dvc repro"
    if claim.keeper is Keeper.NOBODY:
        return "neither Git nor DVC has the recorded one; if the change is meant: dvc repro"
    return f"to see it: git diff HEAD -- {claim.path}\nif the change is meant: dvc repro, then commit"
