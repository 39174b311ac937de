"""The one way from a path that somebody wrote (a manifest, an archive, dvc.yaml, an answer) to a place on disk."""

import os
from pathlib import Path, PurePosixPath

from regrow.base.errors import Exit, RegrowError

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
    if wrong := unsafe(relative) or leads_out(root, relative):
        raise RegrowError(f"{relative!r} {wrong}", where=where or "path", fix=FIX, code=Exit.UNSAFE)
    return root / relative


def leads_out(root: Path, relative: str) -> str:
    """What is wrong with the folders on the way to a path, "" if nothing: no link among them may lead out."""
    folder, top = (Path(os.path.realpath(path)) for path in ((root / relative).parent, root))  # a loop is no error
    if not folder.is_relative_to(top):
        return f"lies behind a link to {folder}, outside the project"
    if folder.relative_to(top).parts[:1] and folder.relative_to(top).parts[0] in RESERVED:
        return f"lies behind a link to {folder}, which belongs to Git or DVC"
    return ""
