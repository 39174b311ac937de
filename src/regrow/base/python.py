"""A fresh Python process with the interpreter and the packages of this one."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, NoReturn


def run(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run `python *arguments` in `folder`; `environment` on top of this process's. Returns (exit code, out, error).

    It finds the modules that this process finds: sys.path is handed on, the current folder as a path of its own.
    """
    import subprocess  # a stage that is handed over needs none

    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path)  # noqa: PTH100 - "" is the current folder
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONSAFEPATH": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def replace(arguments: Sequence[str], environment: Mapping[str, str], mark: str) -> NoReturn:
    """Go on as another process image with this environment; its variable `mark` is this process's number.

    Where there is no exec, as a child that is waited for: then `mark` is "child of" that number.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":
        import subprocess

        marked = {**environment, mark: f"child of {os.getpid()}"}
        sys.exit(subprocess.run(arguments, env=marked, check=False).returncode)
    os.execve(arguments[0], list(arguments), {**environment, mark: str(os.getpid())})  # noqa: S606 - no shell


def leave(arguments: Sequence[str], environment: Mapping[str, str], files: Sequence[int], log: BinaryIO) -> None:
    """Start `python *arguments` and leave it to itself, with these open files and nothing else of this process."""
    import subprocess

    subprocess.Popen(
        [sys.executable, *arguments],
        cwd="/",
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        pass_fds=files,
    )
