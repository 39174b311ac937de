"""Run a recorded stage again in a clean place, and hash what it makes."""

import os
import shlex
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from regrow import determinism, hashing, names, stated
from regrow.errors import Exit
from regrow.hashing import Digest
from regrow.recorded import Entry, Recorded, StageRecord
from regrow.replay.supplies import Supplies
from regrow.safe_path import safe_join
from regrow.tools import process
from regrow.warm import client

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
    """What a replay works with. tree: the commit's files. place: the folder around it."""

    recorded: Recorded
    supplies: Supplies
    tree: Path
    interpreter: Interpreter

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


def run(stage: StageRecord, tree: Path, interpreter: Interpreter, *, place: Path) -> Ran:
    """Run the commands of `stage` below `tree`, whose outputs are removed first. place: for what it prints."""
    for out in stage.outs:
        if not out.persist:
            remove(_at(tree, out, stage))
    inputs = {dep.path: _md5(tree, dep, stage) for dep in stage.deps if dep.md5}
    environment = variables(tree, stage, interpreter)
    folder = safe_join(tree, stage.folder, f"stage {stage.name}, wdir") if stage.folder else tree
    log = place / f"{stage.name.replace('/', '-').replace(':', '-')}.log"
    started, code = time.monotonic(), 0
    for command in stage.commands:
        code = code or process.run(_arguments(command, interpreter), folder, environment, log)
    seconds = time.monotonic() - started
    made = {out.path: _digest(tree, out, stage) for out in stage.outs} if not code else {}
    said = log.read_text(encoding="utf-8", errors="replace")[-MOST_TOLD:] if code and log.exists() else ""
    return Ran(stage, code, seconds, made, inputs, said.strip())


def _arguments(command: str, interpreter: Interpreter) -> list[str] | str:
    """Ours without a shell; a person's own as DVC would run it."""
    if command == names.COMPILE_COMMAND or command.startswith(names.STAGE_COMMAND):
        return [str(interpreter.python), "-P", "-m", *shlex.split(command)]
    return command


def variables(tree: Path, stage: StageRecord, interpreter: Interpreter) -> dict[str, str]:
    """The environment of a stage in a replay: as `regrow stage` makes it, with the interpreter's programs first."""
    portable = stated.is_portable(tree / names.fingerprint(stage.name))
    alone = {client.COLD: "1"}  # a proof stands on no process that was there before
    return {**basic(interpreter, portable=portable), **alone, "DVC_STAGE": stage.name, "DVC_ROOT": str(tree)}


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
