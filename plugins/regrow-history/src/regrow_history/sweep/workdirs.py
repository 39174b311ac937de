"""Private folders in which single stages run, with what they need and nothing of another experiment's."""

import contextlib
import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from regrow import layout
from regrow.base import hashing, process
from regrow.base.errors import RegrowError
from regrow.base.hashing import Digest
from regrow.base.safe_path import safe_join
from regrow.environment import variables as determinism
from regrow.fingerprint import read
from regrow.record.commit_record import Entry, StageRecord
from regrow.warm import client
from regrow.warm.run_in_server import hang_up
from regrow_history.replay.inputs import Supplies, set_executable
from regrow_history.sweep.prepared import Experiment, Frozen

MOST_TOLD = 2_000  # characters of what a failed stage printed
NOTE, MORE = "regrow: ", "    "  # how a line of regrow's own begins, and one that goes on with it
Made = Mapping[str, Digest]
About = tuple[int, int, int, int]


@dataclass
class Workdir:
    """folder: its own. frozen: path -> what the system says of each file of the commit. has: path -> the inputs that
    lie there, as they were put. made: path -> what the last stage made there. shelf: path -> the one that was needed
    last, aside, as it may be needed again. running: what ends the stage that runs. notes: what regrow said of the one
    that ran last."""

    folder: Path
    origin: Frozen
    supplies: Supplies
    blobs: Mapping[str, bytes]
    frozen: dict[str, About] = field(default_factory=dict)
    has: dict[str, tuple[str, dict[str, About]]] = field(default_factory=dict)
    made: dict[str, tuple[str, dict[str, About]]] = field(default_factory=dict)
    shelf: dict[str, tuple[str, dict[str, About]]] = field(default_factory=dict)
    running: list[Callable[[], None]] = field(default_factory=list)
    notes: Sequence[str] = ()
    stopped: bool = False

    def prepare(self) -> None:
        """Lay the commit's files out, as they are in the frozen tree."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.origin.tree, self.folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        (self.folder / ".dvc").mkdir(exist_ok=True)
        self.has.clear()
        made = tuple(f"{path}/" for path in self.origin.recorded.makers)
        self.frozen = {path: about for path, about in _seen(self.folder).items() if not f"{path}/".startswith(made)}

    def run(self, stage: StageRecord, experiment: Experiment, needs: Mapping[str, Entry]) -> Made:
        """Run a stage of an experiment; the digests of what it made, whose files are there until the next stage runs.

        needs: path -> its input. Raises RegrowError with what the stage said if it fails.
        """
        self._clear(needs)
        for path, text in experiment.files.items():
            _write(self.folder / path, text.encode())
        for entry in needs.values():
            self._bring(entry)
        for out in stage.outs:
            _remove(safe_join(self.folder, out.path))
            safe_join(self.folder, out.path).parent.mkdir(parents=True, exist_ok=True)
        log = self.folder.parent / f"{self.folder.name}.log"
        self.notes = ()
        code = self._execute(stage, log)
        said = log.read_text(encoding="utf-8", errors="replace").strip()
        if code:
            told = said[-MOST_TOLD:]
            told, where = told.removeprefix(NOTE) or f"ended with exit code {code}", f"stage {stage.name}"
            raise RegrowError(told, where="" if told.startswith(where) else where)
        self.notes = _notes(said)
        return {out.path: self._digest(out.path, stage.name) for out in stage.outs}

    def stop(self) -> None:
        """End what runs there, and let nothing begin any more."""
        self.stopped = True
        for end in self.running:
            end()

    def _execute(self, stage: StageRecord, log: Path) -> int:
        variables = determinism.variables(
            {**os.environ, "DVC_STAGE": stage.name, "DVC_ROOT": str(self.folder)},
            read.is_portable(self.folder / layout.fingerprint(stage.name)),
        )
        log.unlink(missing_ok=True)
        for command in stage.commands:
            self.running.clear()
            code = self._warm(command, variables, log) if stage.is_ours else None
            if code is None:
                self._require_going_on()
                ours = [sys.executable, "-P", "-m", *command.split()] if stage.is_ours else command
                alone = {**variables, client.COLD: "1"}
                code = process.run(ours, self.folder, alone, log, lambda begun: self._begun(begun.kill))
            self._require_going_on()
            if code:
                return code
        return 0

    def _begun(self, end: Callable[[], None]) -> None:
        """Note what ends a command; at once where `stop` has come between its start and this."""
        self.running.append(end)
        if self.stopped:
            end()

    def _require_going_on(self) -> None:
        if self.stopped:
            raise RegrowError("was stopped", where="sweep")

    def _warm(self, command: str, variables: Mapping[str, str], log: Path) -> int | None:
        """In the warm server, which kills what is not waited for any more."""

        def begun(server: socket.socket) -> None:
            self._begun(lambda: hang_up(server))

        with log.open("ab") as said, open(os.devnull, "rb") as nothing:  # noqa: PTH123 - no path of ours
            streams = (nothing.fileno(), said.fileno(), said.fileno())
            return client.ask(variables, command.split(), str(self.folder), streams, begun)

    def _bring(self, entry: Entry) -> None:
        """Put an input there, unless it lies there as it was put."""
        md5, put = self.has.get(entry.path, ("", {}))
        target = safe_join(self.folder, entry.path)
        if md5 == entry.md5 and put and put == _seen(target):
            return
        _remove(target)
        if self._unshelve(entry, target):
            return
        if entry.md5 in self.blobs:
            _write(target, self.blobs[entry.md5])
            if entry.executable:
                set_executable(target)
        else:
            self.supplies.deliver([entry], self.folder)
        self.has[entry.path] = (entry.md5, _seen(target))

    def _shelve(self, path: str, md5: str, put: dict[str, About]) -> None:
        """Move an input aside if it is as it was put."""
        file, kept = safe_join(self.folder, path), self._aside(path)
        _remove(kept)
        self.shelf.pop(path, None)
        if put and put == _seen(file):
            kept.parent.mkdir(parents=True, exist_ok=True)
            file.rename(kept)
            self.shelf[path] = md5, _seen(kept)

    def _unshelve(self, entry: Entry, target: Path) -> bool:
        """Move it back, if it is the same one and has been left alone."""
        md5, shelved = self.shelf.get(entry.path, ("", {}))
        kept = self._aside(entry.path)
        if md5 != entry.md5 or shelved != _seen(kept):
            return False
        del self.shelf[entry.path]
        target.parent.mkdir(parents=True, exist_ok=True)
        kept.rename(target)
        self.has[entry.path] = (md5, _seen(target))
        return True

    def _digest(self, path: str, stage: str) -> Digest:
        """Of an output; a file that is as one that is brought can stay, should the next stage need it."""
        file = safe_join(self.folder, path)
        seen = _seen(file)
        try:
            digest = hashing.of_path(file, self.folder)
            if file.lstat().st_mode == stat.S_IFREG | 0o666 & ~client.mask():
                self.made[path] = digest.md5, seen
        except OSError:
            raise RegrowError(f"did not make {path}", where=f"stage {stage}") from None
        return digest

    def _aside(self, path: str) -> Path:
        return safe_join(self.folder.with_name(f"{self.folder.name}.aside"), path)

    def _clear(self, needs: Mapping[str, Entry]) -> None:
        """Take away what the stage before left and this one does not need; begin anew where it changed the commit's."""
        self.has |= {path: made for path, made in self.made.items() if path in needs and needs[path].md5 == made[0]}
        self.made.clear()
        for path in [path for path in self.has if path not in needs]:
            self._shelve(path, *self.has.pop(path))
        now = _seen(self.folder)
        if any(now.get(path) != about for path, about in self.frozen.items()):
            self.prepare()
            return
        keep = tuple(f"{path}/" for path in self.has)
        for path in now:
            if path not in self.frozen and path not in self.has and not path.startswith(keep):
                _remove(self.folder / path)


def _notes(said: str) -> list[str]:
    """What regrow itself said, such as what a stage touched undeclared; each with the lines that go on with it."""
    found: list[str] = []
    inside = False
    for line in said.splitlines():
        inside = line.startswith(NOTE) or (inside and line.startswith(MORE))
        if line.startswith(NOTE):
            found.append(line)
        elif inside:
            found[-1] += f"\n{line}"
    return found


def _seen(path: Path) -> dict[str, About]:
    """What the system says of a file (as ""), or of each file below a folder, Python's own notes left out."""
    if not path.is_dir():
        return {"": _about(path)} if path.exists() else {}
    found = {}
    for here, folders, files in os.walk(path):
        folders[:] = [one for one in folders if one != "__pycache__" and Path(here, one) != path / ".dvc" / "tmp"]
        for name in files:
            file = Path(here, name)
            found[file.relative_to(path).as_posix()] = _about(file)
    return found


def _about(path: Path) -> About:
    about = path.lstat()
    return about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino


def _write(file: Path, data: bytes) -> None:
    """Leave a file alone that is so already."""
    with contextlib.suppress(OSError):
        if file.read_bytes() == data:
            return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
