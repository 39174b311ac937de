"""Whether each file of an environment is as its package recorded it (RECORD, by sha256), and no code is there besides.

Files are hashed once. From then on the system is asked for size, times and inode of each. The time of a file's last
change of any kind can't be set by a call, so what has all of them as they were is as it was; any doubt is hashed.
"""

import base64
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from regrow.base import bytecode, file_stamp
from regrow.base.atomic import write_text
from regrow.base.errors import RegrowError
from regrow.environment.records import VIRTUAL, EditedFile, PackageFolders, Records

TICK = 0.02  # seconds within which two changes of a file may bear the same time
MANY = 3000  # files: to hash more takes longer than a second
CODE = (".py", ".pyc", ".so", ".pyd", ".pth", ".egg-link", "/entry_points.txt")  # what Python or regrow acts on
PROGRAMS = re.compile(r"python[\d.]*t?(\.exe)?|pythonw(\.exe)?")  # what makes an environment, not a package, puts there
SHELL = re.compile(r"activate.*|Activate\.ps1|deactivate.*|pydoc\.bat")  # regrow uses none of them
SEEDS = re.compile(r"(^|/)_virtualenv\.(py|pth)$")  # from uv venv and virtualenv, which record nothing
Say = Callable[[str], None]


@dataclass
class Stamp:
    """What was seen when all was held against the records. whole: whether nothing was wrong. seen: file or folder ->
    what the system said of it. held: what no package records -> its hash."""

    whole: bool = False
    seen: Mapping[str, bytes] = field(default_factory=dict)
    held: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, place: PackageFolders) -> "Stamp":
        """The last one, an empty one if there is none."""
        try:
            told = json.loads(place.stamp.read_text(encoding="utf-8", errors="surrogateescape"))
            size, data = file_stamp.ABOUT.size, base64.b64decode(told["seen"])
            parts = (data[at : at + size] for at in range(0, len(data), size))
            return cls(told["whole"] is True, dict(zip(told["paths"].split("\0"), parts, strict=True)), told["held"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RegrowError):
            return cls()

    def write(self, place: PackageFolders) -> None:
        """Keep it, where that can be done."""
        seen = base64.b64encode(b"".join(self.seen.values())).decode()
        told = {"whole": self.whole, "paths": "\0".join(self.seen), "seen": seen, "held": dict(self.held)}
        with suppress(OSError, RegrowError, UnicodeEncodeError):
            write_text(place.stamp, json.dumps(told))


def is_as_seen(place: PackageFolders, path: Callable[[str], str] | None = None) -> bool:
    """Whether nothing was wrong when all was held against the records, and nothing has changed since."""
    path = path or place.path
    try:
        told = json.loads(place.stamp.read_text(encoding="utf-8", errors="surrogateescape"))
        names, seen = str(told["paths"]).split("\0"), base64.b64decode(told["seen"])
        return told["whole"] is True and b"".join([file_stamp.brief(path(name)) for name in names]) == seen
    except (OSError, ValueError, KeyError, TypeError, RegrowError):
        return False


def differences(place: PackageFolders, *, new: bool = False, say: Say = lambda _: None) -> list[EditedFile]:
    """The files that are not as their package recorded them, are gone, or are code that no package recorded.

    new: it has just been installed, bytecode included. say: is told of work that takes longer than a second.
    """
    if not new and is_as_seen(place):
        return []
    before = Stamp() if new else Stamp.read(place)
    time.sleep(TICK)
    records = Records.read(place)
    found, links = _look(place, records)
    fresh = [name for name, about in found.items() if before.seen.get(name) != about]
    if len(fresh) > MANY:
        say(f"holding {len(fresh)} files of {place.root} against what their packages recorded, once")
    held = {**records.rows, **_kept(place, found, records)}
    wrong = [*records.wrong, *_missing(records, found), *_edited(place, records, fresh, links)]
    wrong += _unrecorded(place, records, found, links)
    wrong += [*_open(place), *_unlike(records, before.held, held)]
    wrong += [] if new else _bytecode(place, records, fresh, first=not before.seen)
    doubted = {one.file for one in wrong}
    seen = {name: about for name, about in found.items() if name not in doubted}
    Stamp(not wrong, seen, {**held, **{name: before.held[name] for name in doubted & before.held.keys()}}).write(place)
    return sorted(set(wrong), key=lambda one: (one.package, one.file))


def begin(place: PackageFolders, say: Say) -> Callable[[], list[EditedFile]]:
    """Look at the files now, in a process of its own: a thread would wait for others at each file. Returns what gives
    `differences`."""
    if not hasattr(os, "fork"):
        return lambda: differences(place, say=say)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.chdir(place.root)  # short paths are found sooner
            os.write(write, b"y" if is_as_seen(place, str) else b"n")
        finally:
            os._exit(0)
    os.close(write)

    def answer() -> list[EditedFile]:
        with suppress(ChildProcessError):
            os.waitpid(child, 0)
        with open(read, "rb") as pipe:  # noqa: PTH123 - no path
            return [] if pipe.read() == b"y" else differences(place, say=say)

    return answer


def code_of(place: PackageFolders, packages: Collection[str]) -> dict[str, bytes]:
    """The code of packages and the folders it is in, their tests apart, and what lets this environment find it: path ->
    what the system said of it when all was held against the records; {} where something was wrong then."""
    stamp, records = Stamp.read(place), Records.read(place, packages)
    files = {name for name in records.files if name.endswith(CODE) and "/tests/" not in name}
    wanted = {*files, *(os.path.dirname(name) for name in files), VIRTUAL}  # noqa: PTH120 - thousands
    return {place.path(name): stamp.seen[name] for name in sorted(wanted & stamp.seen.keys())} if stamp.whole else {}


def told(found: Sequence[EditedFile], most: int = 10) -> list[str]:
    """Lines for people."""
    more = [f"and {len(found) - most} more"] if len(found) > most else []
    return [*map(str, found[:most]), *more]


def _look(place: PackageFolders, records: Records) -> tuple[dict[str, bytes], set[str]]:
    """(what the system says of all that packages are made of, which of it are links)."""
    found: dict[str, bytes] = {}
    links: set[str] = set()
    todo = [str(site) for site in place.sites]
    while todo:
        folder = todo.pop()
        found[place.name(folder)] = file_stamp.brief(folder)
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                todo.append(entry.path)
            else:
                found[name := place.name(entry.path)] = file_stamp.brief(entry.path)
                links |= {name} if entry.is_symlink() else set()
    if place.is_virtual:
        programs = (entry.path for entry in os.scandir(place.programs) if not SHELL.fullmatch(entry.name))
        also = (str(place.programs), str(place.root / VIRTUAL))
        found |= {place.name(path): file_stamp.brief(path) for path in (*programs, *also)}
    for name in records.files.keys() - found.keys():
        if (about := file_stamp.brief(place.path(name))) != file_stamp.ABSENT:
            found[name] = about
            links |= {name} if Path(place.path(name)).is_symlink() else set()
    return found, links


def _missing(records: Records, found: Mapping[str, bytes]) -> Iterator[EditedFile]:
    for name, (package, digest) in records.files.items():
        if digest and name not in found:
            yield EditedFile(package, name, "is gone")


def _edited(place: PackageFolders, records: Records, fresh: Iterable[str], links: set[str]) -> Iterator[EditedFile]:
    """Those whose bytes are not the recorded ones, or lie elsewhere, where they may change unseen."""
    recorded = [(name, *records.files[name]) for name in fresh if name in records.files]
    files = [(name, package, digest) for name, package, digest in recorded if digest and name not in links]
    parts = [files[at : at + 200] for at in range(0, len(files), 200)]
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as threads:
        for name, package, _ in chain.from_iterable(threads.map(lambda part: _unlike_hash(place, part), parts)):
            yield EditedFile(package, name, "is not as its package recorded it")
    for name, package, digest in recorded:
        if name in links:
            yield EditedFile(package, name, "is a link: what it leads to may be changed from elsewhere")
        elif not digest and name.endswith(CODE) and not name.endswith(".pyc"):
            yield EditedFile(package, name, "is recorded without a hash")


def _unlike_hash(place: PackageFolders, files: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return [one for one in files if not _is(place.path(one[0]), one[2])]


def _is(path: str, recorded: str) -> bool:
    algorithm, _, digest = recorded.partition("=")
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - eighteen thousand times
            found = hashlib.file_digest(file, algorithm).digest()
    except (OSError, ValueError):
        return False
    return base64.urlsafe_b64encode(found).rstrip(b"=").decode() == digest.rstrip("=")


def _unrecorded(
    place: PackageFolders, records: Records, found: Mapping[str, bytes], links: set[str]
) -> Iterator[EditedFile]:
    programs = f"{place.name(str(place.programs))}/"
    for name in found.keys() - records.files.keys():
        if name.startswith(programs):
            odd = not PROGRAMS.fullmatch(name[len(programs) :])
        elif "/__pycache__/" in name or (place.is_virtual and SEEDS.search(name)):
            odd = False
        else:
            odd = name.endswith(CODE) or name in links
        if odd:
            yield EditedFile(records.owner(place, name), name, "is there, and no package recorded it")


def _open(place: PackageFolders) -> Iterator[EditedFile]:
    said = (place.root / VIRTUAL).read_text(encoding="utf-8", errors="replace") if place.is_virtual else ""
    if re.search(r"(?mi)^\s*include-system-site-packages\s*=\s*true\s*$", said):
        yield EditedFile("", VIRTUAL, "lets in packages of the system's Python, which no lock holds")


def _kept(place: PackageFolders, found: Mapping[str, bytes], records: Records) -> dict[str, str]:
    """What makes an environment and belongs to no package, by hash, or by where it leads."""
    programs = f"{place.name(str(place.programs))}/"
    kept = {}
    for name in found.keys() - records.files.keys():
        path = place.path(name)
        if name.startswith(programs) and PROGRAMS.fullmatch(name[len(programs) :]):
            kept[name] = os.path.realpath(path)
        elif place.is_virtual and (name == VIRTUAL or SEEDS.search(name)):
            kept[name] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return kept


def _unlike(records: Records, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[EditedFile]:
    """What no package records, and is not as it was when the environment was set up."""
    for name in before.keys() & now.keys():
        if before[name] != now[name]:
            package = records.files[name][0] if name in records.rows and name in records.files else ""
            yield EditedFile(package, name, "is not as it was when this environment was set up")


def _bytecode(place: PackageFolders, records: Records, fresh: Iterable[str], *, first: bool) -> Iterator[EditedFile]:
    """Bytecode that Python would run, and that is not what its source compiles to.

    What installers compiled, thousands of files, is believed where nobody looked before.
    """
    written = [name for name in fresh if bytecode.is_read(name)]
    if first and len(written) > MANY:
        installed = max((os.stat(place.path(name)).st_ctime for name in records.rows), default=0.0)  # noqa: PTH116
        written = [name for name in written if os.stat(place.path(name)).st_ctime > installed + 120]  # noqa: PTH116
    for name in written:
        if not bytecode.is_true(Path(place.path(name))):
            yield EditedFile(records.owner(place, name), name, "is not what its source compiles to")
