"""A fresh Python process with the interpreter and the packages of this one."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def run(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run `python *arguments` in `folder`; `environment` on top of this process's. Returns (exit code, out, error).

    It finds the modules that this process finds: sys.path is handed on, the current folder as a path of its own.
    """
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
