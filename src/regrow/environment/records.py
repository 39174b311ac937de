"""What the packages of an environment say of their files: RECORD, which pip and uv leave."""

import csv
import hashlib
import os
import sys
import sysconfig
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from packaging.utils import canonicalize_name

from regrow.base.user_cache import cache_home

STAMP = ".regrow-files.json"
VIRTUAL = "pyvenv.cfg"


@dataclass(frozen=True)
class EditedFile:
    """A file that is not as it was installed. package: whose it is, "" if nobody's."""

    package: str
    file: str
    wrong: str

    def __str__(self) -> str:
        return f"{self.package}: {self.file} {self.wrong}" if self.package else f"{self.file} {self.wrong}"


@dataclass(frozen=True)
class PackageFolders:
    """An environment. sites: where its packages are. Paths are written relative to root where they lie below it."""

    root: Path
    sites: tuple[Path, ...]

    @cached_property
    def is_virtual(self) -> bool:
        """Whether it is for its packages alone."""
        return (self.root / VIRTUAL).is_file()

    @property
    def programs(self) -> Path:
        """The folder of its programs."""
        return self.root / ("Scripts" if os.name == "nt" else "bin")

    @cached_property
    def start(self) -> str:
        """What the path of a file in it begins with."""
        return f"{self.root}{os.sep}"

    def path(self, name: str) -> str:
        """Where a file is that is written as `name`."""
        return name if name.startswith(os.sep) else self.start + name

    def name(self, path: str) -> str:
        """As `path` is written."""
        return path.removeprefix(self.start)

    @property
    def stamp(self) -> Path:
        """Where it is noted what was found: in the environment itself, else in regrow's folder."""
        own = self.root / STAMP
        if self.is_virtual and (own.is_file() or os.access(self.root, os.W_OK)):
            return own
        return cache_home() / "environment-files" / f"{hashlib.sha256(os.fsencode(self.root)).hexdigest()[:40]}.json"


def here() -> PackageFolders:
    """The environment of this process."""
    found = dict.fromkeys(os.path.realpath(sysconfig.get_path(name)) for name in ("purelib", "platlib"))
    return PackageFolders(Path(os.path.realpath(sys.prefix)), tuple(map(Path, found)))


def below(folder: Path) -> PackageFolders:
    """The virtual environment in a folder; raises FileNotFoundError if it has no place for packages."""
    found = [*folder.glob("lib/python*/site-packages"), *folder.glob("Lib/site-packages")]
    if not found:
        raise FileNotFoundError(folder)
    return PackageFolders(folder, tuple(found[:1]))


@dataclass
class Records:
    """What the packages of an environment say of themselves. files: file -> (package, "sha256=..." or ""). rows: RECORD
    -> a hash of what it says of files of code. owners: top-level folder -> package."""

    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    wrong: list[EditedFile] = field(default_factory=list)

    @classmethod
    def read(cls, place: PackageFolders, only: Collection[str] | None = None) -> "Records":
        """Those of all packages, or of some."""
        made, known = cls(), set()
        for site in place.sites:
            for folder in sorted(site.iterdir()):
                package = canonicalize_name(folder.name.partition("-")[0])
                if folder.suffix not in {".dist-info", ".egg-info"} or (only is not None and package not in only):
                    continue
                if package in known:
                    made.wrong.append(EditedFile(package, place.name(str(folder)), "is a second one of that package"))
                known.add(package)
                made._add(place, folder, package)
        return made

    def _add(self, place: PackageFolders, folder: Path, package: str) -> None:
        file = place.name(str(folder / "RECORD"))
        try:
            rows = [row for row in csv.reader((folder / "RECORD").read_text(encoding="utf-8").splitlines()) if row]
        except (OSError, ValueError, csv.Error):
            wrong = "can't be read: nothing tells whether this package is as it was installed"
            self.wrong.append(EditedFile(package, file, wrong))
            return
        code, start = [], f"{folder.parent}{os.sep}"
        for path, digest, *_ in ([*row, "", ""] for row in rows):
            whole = f"{start}{path}" if ".." not in path else os.path.normpath(start + path)
            self.files[place.name(whole)] = (package, digest)
            if not path.startswith(f"{folder.name}/") and not path.endswith(".pyc"):
                code.append(f"{path} {digest}")
                self.owners.setdefault(path.partition("/")[0], package)
        self.rows[file] = hashlib.sha256("\n".join(sorted(code)).encode("utf-8", "surrogateescape")).hexdigest()

    def owner(self, place: PackageFolders, name: str) -> str:
        """The package in whose folder a file lies."""
        for site in place.sites:
            if place.path(name).startswith(start := f"{site}{os.sep}"):
                return self.owners.get(place.path(name)[len(start) :].partition(os.sep)[0], "")
        return ""
