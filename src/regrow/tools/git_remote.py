"""What is asked of Git about other repositories: which one is ours, and what goes there and comes from there."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from regrow.base.errors import RegrowError
from regrow.tools import git

FIX = "git remote add origin ADDRESS"
MOST_TOLD = 600  # characters of what Git said


def remote(root: Path) -> str:
    """The name of the remote that the branch follows, else `origin`, else the only one. Raises RegrowError."""
    there = git.lines(root, "remote")
    branch = git.lines(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    followed = git.lines(root, "config", f"branch.{branch[0]}.remote") if branch else []
    for name in (*followed, "origin", *(there if len(there) == 1 else ())):
        if name in there:
            return name
    if not there:
        raise RegrowError("has no remote, and workers get the commit from there", where="Git", fix=FIX)
    fix = f"git branch --set-upstream-to {there[0]}/main, or another of {', '.join(there)}"
    raise RegrowError("has several remotes, and none is called origin", where="Git", fix=fix)


def address(root: Path, name: str) -> str:
    """The address of a remote; a relative folder as an absolute one."""
    found = git.lines(root, "remote", "get-url", name)
    if not found:
        raise RegrowError(f"remote {name} has no address", where="Git", fix=FIX)
    is_folder = "://" not in found[0] and not re.match(r"[^/]+:", found[0])
    return os.path.abspath((git.top(root) or root) / found[0]) if is_folder else found[0]  # noqa: PTH100 - `..`


def push(root: Path, name: str, refspecs: Sequence[str]) -> str:
    """Push to a remote by its name; why it failed, "" if it did not."""
    return _told(root, "push", "--quiet", "--no-verify", name, *refspecs)


def references(root: Path, name: str, pattern: str) -> list[str]:
    """The references of a remote that a pattern matches; none if it can't be asked."""
    return [line.split()[-1] for line in git.lines(root, "ls-remote", "--quiet", name, pattern) if line.strip()]


def fetch(folder: Path, url: str, reference: str) -> str:
    """Fetch the one commit of a reference into the repository `folder`; why it failed, "" if it did not."""
    options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--depth=1")
    wanted = ("--end-of-options", url, f"+{reference}:{reference}")
    return _told(folder, "fetch", *options, *wanted, GIT_TERMINAL_PROMPT="0")


def _told(root: Path, *arguments: str, **environment: str) -> str:
    try:
        done = subprocess.run(
            [*git.PREFIX, *arguments],
            cwd=root,
            env={**git.environment(), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        return f"git: {error.strerror}"
    whole = hidden(done.stderr.decode("utf-8", "replace").strip())
    said = "; ".join(whole.partition("\n\n")[0].splitlines())[:MOST_TOLD]  # after an empty line it gives advice
    return "" if done.returncode == 0 else said or f"git ended with exit code {done.returncode}"


def hidden(text: str) -> str:
    """The text without passwords in addresses."""
    return re.sub(r"://[^/@\s]*@", "://***@", text)
