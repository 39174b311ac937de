"""A folder of data under DVC, written as `dvc add` writes it: the .dvc file, and the objects in the cache."""

import hashlib
import json
import os
import shutil
from pathlib import Path

CACHE = ".dvc/cache/files/md5"
READ_ONLY = 0o444  # as DVC protects what is in its cache


def add(folder: Path, project: Path) -> None:
    """Put a folder of the project under DVC: its files go to the cache, <folder>.dvc and .gitignore say so."""
    listing, size = [], 0
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        with file.open("rb") as stream:
            md5 = hashlib.file_digest(stream, _md5).hexdigest()
        size += file.stat().st_size
        listing.append({"md5": md5, "relpath": file.relative_to(folder).as_posix()})
        store(project, md5, file)
    listing.sort(key=lambda entry: entry["relpath"])
    text = json.dumps(listing, sort_keys=True).encode()
    md5 = f"{_md5(text).hexdigest()}.dir"
    store(project, md5, text)
    outs = f"outs:\n- md5: {md5}\n  size: {size}\n  nfiles: {len(listing)}\n  hash: md5\n  path: {folder.name}\n"
    folder.with_name(f"{folder.name}.dvc").write_text(outs, "utf-8")
    folder.with_name(".gitignore").write_text(f"/{folder.name}\n", "utf-8")


def store(project: Path, md5: str, content: Path | bytes) -> None:
    """One object of DVC's cache, under its name. It appears whole or not at all."""
    target = project / CACHE / md5[:2] / md5[2:]
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    if isinstance(content, bytes):
        part.write_bytes(content)
    else:
        shutil.copyfile(content, part)
    part.chmod(READ_ONLY)
    os.replace(part, target)


def _md5(data: bytes = b"") -> "hashlib._Hash":
    return hashlib.md5(data, usedforsecurity=False)
