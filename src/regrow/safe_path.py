"""The one way from a path that somebody wrote (a manifest, an archive, dvc.yaml, an answer) to a place on disk."""

import os
from pathlib import Path, PurePosixPath

from regrow.errors import Exit, RegrowError

RESERVED = {".git", ".dvc"}


def safe_join(root: Path, relative: str, where: str = "") -> Path:
    """`root`/`relative`, which lies inside `root`, outside of its .git and .dvc, and behind no link that leads out.

    where: whose path it is, for the message. Raises RegrowError (exit code UNSAFE) for any other.
    """
    pure = PurePosixPath(relative)
    if (
        not relative
        or "\0" in relative
        or "\\" in relative
        or pure.is_absolute()
        or ".." in pure.parts
        or not pure.parts
    ):
        raise _refused(relative, "must be a relative path inside the project, with forward slashes", where)
    if pure.parts[0].lower() in RESERVED or (os.name == "nt" and ":" in relative):
        raise _refused(relative, "lies in a folder that belongs to Git or DVC", where)
    path = root.joinpath(*pure.parts)
    if not path.parent.resolve().is_relative_to(root.resolve()):
        raise _refused(relative, f"lies behind a link to {path.parent.resolve()}, outside the project", where)
    return path


def _refused(relative: str, wrong: str, where: str) -> RegrowError:
    return RegrowError(f"{relative!r} {wrong}", where=where or "path", code=Exit.UNSAFE)
