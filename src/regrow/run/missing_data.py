"""Files that .dvc files track and that are gone: DVC would take their loss for new data, and write it down as such."""

import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from regrow.base import hashing
from regrow.base.errors import Exit, Problem, RegrowError
from regrow.tools import stores
from regrow.tools.declared_paths import READS, TRACKS, DeclaredPath, joined, parsed

SHOWN = 3


def require_data(root: Path, declared: Iterable[DeclaredPath]) -> None:
    """Raise RegrowError (exit code DATA_MISSING) that names what is gone of tracked data that stages read."""
    read, files = ([one for one in declared if one.use == use] for use in (READS, TRACKS))
    paths = {one.path for one in read}
    found = [problem for file in sorted({one.where for one in files}) for problem in _of_file(root, file, paths)]
    if found:
        raise RegrowError.of(found, Exit.DATA_MISSING)


def _of_file(root: Path, file: str, read: Iterable[str]) -> Iterable[Problem]:
    text = (root / file).read_bytes().decode("utf-8", "replace") if (root / file).is_file() else ""
    document = parsed(text, file)
    if not isinstance(document, dict) or not isinstance(document.get("outs"), list):
        return
    place = joined(posixpath.dirname(file), str(document.get("wdir") or "."))
    imported = bool(document.get("deps"))
    for out in document["outs"]:
        if not isinstance(out, dict):
            continue
        path = joined(place, str(out.get("path")))
        if any(f"{one}/".startswith(f"{path}/") or f"{path}/".startswith(f"{one}/") for one in read) and (
            wrong := _wrong(root, path, out, imported)
        ):
            accept = f"dvc commit -f {file}" if imported else f"dvc add {path}"
            fix = f"to get it back: dvc checkout {path}    (or dvc pull {path})"
            yield Problem(wrong, path, fix if wrong == GONE else f"{fix}\nif it is to be without: {accept}")


GONE = "is gone, and stages stand on it"


def _wrong(root: Path, path: str, out: Mapping[str, Any], imported: bool) -> str:
    """What is gone of an output, "" if nothing; what is imported may be fetched when it is needed."""
    place, md5 = root / path, str(out.get("md5") or "")
    if not place.exists():
        return "" if imported or not md5 else GONE
    if not md5.endswith(hashing.FOLDER):
        return ""
    listing = _listing(root, md5)
    if listing is None:
        lost = int(out.get("nfiles") or 0) - sum(1 for _ in hashing.below(place, root))
        return f"has {lost} files less than its .dvc file says" if lost > 0 else ""
    gone = [name for name in listing if not (place / name).exists()]
    more = f" and {len(gone) - SHOWN} more" if len(gone) > SHOWN else ""
    return f"lacks {', '.join(gone[:SHOWN])}{more}, which its .dvc file says is there" if gone else ""


def _listing(root: Path, md5: str) -> Iterable[str] | None:
    try:
        with stores.cache(root).open(md5) as stream:
            return hashing.parse_listing(stream.read())
    except (OSError, ValueError):
        return None
