"""vendor/ of a commit against its requirements.lock: each wheel is one that is pinned, and none of them is gone."""

import re
from collections.abc import Iterable, Mapping

from packaging.utils import canonicalize_name

from regrow import layout
from regrow.base.hashing import Digest
from regrow.record.commit_record import Files, Recorded
from regrow.tools import git
from regrow.verify.findings import GIT, WHEELS, Discrepancy, Level
from regrow.verify.git_files import Blobs

BACK = 20  # commits looked through for wheels that once were there
OURS = "regrow"
WHEEL = re.compile(rf"{layout.VENDOR}/([A-Za-z0-9][A-Za-z0-9_.]*)-[A-Za-z0-9_.!+-]+\.whl")
_PIN = re.compile(r"(?m)^([A-Za-z0-9][A-Za-z0-9._-]*)[^\n]*(?:\n[ \t].*)*")
_FIX = "git log -- vendor requirements.lock shows who changed it; to write both anew: make lock"


def check(recorded: Recorded, blobs: Blobs) -> tuple[int, list[Discrepancy]]:
    """(how many claims there are, what is wrong): each wheel, and each package that is pinned by the hash of one."""
    lock = blobs.read(layout.REQUIREMENTS)
    pinned = pins((lock or b"").decode("utf-8", "replace"))
    there = _wheels(recorded.files)
    digests = blobs.digests(there)
    findings = [*_odd(recorded.files, digests, pinned)]
    had = {WHEEL.fullmatch(path)[1] for path in there}  # type: ignore[index]
    lacking = [*_absent(recorded, {one.sha256 for one in digests.values()}, pinned)] if lock else []
    lacking += [
        f"{layout.VENDOR}/{name}" for name in pinned
        if there and re.fullmatch(rf"{OURS}(-.*)?", name) and name not in {canonicalize_name(one) for one in had}
        and not any(canonicalize_name(path.partition("/")[2].partition("-")[0]) == name for path in lacking)
    ]  # fmt: skip
    wrong = f"{layout.REQUIREMENTS} pins it, and the commit lacks it: no replay could install it"
    findings += [Discrepancy(Level.MISSING, GIT, path, wrong, fix=_FIX, kind=WHEELS) for path in lacking]
    return len(there) + len(lacking), findings


def pins(lock: str) -> Mapping[str, set[str]]:
    """Distribution -> the sha256 that a lock takes for it."""
    found: dict[str, set[str]] = {}
    for entry in _PIN.finditer(re.sub(r"\\\r?\n", "\n ", lock)):
        hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", entry[0])
        found.setdefault(canonicalize_name(entry[1]), set()).update(hashes)
    return found


def _wheels(files: Files) -> list[str]:
    return [path for path in files if WHEEL.fullmatch(path)]


def _odd(files: Files, digests: Mapping[str, Digest], pinned: Mapping[str, set[str]]) -> Iterable[Discrepancy]:
    for path in files:
        if not path.startswith(f"{layout.VENDOR}/"):
            continue
        told = WHEEL.fullmatch(path)
        if not told:
            wrong = "is no wheel: a replay refuses it"
            yield Discrepancy(Level.MISMATCH, GIT, path, wrong, fix=f"git rm {path}", kind=WHEELS)
            continue
        hashes, actual = pinned.get(canonicalize_name(told[1]), set()), digests[path].sha256
        if actual not in hashes:
            wrong = f"is not a wheel that {layout.REQUIREMENTS} pins"
            recorded = f"sha256 {', '.join(sorted(hashes))}" if hashes else "no such package"
            yield Discrepancy(Level.MISMATCH, GIT, path, wrong, recorded, f"sha256 {actual}", _FIX, kind=WHEELS)


def _absent(recorded: Recorded, here: set[str], pinned: Mapping[str, set[str]]) -> Iterable[str]:
    """The wheels that a commit before had, and that are pinned still."""
    wanted = {one for hashes in pinned.values() for one in hashes} - here
    oldest = "".join(git.lines(recorded.root, "rev-list", f"--max-count={BACK}", recorded.commit)[-1:])
    listed = ("log", "--raw", "--no-abbrev", "--no-renames", "--format=", "--diff-filter=D", "--relative")
    removed = git.lines(recorded.root, *listed, f"{oldest}..{recorded.commit}", "--", layout.VENDOR)
    gone = {path: ("100644", about.split()[2]) for about, _, path in (line.partition("\t") for line in removed)}
    wheels = [path for path in _wheels(gone) if path not in recorded.files]
    digests = Blobs(recorded, gone).digests(wheels) if wheels else {}
    yield from (path for path, digest in digests.items() if digest.sha256 in wanted)
