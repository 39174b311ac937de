"""Programs in a folder: run, or timed."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOLD = 15  # lines of a program that failed
# Nobody's own settings take part, and nothing calls home.
DROPPED = ("GIT_", "DVC_", "REGROW_", "MLFLOW_", "KEDRO_", "HYDRA_", "PYTHON", "VIRTUAL_ENV", "UV_PYTHON")
IDENTITY = {
    f"GIT_{who}_{what}": "bench@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
QUIET = {
    "DO_NOT_TRACK": "1",
    "DVC_NO_ANALYTICS": "1",
    "KEDRO_DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NO_COLOR": "1",
}


class FailedError(Exception):
    """A program did not do what was asked; the text says which, and its last lines."""


@dataclass(frozen=True)
class Shell:
    """A folder, and the variables that programs see there."""

    folder: Path
    variables: Mapping[str, str]

    def run(self, *command: str, text: str | None = None) -> str:
        """What a program prints, given `text` to read. Raises FailedError."""
        done = self._done(command, subprocess.PIPE, text)
        return done.stdout or ""

    def seconds(self, *commands: Sequence[str]) -> float:
        """How long these programs take, one after the other, each process whole. Raises FailedError."""
        with tempfile.TemporaryFile("w+") as log:
            started = time.perf_counter()
            for command in commands:
                self._done(command, log)
            return time.perf_counter() - started

    def _done(self, command: Sequence[str], out: object, text: str | None = None) -> subprocess.CompletedProcess[str]:
        said = {"input": text} if text is not None else {"stdin": subprocess.DEVNULL}
        errors = subprocess.PIPE if out is subprocess.PIPE else subprocess.STDOUT
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=self.variables, stdout=out, stderr=errors, text=True, check=False, **said
            )  # type: ignore[call-overload]
        except OSError as error:
            raise FailedError(f"{command[0]}: {error.strerror}") from None
        if done.returncode:
            lines = (_lines(out) if out is not subprocess.PIPE else f"{done.stdout}{done.stderr}").splitlines()
            raise FailedError("\n".join([f"{' '.join(command[:6])} ended with {done.returncode}", *lines[-TOLD:]]))
        return done

    @contextmanager
    def begun(self, *command: str) -> Iterator[str]:
        """A program that runs while inside, until its input ends; yields the first line that it prints."""
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=self.folder, env=self.variables, stdin=pipe, stdout=pipe, text=True) as run:
            if run.stdin is None or run.stdout is None:
                raise FailedError(f"{command[0]} has no pipes")
            try:
                yield run.stdout.readline().strip()
            finally:
                run.stdin.close()

    def git(self, *arguments: str) -> str:
        """What Git prints."""
        return self.run("git", *arguments)

    def commit(self, message: str) -> str:
        """Commit all that there is; the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def at(self, folder: Path) -> "Shell":
        """The same in another folder."""
        return Shell(folder, self.variables)

    def with_(self, **variables: str) -> "Shell":
        """The same with more variables."""
        return Shell(self.folder, {**self.variables, **variables})


def _lines(log: object) -> str:
    log.seek(0)  # type: ignore[attr-defined]
    return str(log.read())  # type: ignore[attr-defined]


def variables(programs: Path, home: Path) -> dict[str, str]:
    """A user's variables, with `programs` first on PATH, bytecode compiled, and all caches below `home`."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    ours = str(Path(sys.executable).parent)
    path = [one for one in os.environ.get("PATH", os.defpath).split(os.pathsep) if one != ours]
    kept = {"REGROW_HOME": f"{home}/regrow", "DVC_SITE_CACHE_DIR": f"{home}/dvc"}
    return {**own, **QUIET, **IDENTITY, **kept, "PATH": os.pathsep.join([str(programs), *path])}


def copy(source: Path, target: Path) -> None:
    """A folder as it is, in place of what was there."""
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target, symlinks=True)
