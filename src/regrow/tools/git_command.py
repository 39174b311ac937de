"""Calling Git: without hooks, in the repository around a folder and no other, with argument lists only."""

import os
import subprocess
from pathlib import Path

from regrow.tools.git_variables import steady

# Nothing that a repository or a user set up may run, change a byte on the way, or put in place of an object.
OFF = (
    *("core.hooksPath=/dev/null", "core.fsmonitor=false", "core.autocrlf=false"),
    *("core.quotePath=false", "log.showSignature=false", "core.useReplaceRefs=false", "core.commitGraph=false"),
)
PREFIX = ("git", *(part for setting in OFF for part in ("-c", setting)))


def environment() -> dict[str, str]:
    """What Git gets of this process's variables."""
    return steady(os.environ)


def output(root: Path, *arguments: str, given: bytes = b"", index: Path | None = None) -> bytes | None:
    """What a command of Git's prints, given this on its input, or None if it fails. index: in place of its own."""
    command = [*PREFIX, *arguments]
    variables = environment() | ({"GIT_INDEX_FILE": str(index)} if index else {})
    try:
        done = subprocess.run(command, cwd=root, env=variables, input=given, capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
