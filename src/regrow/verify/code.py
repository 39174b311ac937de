"""The code that fingerprints name against what src/ and the wheels in vendor/ of the same commit hold. None is run."""

import hashlib
import io
import posixpath
import re
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from regrow import __version__, layout
from regrow.base.errors import RegrowError
from regrow.environment.requirements import locked_versions
from regrow.fingerprint.code.lookup import NO_DATA, Code
from regrow.fingerprint.code.reach import Reach
from regrow.fingerprint.code.source import Source, parsed
from regrow.record.commit_record import Recorded
from regrow.verify.findings import CODE, UNCOMPARED, Discrepancy, Level
from regrow.verify.git_files import Blobs

LARGEST = 50_000_000  # bytes of one wheel's files
HEAD = f"{layout.SOURCE}/"
_RERUN = "dvc repro, then commit what it changed; or git revert what came after the run"
Files = Mapping[str, tuple[str, bytes]]  # path from where imports begin -> (file of the commit, bytes)


class _Code(Code):
    """Code out of a commit alone; nothing that is installed is looked at."""

    def __init__(self, files: Files) -> None:
        super().__init__()
        self.files = files
        self.tops = {path.partition("/")[0].removesuffix(".py") for path in files}
        self.folders = {str(folder) for path in files for folder in PurePosixPath(path).parents}

    def file(self, module: str) -> str:
        """The path of a module's source, "" if it has none."""
        path = module.replace(".", "/")
        return next((one for one in (f"{path}/__init__.py", f"{path}.py") if one in self.files), "")

    def source(self, module: str) -> Source | None:
        if module not in self._sources:
            file = self.file(module) if self._may_follow(module) else ""
            self._sources[module] = parsed(self.files[file][1], file, module) if file else None
        return self._sources[module]

    def is_namespace(self, module: str) -> bool:
        return self._may_follow(module) and not self.file(module) and module.replace(".", "/") in self.folders

    def compiled(self, module: str) -> Path | None:
        return None

    def modules_of(self, package: str) -> list[str]:
        inside = [path for path in self._inside(package) if path.endswith(".py")]
        found = [path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in inside]
        return found or [package]

    def _inside(self, package: str) -> list[str]:
        found = [path for path in self.files if path.startswith(f"{package}/")]
        return sorted(found, key=lambda path: PurePosixPath(path).parts)

    def _files_digest(self, package: str, *, code: bool) -> str:
        told = hashlib.sha256()
        for path in self._inside(package) or ([f"{package}.py"] if f"{package}.py" in self.files else []):
            suffix = posixpath.splitext(path)[1]
            if suffix == ".py" if code else suffix not in NO_DATA:
                name = path.removeprefix(f"{package}/")
                told.update(f"{name}\0{hashlib.sha256(self.files[path][1]).hexdigest()}\n".encode())
        return told.hexdigest()[:16]


def check(recorded: Recorded, blobs: Blobs) -> tuple[int, list[Discrepancy]]:
    """(how many lines of fingerprints are about code of the commit, what is wrong with them)."""
    code = _Code(dict(_files(recorded, blobs)))
    pinned = locked_versions((blobs.read(layout.REQUIREMENTS) or b"").decode("utf-8", "replace")).get("regrow")
    total, findings = 0, list[Discrepancy]()
    for path in sorted(recorded.files):
        folder, _, name = path.rpartition("/")
        if folder != layout.FINGERPRINTS or not name.endswith(".lock"):
            continue
        text = (blobs.read(path) or b"").decode("utf-8", "replace")
        known = {key: digest for key, digest in _lines(text) if _top(key) in code.tops}
        total += len(known)
        other = _other_rules(text, pinned)
        findings += _differing(path, name.removesuffix(".lock"), known, _now(code, text, known), code, other)
    return total, findings


def _files(recorded: Recorded, blobs: Blobs) -> Iterable[tuple[str, tuple[str, bytes]]]:
    """What can be imported: of the wheels in vendor/, then of src/, which comes first on the path."""
    wheels = [path for path in recorded.files if path.startswith(f"{layout.VENDOR}/") and path.endswith(".whl")]
    for path, data in blobs.all(wheels).items():
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as wheel:
                if sum(one.file_size for one in wheel.infolist()) < LARGEST:
                    inside = [one for one in wheel.namelist() if not one.endswith("/") and ".dist-info/" not in one]
                    yield from ((one, (path, wheel.read(one))) for one in inside)
        except (zipfile.BadZipFile, OSError, ValueError):
            continue  # that the lock does not pin it is told
    own = blobs.all(path for path in recorded.files if path.startswith(HEAD))
    yield from ((path.removeprefix(HEAD), (path, data)) for path, data in own.items())


def _lines(text: str) -> Iterable[tuple[str, str]]:
    """("module:name" or "package", hash) of the lines about code, and files beside it."""
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind in {"code", "data"}:
            yield rest.rpartition(" ")[::2]


def _top(key: str) -> str:
    return key.partition(":")[0].partition(".")[0]


def _now(code: _Code, text: str, known: Iterable[str]) -> dict[str, str]:
    """What the commit's code gives for the units that a fingerprint names, and for all that these can reach."""
    reach = Reach(code)
    starts = re.findall(r"(?m)^(?:runs|component) \S+ (\S+)$", text)
    for unit in (*starts, *(key for key in known if ":" in key and not key.endswith(":<text>"))):
        try:
            reach.follow(unit)
        except RegrowError:
            continue  # no Python: then the unit is not there
    return {key: digest for key, digest in (reach.units | reach.data).items() if _top(key) in code.tops}


def _other_rules(text: str, pinned: str | None) -> str:
    """Why hashes may differ though the code is the same."""
    python = re.search(r"(?m)^python (\S+)$", text)
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if python and python[1] != here:
        return f"recorded under Python {python[1]}, whose syntax trees are not those of Python {here} here"
    return f"recorded with regrow {pinned}, and this is {__version__}" if pinned not in {None, __version__} else ""


def _differing(
    path: str, stage: str, then: Mapping[str, str], now: Mapping[str, str], code: _Code, other: str
) -> Iterable[Discrepancy]:
    for key in sorted(then.keys() | now.keys()):
        before, after = then.get(key, ""), now.get(key, "")
        if before == after:
            continue
        file = code.file(key.partition(":")[0])
        told = code.files[file][0] if file else path
        if other:
            wrong = f"{key}{UNCOMPARED}{other}"
            yield Discrepancy(Level.UNPROVEN, path, told, wrong, before, after, kind=CODE, unit=key)
        else:
            wrong = f"stage {stage} ran on other code than the commit has: {key}"
            yield Discrepancy(Level.MISMATCH, path, told, wrong, before, after, _RERUN, kind=CODE, unit=key)
