"""Run a recorded stage again in a clean place, and hash what it makes."""

import contextlib
import os
import shlex
import shutil
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from regrow import layout
from regrow.base import hashing, process
from regrow.base.errors import Exit
from regrow.base.hashing import Digest
from regrow.base.safe_path import safe_join
from regrow.environment import variables as determinism
from regrow.fingerprint import read
from regrow.record.commit_record import Entry, Recorded, StageRecord
from regrow.warm import client, private_server, server_for_project
from regrow.warm.private_server import PrivateServer, ServerLostError
from regrow_history.replay.inputs import Supplies

MOST_TOLD = 2_000  # characters of what a failed stage printed


@dataclass(frozen=True)
class Interpreter:
    """The environment that stages run in. folder: with its programs. name: "locked" or "current". here: that of this
    process, also where it stands for the locked one."""

    python: Path
    folder: Path
    name: str = "locked"
    built: bool = False
    seconds: float = 0.0
    here: bool = False


@dataclass(frozen=True)
class Task:
    """What a replay works with. tree: the commit's files. place: the folder around it. server: the replay's own warm
    server, None where there is none."""

    recorded: Recorded
    supplies: Supplies
    tree: Path
    interpreter: Interpreter
    server: PrivateServer | None = None

    @property
    def place(self) -> Path:
        """Where logs and recorded versions of outputs go."""
        return self.tree.parent


@dataclass(frozen=True)
class Ran:
    """What came of a stage. code: its exit code. made: path of output -> digest, None where there is none."""

    stage: StageRecord
    code: int
    seconds: float
    made: Mapping[str, Digest | None] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    said: str = ""

    @property
    def wrong(self) -> str:
        """Why it failed, "" if it did not."""
        return "" if not self.code else f"ended with exit code {self.code}:\n{self.said}"

    @property
    def exit(self) -> Exit:
        """What its failure means for whoever asked."""
        return Exit(self.code) if self.code in {Exit.ENVIRONMENT, Exit.UNSAFE, Exit.BUSY} else Exit.FAILURE


def run(
    stage: StageRecord, tree: Path, interpreter: Interpreter, *, place: Path, server: PrivateServer | None = None
) -> Ran:
    """Run the commands of `stage` below `tree`, as dvc.yaml has them, not dvc.lock, where that can be told.

    Its outputs are removed first. place: for what it prints. server: runs regrow's commands, each in a process of its
    own; without it, or if it ends, they start by themselves.
    """
    if server:
        with contextlib.suppress(ServerLostError):
            return _run(stage, tree, interpreter, place, server)
    return _run(stage, tree, interpreter, place, None)


def _run(stage: StageRecord, tree: Path, interpreter: Interpreter, place: Path, server: PrivateServer | None) -> Ran:
    for out in stage.outs:
        if not out.persist:
            remove(_at(tree, out, stage))
    inputs = {dep.path: _md5(tree, dep, stage) for dep in stage.deps if dep.md5}
    environment = variables(tree, stage, interpreter)
    folder = safe_join(tree, stage.folder, f"stage {stage.name}, wdir") if stage.folder else tree
    log = place / f"{stage.name.replace('/', '-').replace(':', '-')}.log"
    started, code = time.monotonic(), 0
    for command in stage.declared or stage.commands:
        ours = _words(command)
        warm = server.run(ours, folder, environment, log) if server and ours and not code else None
        asked = [str(interpreter.python), "-P", "-m", *ours] if ours else command
        code = code or (process.run(asked, folder, environment, log) if warm is None else warm)
    seconds = time.monotonic() - started
    made = {out.path: _digest(tree, out, stage) for out in stage.outs} if not code else {}
    said = log.read_text(encoding="utf-8", errors="replace")[-MOST_TOLD:] if code and log.exists() else ""
    return Ran(stage, code, seconds, made, inputs, said.strip())


def _words(command: str) -> list[str]:
    """Those of a command of regrow's, which needs no shell; [] for a person's own, which runs as DVC would run it."""
    is_ours = command == layout.COMPILE_COMMAND or command.startswith(layout.STAGE_COMMAND)
    return shlex.split(command) if is_ours else []


def variables(tree: Path, stage: StageRecord, interpreter: Interpreter) -> dict[str, str]:
    """The environment of a stage in a replay: as `regrow stage` makes it, with the interpreter's programs first."""
    portable = read.is_portable(tree / layout.fingerprint(stage.name))
    alone = {client.COLD: "1"}  # a proof stands on no process that was there before
    return {**watched(interpreter, portable=portable), **alone, "DVC_STAGE": stage.name, "DVC_ROOT": str(tree)}


def served(tree: Path, interpreter: Interpreter) -> AbstractContextManager[PrivateServer | None]:
    """A warm server of the interpreter's in `tree`, with what its fingerprints name, for one replay alone."""
    portable, wanted = server_for_project.needs(tree)
    terms = client.Terms(wants=wanted)
    return private_server.started(interpreter.python, tree, watched(interpreter, portable=portable), terms)


def watched(interpreter: Interpreter, *, portable: bool = True) -> dict[str, str]:
    """`basic`, with the word that stages are watched whatever their settings say, and that choices are the commit's."""
    return {**basic(interpreter, portable=portable), layout.WATCHED: "1", layout.AS_RECORDED: "1"}


def basic(interpreter: Interpreter, *, portable: bool = True) -> dict[str, str]:
    """The deterministic environment with an interpreter's programs first on PATH."""
    path = os.pathsep.join([str(interpreter.folder), os.environ.get("PATH", os.defpath)])
    current = {**os.environ, "PATH": path}
    if interpreter.name == "locked":
        current.pop(determinism.CODE_PATH, None)
    return determinism.variables(current, portable)


def _at(tree: Path, entry: Entry, stage: StageRecord) -> Path:
    return safe_join(tree, entry.path, f"stage {stage.name}")


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _digest(tree: Path, entry: Entry, stage: StageRecord) -> Digest | None:
    try:
        return hashing.of_path(_at(tree, entry, stage), tree)
    except OSError:
        return None


def _md5(tree: Path, entry: Entry, stage: StageRecord) -> str:
    digest = _digest(tree, entry, stage)
    return digest.md5 if digest else ""
