"""What the system says of a file without reading it: size, times, inode. A change of it shows in one of them."""

import hashlib
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

About = list[Any]  # what the system says of a path; of a link also where it leads and what is there
ABOUT = struct.Struct("<qqqQ")  # time of writing, of any change, size, inode
ABSENT = ABOUT.pack(0, 0, 0, 0)


def looked_at(paths: Iterable[Path]) -> dict[str, About | None]:
    """What the system says of these paths."""
    return {str(path): about(str(path)) for path in paths}


def about(path: str) -> About | None:
    """What the system says of a path, None where there is nothing."""
    try:
        seen = os.lstat(path)
    except OSError:
        return None
    told: About = [seen.st_mode, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino]
    if stat.S_ISLNK(seen.st_mode):
        told += [os.readlink(path), about(os.path.realpath(path))]  # noqa: PTH115
    return told


def brief(path: str) -> bytes:
    """What the system says of a path, in few bytes: for thousands of them."""
    try:
        seen = os.lstat(path)
    except OSError:
        return ABSENT
    return ABOUT.pack(seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size, seen.st_ino)


def libraries(paths: str) -> list[str]:
    """Paths, with NUL between them, and a hash of what the system says of them: of thousands, in milliseconds."""
    seen = b"".join([brief(path) for path in paths.split("\0")])
    return [paths, hashlib.sha256(seen).hexdigest()]
