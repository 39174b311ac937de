"""DVC's run cache: what stages made, by what they stood on. Read and written in DVC's form, without its repository."""

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regrow.tools import stores

Entry = Mapping[str, Any]  # what dvc.lock says of a stage


def keep(cache: stores.Cache, entry: Entry, text: str) -> None:
    """Note what a stage made, whose objects the cache holds. text: the entry as YAML."""
    folder = _folder(cache, entry)
    if folder is None:
        return
    with contextlib.suppress(OSError):  # where nothing can be written, nothing is kept
        folder.mkdir(parents=True, exist_ok=True)
        # DVC takes the newest of what lies in the folder, so nothing that is half written may
        with tempfile.TemporaryDirectory(prefix=".regrow-", dir=folder.parents[2]) as scratch:
            part = Path(scratch) / "part"
            part.write_text(text, encoding="utf-8", newline="\n")
            os.replace(part, folder / _hash(entry))


def text(entry: Entry) -> str:
    """What dvc.lock says of a stage, as YAML."""
    from dvc.utils.serialize import dumps_yaml

    return str(dumps_yaml(dict(entry)))


def outs(cache: stores.Cache, entry: Entry) -> list[dict[str, Any]] | None:
    """What dvc.lock would say of what the stage made, when it ran last on what this entry says; None if it never did.

    A note whose content is not what its name says, is none.
    """
    from dvc.utils.serialize import ParseError, load_yaml

    folder = _folder(cache, entry)
    try:
        newest = max(folder.iterdir(), key=lambda one: one.stat().st_mtime) if folder else None
        found: Any = load_yaml(newest) if newest else None
        whole = newest and (_hash(found), _folder(cache, found)) == (newest.name, folder)
    except (OSError, ValueError, ParseError, AttributeError, KeyError, TypeError):  # none, or none of DVC's
        return None
    return list(found["outs"]) if whole else None


def _folder(cache: stores.Cache, entry: Entry) -> Path | None:
    """Where the notes lie on what a stage made of the same."""
    if cache.folder is None:
        return None
    key = _hash({**entry, "outs": [out["path"] for out in entry["outs"]]})
    return cache.folder.parents[len(stores.LAYOUT) - 1] / "runs" / key[:2] / key


def _hash(entry: Entry) -> str:
    from dvc.utils import dict_sha256

    return str(dict_sha256(entry, exclude=["size", "nfiles"]))
