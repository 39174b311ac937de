"""What a commit claims: each input and output with its hashes, and by whom its bytes are kept."""

import json
import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from regrow import layout
from regrow.base.hashing import FOLDER, Digest
from regrow.base.safe_path import safe_join
from regrow.record.commit_record import Entry, Recorded
from regrow.verify.findings import SWORN, Discrepancy, Level

Read = Callable[[str], bytes | None]  # a file of Git's, by path
Listings = Mapping[str, Mapping[str, str]]  # md5 of a folder -> relative path -> md5


class Keeper(Enum):
    """Who has the bytes. COMPOSED: a folder that a stage reads, of files of Git's and of DVC's. NOBODY: neither."""

    GIT = auto()
    CACHE = auto()
    COMPOSED = auto()
    NOBODY = auto()


@dataclass(frozen=True)
class Claim:
    """owner: for people, such as "output of train". sha256, sworn_size: as hashes/STAGE.json says, "" and -1 if not.
    files: of a folder, how many; -1 if unknown."""

    path: str
    md5: str
    size: int
    owner: str
    keeper: Keeper
    sha256: str = ""
    sworn_size: int = -1
    files: int = -1

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder's."""
        return self.md5.endswith(FOLDER)

    def differs(self, found: Digest) -> tuple[str, str, str]:
        """(what is wrong, recorded, actual) with bytes that were found; empty texts if nothing."""
        if found.md5 != self.md5:
            sizes = f", {self.size} bytes" if self.size >= 0 else "", f", {found.size} bytes"
            return "holds other bytes", f"md5 {self.md5}{sizes[0]}", f"md5 {found.md5}{sizes[1]}"
        if self.sha256 and found.sha256 and found.sha256 != self.sha256:
            return "has the md5 recorded, but another sha256", f"sha256 {self.sha256}", f"sha256 {found.sha256}"
        for said, size in ((layout.DVC_LOCK, self.size), (layout.HASHES, self.sworn_size)):
            if size >= 0 and size != found.size:
                return f"has the hash recorded, but not the size in {said}", str(size), str(found.size)
        if self.files >= 0 and found.files and self.files != len(found.files):
            text = f"has the hash recorded, but not the number of files in {layout.DVC_LOCK}"
            return text, str(self.files), str(len(found.files))
        return "", "", ""


def claims(recorded: Recorded, sworn: Mapping[str, tuple[str, int]]) -> list[Claim]:
    """Each path with each hash that is claimed of it, once, in order of path.

    sworn: path -> (sha256, size). Raises RegrowError (UNSAFE) for a path that leads out of the project.
    """
    tracked = {entry.path for entry in kept_by_dvc(recorded) if entry.cached}
    found: dict[tuple[str, str], Claim] = {}

    def add(entry: Entry, owner: str, where: str) -> None:
        safe_join(recorded.root, entry.path, where)
        sha256, size = sworn.get(entry.path, ("", -1))
        claim = Claim(entry.path, entry.md5, entry.size, owner, _keeper(entry, tracked), sha256, size, entry.files)
        known = found.get((entry.path, entry.md5))
        if known is None or known.size < 0:
            found[entry.path, entry.md5] = claim if known is None else replace(known, size=claim.size)

    for entry in recorded.data:
        add(entry, "input", f"{entry.path}.dvc")
    for stage in recorded.stages:
        for out in stage.outs:
            add(out, f"output of {stage.name}", f"{layout.DVC_LOCK}, stage {stage.name}")
    for stage in recorded.stages:
        for dep in stage.deps:
            maker = recorded.makers.get(dep.path)
            add(dep, f"output of {maker}" if maker else "input", f"{layout.DVC_LOCK}, stage {stage.name}")
    return [found[key] for key in sorted(found)]


def kept_by_dvc(recorded: Recorded) -> list[Entry]:
    """What DVC's cache should hold: outputs and tracked data that Git does not."""
    made = [out for stage in recorded.stages for out in stage.outs]
    return [entry for entry in (*recorded.data, *made) if not entry.in_git]


def _keeper(entry: Entry, tracked: set[str]) -> Keeper:
    if entry.path in tracked:
        return Keeper.CACHE
    inside = _is_inside(entry.path, tracked)
    if entry.md5.endswith(FOLDER):
        mixed = entry.in_git or inside or any(path.startswith(f"{entry.path}/") for path in tracked)
        return Keeper.COMPOSED if mixed else Keeper.NOBODY
    if entry.in_git:
        return Keeper.GIT
    return Keeper.CACHE if inside else Keeper.NOBODY


def _is_inside(path: str, folders: set[str]) -> bool:
    while path := posixpath.dirname(path):
        if path in folders:
            return True
    return False


def sworn_hashes(recorded: Recorded, read: Read) -> tuple[dict[str, tuple[str, int]], list[Discrepancy]]:
    """What the stages said of their inputs and outputs in hashes/STAGE.json: path -> (sha256, size), and what is wrong
    there: statements that contradict each other, or tell of files that the stage has not."""
    found: dict[str, tuple[str, int]] = {}
    wrong: list[Discrepancy] = []
    for stage in recorded.stages:
        known = {entry.path for entry in (*stage.deps, *stage.outs)}
        for out in stage.outs:
            folder, _, name = out.path.rpartition("/")
            if posixpath.basename(folder) != layout.HASHES or not name.endswith(".json"):
                continue
            project = posixpath.dirname(folder)
            said, problem = _parse(read(out.path))
            if problem:
                wrong.append(_contradiction(out.path, out.path, problem))
            for relative, statement in said.items():
                path = posixpath.join(project, relative)
                if path not in known:
                    wrong.append(_contradiction(out.path, path, f"is no input or output of {stage.name} in dvc.lock"))
                elif found.setdefault(path, statement) != statement:
                    text = "two stages record different sha256 or size of it"
                    wrong.append(_contradiction(out.path, path, text, str(found[path]), str(statement)))
    return found, wrong


def _contradiction(file: str, path: str, wrong: str, recorded: str = "", actual: str = "") -> Discrepancy:
    fix = "git log -p shows who changed it; dvc repro -f writes it anew"
    return Discrepancy(Level.MISMATCH, file, path, wrong, recorded, actual, fix, kind=SWORN)


def _parse(data: bytes | None) -> tuple[dict[str, tuple[str, int]], str]:
    if data is None:
        return {}, ""  # that Git lacks it is told where its own hash is compared
    try:
        document: Any = json.loads(data)
        sides: Iterable[Mapping[str, Any]] = [document["inputs"], document["outputs"]]
        return {path: (str(one["sha256"]), int(one["size"])) for side in sides for path, one in side.items()}, ""
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return {}, f"can't be read: {error}"
