"""A commit laid out in a clean place of its own: its files byte for byte, nothing of the user's tree or settings."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regrow.base.errors import RegrowError
from regrow.base.one_at_a_time import only_one
from regrow.base.safe_path import safe_join
from regrow.base.user_cache import cache_home
from regrow.record.commit_record import Recorded, is_file
from regrow.tools import git

EXECUTABLE, LINK = "100755", "120000"
ALIVE, KEPT = "alive", "kept"
AT_ONCE = 256  # blobs in memory


@contextmanager
def laid_out(recorded: Recorded, *, keep: bool = False) -> Iterator[Path]:
    """A folder with the commit's files and a Git repository that stands at the commit; gone afterwards unless `keep`.

    Raises RegrowError for a file that would lie elsewhere, or if there is no room.
    """
    with own_place(recorded.commit[:10], keep=keep) as place:
        yield lay_out(recorded, place)


@contextmanager
def own_place(name: str, *, keep: bool = False) -> Iterator[Path]:
    """A new folder of this process alone, gone afterwards unless `keep`; what killed ones left is removed on the way.

    name: how its own begins.
    """
    home = cache_home() / "replays"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(home)
    place = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=home))
    if keep:
        (place / KEPT).touch()
    with only_one(place / ALIVE, f"replay in {place}", ""):
        try:
            yield place
        finally:
            if not keep:
                shutil.rmtree(place, onerror=_make_writable)


def lay_out(recorded: Recorded, place: Path) -> Path:
    """Make the folder in `place`, as `laid_out` does; the folder."""
    tree = place / (recorded.root.name or "project")
    tree.mkdir()
    _write(recorded, tree)
    git.private_copy(tree, recorded.root, recorded.commit)
    return tree


def _write(recorded: Recorded, tree: Path) -> None:
    paths = sorted(path for path, (mode, _) in recorded.files.items() if is_file(mode))
    for start in range(0, len(paths), AT_ONCE):
        part = paths[start : start + AT_ONCE]
        named = {recorded.files[path][1]: f"{path} of commit {recorded.commit[:10]}" for path in part}
        blobs = git.blobs(recorded.root, named)
        for path in part:
            _write_one(tree, path, recorded.files[path][0], blobs[recorded.files[path][1]])


def _write_one(tree: Path, path: str, mode: str, data: bytes) -> None:
    inside_dvc = path.startswith(".dvc/") and ".." not in path.split("/")
    target = tree / path if inside_dvc else safe_join(tree, path, "file of the commit")
    target.parent.mkdir(parents=True, exist_ok=True)
    if mode == LINK:
        leads = (target.parent / os.fsdecode(data)).resolve()
        if not leads.is_relative_to(tree.resolve()):
            return  # to a place of the machine it was made on: no part of the commit
        target.symlink_to(os.fsdecode(data))
        return
    target.write_bytes(data)
    if mode == EXECUTABLE:
        target.chmod(0o755)


def _sweep(home: Path) -> None:
    """Remove what replays that were killed have left."""
    for place in home.iterdir():
        with contextlib.suppress(RegrowError, OSError):
            if not (place / ALIVE).exists() or (place / KEPT).exists():
                continue
            with only_one(place / ALIVE, "", ""):
                shutil.rmtree(place, onerror=_make_writable)


def _make_writable(function: object, path: str, _: object) -> None:
    """Stages may leave read-only folders behind."""
    for one in (Path(path).parent, Path(path)):
        with contextlib.suppress(OSError):
            one.chmod(0o700)
    with contextlib.suppress(OSError):
        function(path)  # type: ignore[operator]
