"""Hash what is on disk, in DVC's cache and in a remote against what a commit recorded. No code of the commit is run."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.base.hash_many import Watch, nobody
from regrow.record.commit_record import Recorded, is_dvcs, read_commit, read_index, read_workspace
from regrow.tools import git, stores
from regrow.tools.declared_paths import of_texts, refuse, written_outside
from regrow.verify import agreement, code, git_files, kept, objects, unproven, wheels
from regrow.verify import workspace as workspace_files
from regrow.verify.claims import Claim, Keeper, claims, sworn_hashes
from regrow.verify.findings import (
    CODE,
    DECLARED,
    GIT,
    SETTINGS,
    STAGES,
    SWORN,
    WHEELS,
    WORKSPACE,
    Count,
    Discrepancy,
    Level,
    Proof,
    Report,
)
from regrow.verify.kept import KeptHere
from regrow.verify.objects import Shelf
from regrow.verify.proofs import proofs_of
from regrow.verify.workspace import Workspace

Begin = Callable[[int], Watch]  # told how many bytes there are, about


@dataclass(frozen=True)
class _Scene:
    """What there is to look at. claims: of the commit. here: of the workspace's own dvc.lock, None if the commit is not
    checked out."""

    recorded: Recorded
    claims: list[Claim]
    here: list[Claim] | None
    shelves: list[Shelf]


def verify(
    root: Path, revision: str = "HEAD", *, remote: str | None = None, set_aside: bool = True, reads_code: bool = True,
    begin: Begin = lambda size: nobody,
) -> Report:  # fmt: skip
    """Hash every input and output of a commit wherever it lies, and hold dvc.lock against the files it speaks of.

    remote: also look there; "" for the default one. set_aside: move corrupt objects out of the cache; nothing else is
    ever changed. reads_code: also hold fingerprints against the code of the commit.
    Raises RegrowError: no such commit; Git objects without which nothing is known, or a dvc.lock, that are not as they
    were made (MISMATCH) or gone (DATA_MISSING); a path that leads out of the project (UNSAFE); a remote that does not
    answer.
    """
    recorded = read_commit(root, revision)
    blobs = git_files.Blobs(recorded)
    findings, count = git_files.whole(blobs)
    _require_inside(recorded, blobs)
    is_whole = not findings  # else what stands in the commit's files can't be compared
    sworn, odd = sworn_hashes(recorded, blobs.read) if is_whole else ({}, [])
    findings += odd
    claimed = claims(recorded, sworn)
    here: list[Claim] | None = None
    if recorded.commit == git.resolve(root, "HEAD"):
        here, edited = _workspace_claims(recorded, claimed)
        findings += edited
    shelves = [Shelf(stores.cache(root)), *([Shelf(stores.remote(root, remote))] if remote is not None else [])]
    scene = _Scene(recorded, claimed, here, shelves)
    watch = begin(_expected(scene))
    workspace, listings = _hash(scene, watch)
    more, found = _of_the_files(recorded, blobs, listings, reads_code) if is_whole else ({}, [])
    findings += [*found, *git_files.check(recorded, blobs, claimed, listings)]
    if here is not None:
        findings += workspace_files.check(here, workspace, listings)
    findings += kept.check(root, claimed, shelves, KeptHere(workspace, here is not None), listings, set_aside)
    places = {GIT: count, **({WORKSPACE: workspace.count} if here is not None else {})}
    places |= {shelf.store.name: shelf.count for shelf in shelves}
    compared = sum(bool(claim.sha256) for claim in claimed)
    proofs = proofs_of(recorded, claimed, {SWORN: len(sworn), **more}, findings)
    if not is_whole:  # then none of these was compared
        proofs |= {kind: Proof(0, 0, total) for kind, total in _totals(recorded).items()}
    return Report(recorded.commit, places, _sorted(findings), compared, proofs)


def _of_the_files(
    recorded: Recorded, blobs: git_files.Blobs, listings: dict[str, Mapping[str, str]], reads_code: bool
) -> tuple[dict[str, int], list[Discrepancy]]:
    """(kind -> number of claims, what contradicts them) of what stands in the commit's own files."""
    findings = agreement.check(recorded, blobs.read, listings)
    totals = _totals(recorded)
    for kind, check in ((WHEELS, wheels.check), *([(CODE, code.check)] if reads_code else [])):
        totals[kind], found = check(recorded, blobs)
        findings += found
    findings += unproven.check(recorded)
    return totals, findings


def _totals(recorded: Recorded) -> dict[str, int]:
    """Kind -> how many claims dvc.lock makes of it."""
    return {
        SETTINGS: sum(len(values) for stage in recorded.stages for values in stage.params.values()),
        STAGES: sum(agreement.PARTS + len(stage.deps) for stage in recorded.stages),
        DECLARED: sum(stage.is_ours for stage in recorded.stages),
    }


def verify_staged(root: Path) -> Report:
    """Hold what a commit made now would say of its run against the files that it would hold; a hook can wait for it.

    Reads Git's index and nothing else: no data is hashed. Without a run in it nothing is said that could be wrong.
    Raises RegrowError as `verify` does.
    """
    recorded = read_index(root)
    if not recorded.stages:
        return Report(recorded.commit, {GIT: Count()})
    blobs = git_files.Blobs(recorded)
    sworn, findings = sworn_hashes(recorded, blobs.read)
    claimed = claims(recorded, sworn)
    findings += agreement.check(recorded, blobs.read, {})
    findings += git_files.check(recorded, blobs, claimed, {})
    lost = [replace(one, fix=_STAGE) for one in findings if one.level is Level.MISMATCH]
    count = Count(len(recorded.files))
    return Report(recorded.commit, {GIT: count}, _sorted(lost), len(sworn))


_STAGE = "an edit and what came of it belong in one commit: regrow run, then git add --all"


def _require_inside(recorded: Recorded, blobs: git_files.Blobs) -> None:
    """Raise RegrowError (UNSAFE) if a stage of the commit would write outside of the project, whether it ran or not."""
    dvcs = filter(is_dvcs, recorded.files)
    paths = [path for path in dvcs if not path.endswith(layout.DVC_LOCK) and not recorded.ignore.match_file(path)]
    texts = {path: data.decode("utf-8", "replace") for path, data in blobs.all(paths).items()}
    refuse(written_outside(recorded.root, of_texts(texts, blobs.read)))


def _expected(scene: _Scene) -> int:
    kept = sum(max(claim.size, 0) for claim in scene.claims if claim.keeper is Keeper.CACHE)
    return kept * len(scene.shelves) + sum(max(claim.size, 0) for claim in scene.here or ())


def _hash(scene: _Scene, watch: Watch) -> tuple[Workspace, dict[str, Mapping[str, str]]]:
    """Hash the files; also the folders' files by the folders' md5, wherever a list of them was found whole."""
    workspace = workspace_files.look(scene.recorded.root, scene.here or (), scene.recorded.ignore, watch)
    listings: dict[str, Mapping[str, str]] = dict(workspace.listings())
    for shelf in scene.shelves:
        objects.read_folders(shelf, scene.claims)
        listings |= shelf.listings
    _, needed = objects.wanted(scene.claims, listings)
    for shelf in scene.shelves:
        objects.hash_objects(shelf, needed, watch)
    return workspace, listings


def _workspace_claims(recorded: Recorded, claimed: list[Claim]) -> tuple[list[Claim], list[Discrepancy]]:
    """What the workspace should hold: what its own DVC files say, where they are not those of the commit."""
    changed = _edited(recorded)
    if not changed:
        return claimed, []
    fix = "to see it: git diff HEAD\nif it is a run to keep: commit it; else: git checkout HEAD -- {}"
    there = [path for path in changed if (recorded.root / path).is_file()]
    wrong = "is not the commit's; the files here were held against it as it is now"
    findings = [
        Discrepancy(
            Level.MISMATCH, WORKSPACE, path, wrong if path in there else "is missing here", fix=fix.format(path)
        )
        for path in changed
    ]
    if not there:
        return claimed, findings
    try:
        own = read_workspace(recorded)
    except RegrowError as error:
        broken = Discrepancy(
            Level.MISMATCH, WORKSPACE, changed[0], f"can't be read: {error}", fix=fix.format(changed[0])
        )
        return claimed, [*findings, broken]

    def read(path: str) -> bytes | None:
        file = recorded.root / path
        return file.read_bytes() if file.is_file() else None

    sworn, odd = sworn_hashes(own, read)
    odd += agreement.check(own, read, {})
    as_here = [replace(one, place=f"{one.place} of the workspace", kind=WORKSPACE) for one in odd]
    return claims(own, sworn), [*findings, *as_here]


def _edited(recorded: Recorded) -> list[str]:
    """The DVC files of the commit that are not on disk as it has them, byte for byte."""
    ours = [path for path in recorded.files if is_dvcs(path)]
    now = git.hash_files(recorded.root, ours)
    return sorted(path for path in ours if now.get(path) != recorded.files[path][1])


def _sorted(findings: Iterable[Discrepancy]) -> tuple[Discrepancy, ...]:
    """The worst first; each once."""
    order = list(Level)
    unique = dict.fromkeys(findings)
    return tuple(sorted(unique, key=lambda one: (order.index(one.level), one.path, one.place, one.wrong)))
