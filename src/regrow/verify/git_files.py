"""The files that Git holds, and the folders made of them, against what the run saw of them."""

import posixpath
from collections.abc import Iterable, Mapping
from functools import cached_property

import pathspec

from regrow.base.errors import Exit, Problem, RegrowError
from regrow.base.hashing import IGNORE, Digest, ignored, of_bytes, of_files
from regrow.record.commit_record import Files, Recorded, is_file
from regrow.tools import git
from regrow.verify.claims import Claim, Keeper, Listings, kept_by_dvc
from regrow.verify.findings import GIT, OBJECTS, Count, Discrepancy, Level

LINK = "120000"
HOPS = 40  # links that lead to links, as Linux has it
SMALL = 1 << 20  # bytes
BACK = 20  # commits looked through for the state that the run saw
_AFTER = "dvc repro, then commit all it changed; or git revert what came after the run"


class Blobs:
    """Digests of what one commit holds, taken when asked for. odd: path -> how bad, what is wrong with its object."""

    def __init__(self, recorded: Recorded, files: Files | None = None) -> None:
        self.root = recorded.root
        self.files = recorded.files if files is None else files
        self.odd: dict[str, tuple[Level, str]] = {}
        self._recorded = recorded
        self._digests: dict[str, Digest] = {}
        self._bytes: dict[str, bytes] = {}

    @cached_property
    def ignore(self) -> pathspec.GitIgnoreSpec:
        """What DVC does not see of it."""
        if self.files is self._recorded.files:
            return self._recorded.ignore
        return ignored({path: data for path in self.files
                        if posixpath.basename(path) == IGNORE and (data := self.read(path)) is not None})  # fmt: skip

    def below(self, folder: str) -> list[str]:
        """Its files in a folder that DVC sees."""
        return [path for path in self.files if path.startswith(f"{folder}/") and not self.ignore.match_file(path)]

    def read(self, path: str) -> bytes | None:
        """A file's bytes; None if it is not there, or its object is not as it was made."""
        if path not in self._bytes:
            return self.all([path]).get(path)
        return self._bytes[path]

    def all(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Path -> bytes of those that can be read. Small ones are kept for who asks again."""
        named = {path: self.files[path][1] for path in paths if is_file(self.files.get(path, ("", ""))[0])}
        objects = dict(self._objects(named))
        found = {path: objects[name] for path, name in named.items() if name in objects}
        self._bytes |= {path: data for path, data in found.items() if len(data) < SMALL}
        return found

    def digests(self, paths: Iterable[str]) -> dict[str, Digest]:
        """Path -> digest of those that are there; links inside the commit are followed."""
        targets = {path: self.target(path) for path in paths}
        wanted = {target: self.files[target][1] for target in targets.values() if target}
        new = {path: name for path, name in wanted.items() if name not in self._digests and path not in self.odd}
        self._digests |= {name: of_bytes(data) for name, data in self._objects(new)}
        named = {path: self.files[target][1] for path, target in targets.items() if target}
        return {path: self._digests[name] for path, name in named.items() if name in self._digests}

    def _objects(self, wanted: Mapping[str, str]) -> Iterable[tuple[str, bytes]]:
        """(object, bytes) of paths' objects; those that are not as they were made are noted as odd."""
        with git.Objects(self.root) as objects:
            yield from objects.read(wanted.values())
            for path, name in wanted.items():
                if name in objects.wrong:
                    self.odd[path] = Level.MISMATCH, f"Git's object {name} {objects.wrong[name]}"
                elif name in objects.missing:
                    self.odd[path] = Level.MISSING, f"Git's object {name} is missing"

    def require(self) -> None:
        """Raise RegrowError (MISMATCH or DATA_MISSING) if an object that was looked at is not as it was made."""
        if self.odd:
            wrong = any(level is Level.MISMATCH for level, _ in self.odd.values())
            problems = (Problem(told, path, git.FIX) for path, (_, told) in self.odd.items())
            raise RegrowError.of(problems, Exit.MISMATCH if wrong else Exit.DATA_MISSING)

    def target(self, path: str) -> str:
        """The file of the commit that a path leads to, "" if to none."""
        for _ in range(HOPS):
            mode, _ = self.files.get(path, ("", ""))
            if mode != LINK:
                return path if is_file(mode) else ""
            text = (self.read(path) or b"").decode("utf-8", "surrogateescape")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
        return ""


def compose(path: str, recorded: Recorded, blobs: Blobs, listings: Listings) -> Digest | None:
    """The folder as the commit has it: of Git's files and of those DVC keeps. None where a listing is not known."""
    inside = f"{path}/"
    below = blobs.below(path)
    held = blobs.digests(below)
    if len(held) < len(below):
        return None
    files = {one.removeprefix(inside): digest for one, digest in held.items()}
    for entry in kept_by_dvc(recorded):
        if not entry.path.startswith(inside) and not inside.startswith(f"{entry.path}/"):
            continue
        if not entry.md5.endswith(".dir"):
            files[entry.path.removeprefix(inside)] = Digest(entry.md5, "", max(entry.size, 0))
        elif entry.md5 not in listings:
            return None
        else:
            whole = {f"{entry.path}/{name}": md5 for name, md5 in listings[entry.md5].items()}
            files |= {path.removeprefix(inside): Digest(md5, "", 0) for path, md5 in whole.items()
                      if path.startswith(inside)}  # fmt: skip
    return of_files(files) if files else None


def whole(blobs: Blobs) -> tuple[list[Discrepancy], Count]:
    """What is wrong with the objects of a commit's files, each hashed; and what was hashed."""
    paths = [path for path, (mode, _) in blobs.files.items() if is_file(mode)]
    plain = blobs.digests(path for path in paths if blobs.files[path][0] != LINK)
    links = [path for path in paths if blobs.files[path][0] == LINK and blobs.read(path) is not None]
    found = [
        Discrepancy(level, GIT, path, wrong, fix=git.FIX, kind=OBJECTS) for path, (level, wrong) in blobs.odd.items()
    ]
    return found, Count(len(plain) + len(links), sum(digest.size for digest in plain.values()))


def check(
    recorded: Recorded, blobs: Blobs, found: Iterable[Claim], listings: dict[str, Mapping[str, str]]
) -> list[Discrepancy]:
    """What the run saw otherwise. listings: gets the folders as the run saw them, where that is found out."""
    kept = [claim for claim in found if claim.keeper in {Keeper.GIT, Keeper.COMPOSED} and claim.md5]
    digests = blobs.digests(claim.path for claim in kept if claim.keeper is Keeper.GIT)
    findings: list[Discrepancy] = []
    for claim in kept:
        if claim.keeper is Keeper.COMPOSED:
            findings += _folder(claim, recorded, blobs, listings)
        elif claim.path not in digests and claim.path not in blobs.odd:
            findings.append(_lost(claim.path))
        elif claim.path in digests:
            wrong, recorded_, actual = claim.differs(digests[claim.path])
            if wrong:
                text = f"the commit's file {wrong}: it was edited after the run, or the run saw another"
                findings.append(Discrepancy(Level.MISMATCH, GIT, claim.path, text, recorded_, actual, _fix(claim)))
    return findings


def _lost(path: str) -> Discrepancy:
    wrong = "it is a link that leads nowhere in the commit, or a submodule, whose files the commit does not hold"
    return Discrepancy(Level.MISSING, GIT, path, wrong, fix="git add what it leads to, then commit")


def _fix(claim: Claim) -> str:
    return _AFTER if claim.owner == "input" else f"{_AFTER}\ngit log -p -- {claim.path} shows who changed it"


def _folder(
    claim: Claim, recorded: Recorded, blobs: Blobs, listings: dict[str, Mapping[str, str]]
) -> Iterable[Discrepancy]:
    now = compose(claim.path, recorded, blobs, listings)
    if now is None:  # what DVC lacks for it is told by itself
        for path in sorted(set(blobs.below(claim.path)) - blobs.digests(blobs.below(claim.path)).keys()):
            if blobs.target(path) not in blobs.odd:
                yield _lost(path)
        return
    have = {name: digest.md5 for name, digest in now.files.items()}
    if now.md5 == claim.md5:
        listings[claim.md5] = have
        if claim.sha256 and now.sha256 and now.sha256 != claim.sha256:
            wrong, one, two = claim.differs(now)
            yield Discrepancy(Level.MISMATCH, GIT, claim.path, wrong, one, two, _fix(claim))
        return
    seen = listings.get(claim.md5) or _earlier(claim, recorded, listings)
    if seen is None:
        wrong = "its files in the commit are not those that the run saw"
        yield Discrepancy(Level.MISMATCH, GIT, claim.path, wrong, f"md5 {claim.md5}", f"md5 {now.md5}", _fix(claim))
        return
    listings[claim.md5] = seen
    for name, (one, two) in changes(seen, have).items():
        wrong = "the commit edited it after the run" if one and two else (
            "the commit has it, the run did not see it" if two else "the run saw it, the commit lacks it"
        )  # fmt: skip
        yield Discrepancy(Level.MISMATCH, GIT, f"{claim.path}/{name}", wrong, one, two, _fix(claim))


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Name -> (before, after), "" for absent, of what differs."""
    names = sorted(before.keys() | after.keys())
    pairs = {name: (before.get(name, ""), after.get(name, "")) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _earlier(claim: Claim, recorded: Recorded, listings: Listings) -> Mapping[str, str] | None:
    """The folder's files in the newest of the commits before that has them as the run saw them."""
    for commit in reversed(git.revisions(recorded.root, recorded.commit, BACK)):
        if commit == recorded.commit:
            continue
        try:
            files = git.files(recorded.root, commit)
        except RegrowError:
            continue  # it is told when that one is verified
        then = compose(claim.path, recorded, Blobs(recorded, files), listings)
        if then is not None and then.md5 == claim.md5:
            return {name: digest.md5 for name, digest in then.files.items()}
    return None
