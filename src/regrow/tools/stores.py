"""Where DVC keeps objects by their hash: its local cache and its remotes. Read only, asked without DVC's repository.

Making a `dvc.repo.Repo` would write .dvc/tmp and .gitignore; its settings and its file systems alone write nothing.
"""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from regrow.base.errors import RegrowError

UNREACHABLE_FIX = "dvc status --cloud says more; without --remote only this machine is looked at"
NOWHERE = "--remote"  # what an error is about where none is meant, or several could be
LAYOUT = ("files", "md5")  # of DVC 3


@dataclass(frozen=True)
class Cache:
    """DVC's local cache. folder: that which holds `ab/cdef...`; None if it is not on a local disk."""

    folder: Path | None
    name: str = "cache"

    def path(self, md5: str) -> Path | None:
        """Where an object lies, or would."""
        return self.folder / md5[:2] / md5[2:] if self.folder else None

    def open(self, md5: str) -> BinaryIO:
        """An object's bytes. Raises FileNotFoundError."""
        path = self.path(md5)
        if path is None:
            raise FileNotFoundError(md5)
        return open_plain(path)


@dataclass(frozen=True)
class Remote:
    """A remote of DVC's. fs: DVC's file system for it."""

    name: str
    fs: Any
    folder: str

    def open(self, md5: str) -> BinaryIO:
        """An object's bytes. Raises FileNotFoundError; RegrowError if the remote does not answer."""
        try:
            return cast("BinaryIO", self.fs.open(self.fs.join(self.folder, md5[:2], md5[2:]), "rb"))
        except FileNotFoundError as error:
            # HTTP's file system says so, too, of a server that does not answer
            if isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, FileNotFoundError):
                raise unreachable(self.name, error.__cause__) from None
            raise
        except Exception as error:  # each kind of remote raises its own
            raise unreachable(self.name, error) from None


Store = Cache | Remote


def open_plain(path: Path) -> BinaryIO:
    """A file's bytes. Raises OSError, also for what is no plain file: a pipe would be waited for."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("is no plain file")
    return os.fdopen(descriptor, "rb", buffering=0)


def cache(root: Path) -> Cache:
    """The local cache of the project, as DVC's own settings say. Raises RegrowError if they can't be read."""
    config = _config(root)
    if config is None:
        return Cache(None)
    from dvc.fs import LocalFileSystem, get_cloud_fs

    section = config.get("cache", {})
    if section.get("local"):  # the old way: a remote's name
        kind, _, folder = get_cloud_fs(config, name=section["local"])
    else:
        kind, _, folder = get_cloud_fs(config, url=section.get("dir") or str(_dvc_folder(root) / "cache"))
    return Cache(Path(folder).joinpath(*LAYOUT) if issubclass(kind, LocalFileSystem) else None)


def remote(root: Path, name: str = "") -> Remote:
    """A remote by name, or the default one. Raises RegrowError where there is none, or it can't be used so."""
    config = _config(root) or {}
    known = sorted(config.get("remote", {}))
    name = name or config.get("core", {}).get("remote") or ""
    if not known:
        raise RegrowError("DVC has no remote here", where=NOWHERE, fix="dvc remote add -d NAME ADDRESS")
    if name not in known:
        wrong = f"no remote is called {name!r}; there are: {', '.join(known)}" if name else "DVC has no default remote"
        fix = f"say which: --remote {known[0]}; or: dvc remote default {known[0]}\na commit goes first: REV --remote"
        raise RegrowError(wrong, where=NOWHERE, fix=fix)
    from dvc.fs import get_cloud_fs

    try:
        kind, settings, folder = get_cloud_fs(config, name=name)
        if settings.get("worktree") or settings.get("version_aware"):
            raise RegrowError("keeps files by name and version, not by hash", where=f"remote {name}")
        fs = kind(**settings)
    except RegrowError:
        raise
    except Exception as error:  # each kind of remote raises its own; a missing package too
        raise unreachable(f"remote {name}", error) from None
    return Remote(f"remote {name}", fs, fs.join(folder, *LAYOUT))


def has_remote(root: Path) -> bool:
    """Whether DVC knows any remote."""
    return bool((_config(root) or {}).get("remote"))


def settings(root: Path, level: str = "") -> Mapping[str, Any]:
    """DVC's settings that hold for the project; level "repo": those alone that its own .dvc/config says."""
    config: Any = _config(root)
    if config is None or not level:
        return config or {}
    return cast("Mapping[str, Any]", config.load_one(level))


def _dvc_folder(root: Path) -> Path:
    return next((folder / ".dvc" for folder in (root, *root.parents) if (folder / ".dvc").is_dir()), root / ".dvc")


def _config(root: Path) -> Mapping[str, Any] | None:
    """DVC's settings: the project's, its local ones, the user's and the system's; None without a DVC repository."""
    folder = _dvc_folder(root)
    if not folder.is_dir():
        return None
    from dvc.config import Config, ConfigError

    try:
        return cast("Mapping[str, Any]", Config(str(folder)))
    except ConfigError as error:
        raise RegrowError(str(error), where=".dvc/config") from None


def unreachable(name: str, error: Exception, done: str = "read", fix: str = UNREACHABLE_FIX) -> RegrowError:
    """The error of a remote that does not answer, or stops in the middle."""
    said = re.sub(r"://[^/@\s]*@", "://***@", str(error))  # an address may hold a password
    return RegrowError(f"can't be {done}: {type(error).__name__}: {said}", where=name, fix=fix)
