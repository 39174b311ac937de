"""Files of a commit that run code when somebody loads them: pickles, in whatever dress."""

import io
import pickletools
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from regrow.plugin.project import Project
from regrow.record.commit_record import Recorded, is_file, read_commit
from regrow.tools import git

LIMIT = (
    "pickles are known by their bytes and in zip files, not inside other archives; what is no pickle may be unsafe in "
    "other ways, and what is in DVC's cache is looked at only where it lies in the project."
)
NAMES = re.compile(r".*\.(pkl|pickle|joblib|dill|cloudpickle)", re.IGNORECASE)
MAGIC = re.compile(rb"\x80[\x02-\x05]")
CALLS = ("GLOBAL", "STACK_GLOBAL", "INST", "REDUCE", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD")
NUMPY = b"\x93NUMPY"
MOST_MEMBER = 1 << 30


@dataclass(frozen=True)
class Pickle:
    """A file that is one, or holds one."""

    path: str
    #: what it would import: "module name"; empty where that can't be told
    imports: tuple[str, ...]
    #: what else there is to say
    about: str = ""


@dataclass(frozen=True)
class Scanned:
    """What a scan saw."""

    commit: str
    files: int
    found: tuple[Pickle, ...]
    #: data of the commit that do not lie here
    not_here: tuple[str, ...]


def scan(project: Project, revision: str = "HEAD") -> Scanned:
    """Every file that the commit holds, and every file of DVC's that lies here. Raises RegrowError for a revision that
    is no commit; one that recorded no run is scanned, too."""
    commit = read_commit(project.root, revision, run=False)
    found, count = [], 0
    for path, (mode, name) in commit.files.items():
        if is_file(mode):
            data = git.blobs(project.root, {name: path})[name]
            found += list(of_bytes(path, data))
            count += 1
    outside, missing = _data(project, commit)
    for path in outside:
        found += list(of_bytes(path, (project.root / path).read_bytes()))
    return Scanned(commit.commit, count + len(outside), tuple(found), tuple(missing))


def _data(project: Project, commit: Recorded) -> tuple[list[str], list[str]]:
    """What DVC holds of a commit: files that lie here, and paths that do not."""
    entries = {
        one.path for one in (*commit.data, *(out for stage in commit.stages for out in stage.outs)) if not one.in_git
    }
    here, missing = [], []
    for path in sorted(entries):
        place = project.root / path
        if place.is_dir():
            inside = [one for one in sorted(place.rglob("*")) if one.is_file() and not one.is_symlink()]
            here += [one.relative_to(project.root).as_posix() for one in inside]
        elif place.is_file():
            here.append(path)
        else:
            missing.append(path)
    return [one for one in here if one not in commit.files], missing


def of_bytes(path: str, data: bytes) -> Iterator[Pickle]:
    """The pickles in a file, itself or as a member."""
    if data[:4] == b"PK\x03\x04":
        yield from _in_zip(path, data)
        return
    if data[:6] == NUMPY:
        if b"'descr': '|O'" in data[:512]:
            yield Pickle(path, (), "numpy holds objects in it, as a pickle")
        return
    imports = _imports(data)
    if imports is not None:
        yield Pickle(path, imports)
    elif NAMES.fullmatch(path):
        yield Pickle(path, (), "its name says so; its bytes are packed, or none")


def _in_zip(path: str, data: bytes) -> Iterator[Pickle]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                if not member.is_dir() and member.file_size <= MOST_MEMBER:
                    yield from of_bytes(f"{path}!{member.filename}", archive.read(member))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError):
        yield Pickle(path, (), "says it is a zip file, and can't be read as one")


def _imports(data: bytes) -> tuple[str, ...] | None:
    """What a pickle imports; None for what is none. Of protocols 0 and 1, which have no mark of their own, only what is
    a whole pickle that imports or calls something counts."""
    marked = MAGIC.match(data) is not None
    if not marked and data[:1] not in b"(]}cI]lsNFVd":
        return None
    names: list[str] = []
    strings: list[str] = []
    calls = False
    try:
        for opcode, argument, _ in pickletools.genops(data):
            if opcode.name in ("GLOBAL", "INST"):
                names.append(str(argument))
            elif opcode.name == "STACK_GLOBAL":
                names.append(" ".join(strings[-2:]))
            elif isinstance(argument, str):
                strings.append(argument)
            calls = calls or opcode.name in CALLS
    except Exception:  # what is no pickle breaks it in any way; so does one that is cut off
        return tuple(dict.fromkeys(names)) if marked and names else None
    return tuple(dict.fromkeys(names)) if marked or calls else None
