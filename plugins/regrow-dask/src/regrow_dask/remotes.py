"""Git and DVC remotes, the only things that a worker shares with whoever asks."""

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from regrow.base.errors import Exit, RegrowError
from regrow.tools import git as repository
from regrow.tools import stores

MOST = 600  # characters of what Git said
FIX = "git remote add origin ADDRESS"


def git(root: Path, *arguments: str, where: str = "Git", fix: str = "", given: bytes | None = None) -> bytes:
    """What a command of Git prints. Raises RegrowError with what it said if it fails, without passwords."""
    done = subprocess.run(
        [*repository.PREFIX, *arguments],
        cwd=root,
        env={**repository.environment(), "GIT_TERMINAL_PROMPT": "0"},
        input=given or b"",
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = hidden(done.stderr.decode("utf-8", "replace").strip()).partition("\n\n")[0]
        raise RegrowError("; ".join(said.splitlines())[:MOST] or f"git {arguments[0]} failed", where=where, fix=fix)
    return done.stdout


def hidden(text: str) -> str:
    """The text without passwords in addresses."""
    return re.sub(r"://[^/@\s]*@", "://***@", text)


def remote(root: Path) -> tuple[str, str]:
    """Name and address of the Git remote that the branch follows, else `origin`, else the only one; a folder's address
    is absolute. Raises RegrowError where there is none."""
    there = repository.lines(root, "remote")
    branch = repository.lines(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    followed = repository.lines(root, "config", f"branch.{branch[0]}.remote") if branch else []
    name = next((one for one in (*followed, "origin", *(there if len(there) == 1 else ())) if one in there), "")
    if not name:
        wrong = "has several remotes, and none is called origin" if there else "has no remote"
        fix = f"git branch --set-upstream-to {there[0]}/main" if there else FIX
        raise RegrowError(f"{wrong}: workers get the commit from there", where="Git", fix=fix)
    url = "".join(repository.lines(root, "remote", "get-url", name))
    is_folder = "://" not in url and not re.match(r"[^/]+:", url)
    return name, os.path.abspath((repository.top(root) or root) / url) if is_folder else url  # noqa: PTH100 - `..`


def store(root: Path) -> tuple[str, str]:
    """Name and address of DVC's default remote. Raises RegrowError where there is none."""
    try:
        name = stores.remote(root).name.removeprefix("remote ")
    except RegrowError as error:
        if error.problems[0].where != stores.NOWHERE:
            raise
        wrong, fix = f"{error.problems[0].wrong}: workers get data from there", "dvc remote add -d NAME ADDRESS"
        raise RegrowError(wrong, where=".dvc/config", fix=fix) from None
    return name, str(stores.settings(root)["remote"][name]["url"])


def send(root: Path, commits: Iterable[str]) -> None:
    """Push what commits recorded, where the cache has it, to DVC's default remote. Raises RegrowError."""
    _move(root, "push", commits)


def bring(root: Path, commits: Iterable[str]) -> None:
    """Fetch what commits recorded into DVC's cache. Raises RegrowError (exit code DATA_MISSING)."""
    _move(root, "fetch", commits)


def _move(root: Path, what: str, commits: Iterable[str]) -> None:
    from dvc.repo import Repo

    try:
        with Repo(str(root)) as repo:
            getattr(repo, what)(revs=list(commits), workspace=False)
    except Exception as error:  # each kind of remote raises its own
        wrong = f"data can't be {what}ed: {hidden(f'{type(error).__name__}: {error}')}"
        raise RegrowError(wrong, where="DVC's remote", fix=f"dvc {what}", code=Exit.DATA_MISSING) from None
