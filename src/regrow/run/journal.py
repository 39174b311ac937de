"""What a run replaces is kept aside as it was, and put back unless the run ends well, however it ends.

`python -m regrow.run.journal ROOT` puts back what a run left that was killed; a shell that waits for its end starts it.
"""

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.base.one_at_a_time import only_one
from regrow.base.safe_path import safe_join
from regrow.tools import git

LIST, INDEX = "list", "index"
PATIENCE = 10.0  # seconds for a stage whose run was killed to be gone
# It waits for the end of what it reads, however it comes. A shell, as a Python would take ten times the memory.
WAIT = """exec 3<&0
{ read -r end; [ ! -e "$LIST" ] || exec "$PYTHON" -P -m regrow.run.journal "$0"; } <&3 3<&- >/dev/null 2>&1 &
"""


class Journal:
    """Of one run in a project, whose folder `kept` is there as long as there is something to put back.

    A line of its list is written before what it tells of is touched, so that a kill at any moment loses nothing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.kept = root / layout.REPLACED
        self._known: dict[str, str] = {}
        self._guard = -1

    def copy(self, *paths: Path) -> None:
        """Keep copies of files and folders that something is about to write to, or to replace."""
        for path in paths:
            if number := self._new(path):
                part = self.kept / f"{number}.part"
                if path.is_dir() and not path.is_symlink():
                    shutil.copytree(path, part, symlinks=True)
                elif path.exists():
                    shutil.copy2(path, part, follow_symlinks=False)
                if os.path.lexists(part):
                    part.rename(self.kept / number)
                self._note(path, number if os.path.lexists(self.kept / number) else "")

    def take(self, *paths: Path) -> None:
        """Move away what DVC is about to delete: this costs nothing, whatever its size."""
        for path in paths:
            if number := self._new(path):
                there = os.path.lexists(path)
                self._note(path, number if there else "")
                if there:
                    with contextlib.suppress(OSError):  # on another file system: DVC deletes it
                        path.rename(self.kept / number)

    def index(self) -> None:
        """Keep a copy of what is staged, which DVC takes out of Git's index to run an experiment."""
        self._open()
        with contextlib.suppress(OSError):
            shutil.copy2(git.index_file(self.root), self.kept / f"{INDEX}.part")
            (self.kept / f"{INDEX}.part").rename(self.kept / INDEX)

    def stage(self, name: str) -> None:
        """Note a stage that may still be going on when its run is gone."""
        self._open()
        self._write({"stage": name})

    def _new(self, path: Path) -> str:
        """A name for what is kept of a path, "" for one that is known or lies elsewhere."""
        if str(path) in self._known or not path.is_relative_to(self.root):
            return ""
        safe_join(self.root, path.relative_to(self.root).as_posix(), "what a run replaces")
        self._open()
        self._known[str(path)] = number = str(len(self._known) + 1)
        return number

    def _open(self) -> None:
        if self._guard < 0:
            self.kept.mkdir(parents=True, exist_ok=True)
            (self.kept / LIST).touch()
            self._guard = _guard(self.root)

    def _note(self, path: Path, kept: str) -> None:
        self._write({"path": path.relative_to(self.root).as_posix(), "kept": kept})

    def _write(self, entry: dict[str, str]) -> None:
        with (self.kept / LIST).open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(entry)}\n")

    def undo(self, *paths: Path) -> None:
        """Put some of it back now."""
        for path in paths:
            if number := self._known.get(str(path)):
                _put_back(path, self.kept / number)

    def forget(self) -> None:
        """What is there now stays."""
        if self._guard >= 0:
            with contextlib.suppress(OSError):
                (self.kept / LIST).unlink(missing_ok=True)  # first, as from then on nobody puts anything back
            shutil.rmtree(self.kept, ignore_errors=True)
            os.close(self._guard)
            self._guard = -1
            self._known.clear()

    def close(self) -> None:
        """Put all back that was not forgotten."""
        if self._guard >= 0:
            put_back(self.root)
            self.forget()


@contextmanager
def kept(root: Path) -> Iterator[Journal]:
    """One for a run, which has the tree for itself; what a run before it left is put back first."""
    put_back(root)
    journal = Journal(root)
    try:
        yield journal
    finally:
        journal.close()


def put_back(root: Path) -> None:
    """Put back what the list tells of, once the stages in it are gone; does nothing where there is none."""
    folder = root / layout.REPLACED
    for stage in dict.fromkeys(entry["stage"] for entry in _entries(folder, "stage") if entry["stage"].isidentifier()):
        with (
            contextlib.suppress(RegrowError),
            only_one(root / layout.SCRATCH / f"{stage}.running", "a stage", "", wait=PATIENCE),
        ):
            pass
    for entry in reversed(_entries(folder)):
        path = safe_join(root, entry["path"], "what a run replaced")
        if not entry["kept"]:
            _remove(path)
        elif entry["kept"].isdigit():
            _put_back(path, folder / entry["kept"])
    if (folder / INDEX).exists():
        with contextlib.suppress(OSError):
            shutil.move(folder / INDEX, git.index_file(root))
    if folder.is_dir():
        shutil.rmtree(folder)


def _put_back(path: Path, aside: Path) -> None:
    """Nothing is aside where it was put back already, or could not be moved."""
    if os.path.lexists(aside):
        _remove(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.rename(path)


def _entries(folder: Path, key: str = "path") -> list[dict[str, str]]:
    """What the list says; its last line may be half a one."""
    found = []
    file = folder / LIST
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        with contextlib.suppress(ValueError):
            entry = json.loads(line)
            found += [entry] if key in entry else []
    return found


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _guard(root: Path) -> int:
    """Have a shell wait for the end of this process; the file that tells it of that, to be kept open."""
    reading, writing = os.pipe()
    listed = str(root / layout.REPLACED / LIST)
    environment = {"LIST": listed, "PYTHON": sys.executable, "PATH": os.environ.get("PATH", os.defpath)}
    with contextlib.suppress(OSError):
        actions = [(os.POSIX_SPAWN_DUP2, reading, 0)]
        asked = ["sh", "-c", WAIT, str(root)]
        shell = os.posix_spawn("/bin/sh", asked, environment, file_actions=actions, setsid=True)
        os.waitpid(shell, 0)  # what waits is nobody's child then
    os.close(reading)
    return writing


def recover(root: Path) -> None:
    """As `put_back`, for a run that was killed; another may be at it already."""
    with contextlib.suppress(RegrowError), only_one(root / layout.RUNNING, "regrow run", "", wait=PATIENCE):
        put_back(root)


if __name__ == "__main__":
    recover(Path(sys.argv[1]))
