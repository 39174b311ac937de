"""Hashes of files and folders: md5 as DVC takes them, and sha256, in one reading."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

import pathspec

CHUNK = 1 << 20
MD5 = re.compile(r"[0-9a-f]{32}(\.dir)?")  # one names an object of the cache, and so becomes a path
FOLDER = ".dir"  # DVC's mark of a folder's hash
IGNORE = ".dvcignore"
ALWAYS_IGNORED = (".git/", ".hg/", ".dvc/", ".dvcignore")


class SupportsWrite(Protocol):
    """What a copy is written to."""

    def write(self, data: bytes, /) -> Any:
        """Take a piece."""


@dataclass(frozen=True)
class Digest:
    """md5: as in dvc.lock, with ".dir" for folders. sha256: "" where it was not asked for. size: bytes.
    files: of a folder, relative path -> digest."""

    md5: str
    sha256: str
    size: int
    files: Mapping[str, "Digest"] = field(default_factory=dict)


def of_bytes(data: bytes) -> Digest:
    """The digest of a file that holds `data`."""
    return Digest(hashlib.md5(data, usedforsecurity=False).hexdigest(), hashlib.sha256(data).hexdigest(), len(data))


def of_stream(stream: BinaryIO, copy: SupportsWrite | None = None, *, sha256: bool = True) -> Digest:
    """The digest of what is left in a stream, which is written to `copy` as it is read. sha256: whether to take it."""
    sums = [hashlib.md5(usedforsecurity=False), *([hashlib.sha256()] if sha256 else [])]
    size = 0
    while chunk := stream.read(CHUNK):
        for one in sums:
            one.update(chunk)
        size += len(chunk)
        if copy is not None:
            copy.write(chunk)
    return Digest(sums[0].hexdigest(), sums[1].hexdigest() if sha256 else "", size)


def of_path(path: Path, root: Path) -> Digest:
    """The digest of a file, or of a folder without what the .dvcignore files of the project at `root` leave out.

    Raises OSError where there is nothing.
    """
    if not path.is_dir():
        with path.open("rb") as stream:
            return of_stream(stream)
    return of_files({relative: of_path(path / relative, root) for relative in below(path, root)})


def of_files(files: Mapping[str, Digest]) -> Digest:
    """The digest of a folder that holds these files, by relative path: the one of DVC's listing of it."""
    entries = {PurePosixPath(name).parts: (name, digest) for name, digest in files.items()}
    ordered = [entries[key] for key in sorted(entries)]
    md5 = listing([(name, digest.md5) for name, digest in ordered])
    whole = all(digest.sha256 for _, digest in ordered)  # one unknown leaves the folder's unknown
    sha256 = json.dumps([{"relpath": name, "sha256": digest.sha256} for name, digest in ordered]).encode()
    size = sum(digest.size for _, digest in ordered)
    return Digest(
        hashlib.md5(md5, usedforsecurity=False).hexdigest() + FOLDER,
        hashlib.sha256(sha256).hexdigest() if whole else "",
        size,
        dict(ordered),
    )


def listing(files: list[tuple[str, str]]) -> bytes:
    """DVC's object of a folder, from (relative path, md5) in order of path."""
    return json.dumps([{"md5": md5, "relpath": name} for name, md5 in files]).encode()


def parse_listing(data: bytes) -> dict[str, str]:
    """Relative path -> md5 of the files in DVC's object of a folder. ValueError if it is none."""
    try:
        found = {str(entry["relpath"]): str(entry["md5"]) for entry in json.loads(data)}
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"is not a list of files: {error}") from None
    if odd := [md5 for md5 in found.values() if not MD5.fullmatch(md5) or md5.endswith(FOLDER)]:
        raise ValueError(f"is not a list of files: {odd[0]!r} is no md5")
    return found


def below(folder: Path, root: Path, spec: pathspec.GitIgnoreSpec | None = None) -> Iterator[str]:
    """The files in a folder that DVC would see, relative, with forward slashes, sorted.

    spec: what is left out, paths from `root`; by default, what the .dvcignore files on the way there and below say.
    """
    # What is being made lies in .dvc/tmp, which DVC itself would not look into.
    base = root if folder.is_relative_to(root) and not folder.is_relative_to(root / ".dvc") else folder
    way = [root, *(root / part for part in reversed(folder.relative_to(base).parents))] if base == root else [root]
    texts = {one.relative_to(root).as_posix(): one.read_bytes() for part in way if (one := part / IGNORE).is_file()}
    given, spec = spec is not None, spec or ignored(texts)
    found = []
    for here, folders, files in os.walk(folder, followlinks=True):
        inside = Path(here)
        at = inside.relative_to(base).as_posix()
        within = inside.relative_to(folder).as_posix()
        if IGNORE in files and not given and base == root and inside != root:
            texts[f"{at}/{IGNORE}"] = (inside / IGNORE).read_bytes()
            spec = ignored(texts)
        folders[:] = [name for name in folders if not spec.match_file(f"{at}/{name}/")]
        prefix = "" if within == "." else f"{within}/"
        found += [f"{prefix}{name}" for name in files if not spec.match_file(f"{at}/{name}")]
    yield from sorted(found)


def ignored(texts: Mapping[str, bytes]) -> pathspec.GitIgnoreSpec:
    """What .dvcignore files leave out, DVC's own folders included. texts: their paths from the project -> bytes."""
    lines = [*ALWAYS_IGNORED]
    for path in sorted(texts, key=lambda path: path.count("/")):  # the deeper one has the last word
        folder = path.rpartition("/")[0]
        own = (line.strip() for line in texts[path].decode("utf-8", "replace").splitlines())
        lines += [_from_above(line, folder) if folder else line for line in own if line and not line.startswith("#")]
    return pathspec.GitIgnoreSpec.from_lines(lines)


def _from_above(pattern: str, folder: str) -> str:
    """A pattern of a .dvcignore in a folder, as it would stand in the one of the project."""
    mark, pattern = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    anchored = "/" in pattern[:-1] and not pattern.startswith("**/")
    escaped = re.sub(r"([*?\[\]\\ ])", r"\\\1", folder)
    return f"{mark}/{escaped}/{'' if anchored else '**/'}{pattern.removeprefix('/').removeprefix('**/')}"
