"""The one way from a path that somebody wrote (a manifest, an archive, dvc.yaml, an answer) to a place on disk."""

import os
from pathlib import Path, PurePosixPath

from regrow.errors import Exit, RegrowError

RESERVED = {".git", ".dvc"}
FIX = "name a path below the project's folder, with no link on its way that leads out"


def unsafe(relative: str) -> str:
    """What is wrong with a path as it is written, "" if nothing: it must lie inside the project."""
    pure = PurePosixPath(relative)
    if not relative or "\\" in relative or pure.is_absolute() or ".." in pure.parts or not pure.parts:
        return "must be a relative path inside the project, with forward slashes"
    if pure.parts[0].lower() in RESERVED or (os.name == "nt" and ":" in relative):
        return "is a path into a folder that belongs to Git or DVC"
    if any(ord(letter) < 32 for letter in relative):
        return "is a path with a control character"
    return ""


def safe_join(root: Path, relative: str, where: str = "") -> Path:
    """`root`/`relative`, which lies inside `root`, outside of its .git and .dvc, and behind no link that leads out.

    where: whose path it is, for the message. Raises RegrowError (exit code UNSAFE) for any other.
    """
    wrong = unsafe(relative)
    path = root / relative
    if not wrong:
        folder, top = path.parent.resolve(), root.resolve()
        if not folder.is_relative_to(top):
            wrong = f"lies behind a link to {folder}, outside the project"
        elif folder.relative_to(top).parts[:1] and folder.relative_to(top).parts[0] in RESERVED:
            wrong = f"lies behind a link to {folder}, which belongs to Git or DVC"
    if wrong:
        raise RegrowError(f"{relative!r} {wrong}", where=where or "path", fix=FIX, code=Exit.UNSAFE)
    return path
