"""The folder of this user where regrow keeps what can be made again: environments."""

import os
import shlex
from pathlib import Path

from regrow.base.errors import Exit, RegrowError

VARIABLE = "REGROW_HOME"


def cache_home() -> Path:
    """$REGROW_HOME, else $XDG_CACHE_HOME/regrow, else ~/.cache/regrow; it is there then, and can be written to.

    Where neither of the last two can be, a folder for this user in the temporary one. Raises RegrowError for a
    $REGROW_HOME that can't be made (exit code FAILURE), and for a folder that others may write to (UNSAFE).
    """
    if said := os.environ.get(VARIABLE):
        return private(Path(said).absolute())
    for folder in _usual():
        try:
            return private(folder)
        except RegrowError as error:
            if error.code is Exit.UNSAFE:
                raise
    import tempfile  # seldom

    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    return private(Path(tempfile.gettempdir()) / f"regrow-{user}", follow=False)


def require_private() -> None:
    """Raise RegrowError (exit code UNSAFE) if others may write there; what else is wrong is told where it is needed."""
    try:
        cache_home()
    except RegrowError as error:
        if error.code is Exit.UNSAFE:
            raise


def _usual() -> list[Path]:
    said = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(said):  # noqa: PTH117 - of a string; the standard says that others are to be ignored
        return [Path(said) / "regrow"]
    try:
        return [Path.home() / ".cache" / "regrow"]  # without HOME, what the system knows of the user
    except RuntimeError:
        return []


def private(folder: Path, *, follow: bool = True) -> Path:
    """Make a folder that only this user can read, or check the one that is there.

    follow: whether it may be a link. Raises RegrowError as `cache_home` does.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        about = folder.stat() if follow else folder.lstat()
    except OSError as error:
        raise _unusable(folder, f"can't be made: {error.strerror}") from None
    if hasattr(os, "getuid"):
        refused, fix = "", f"set {VARIABLE} to a folder of yours that others can't write to"
        if about.st_uid != os.getuid():
            refused = "belongs to another user, who could put code there that regrow would run"
        elif about.st_mode & 0o022:
            others = "every user" if about.st_mode & 0o002 else "its group"
            refused = f"can be written to by {others}: code could be put there that regrow would run"
            fix = f"if nobody did: chmod go-w {shlex.quote(str(folder))}\nelse {fix}"
        if refused:
            raise RegrowError(refused, where=str(folder), fix=fix, code=Exit.UNSAFE)
    if not folder.is_dir() or (not follow and folder.is_symlink()):
        raise _unusable(folder, "is not a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unusable(folder, "can't be written to")
    return folder


def _unusable(folder: Path, wrong: str) -> RegrowError:
    return RegrowError(wrong, where=str(folder), fix=f"set {VARIABLE} to a folder that can be written to")
