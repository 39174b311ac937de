"""What is asked of Git: read-only, without hooks, argument lists only."""

import shutil
import subprocess
from pathlib import Path


def available() -> bool:
    """Whether there is a git to call."""
    return shutil.which("git") is not None


def _git(root: Path, *arguments: str) -> str | None:
    """Its output, or None if it fails."""
    command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", *arguments]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def version() -> str:
    """Such as "2.39.5", or "" without git."""
    text = _git(Path.cwd(), "version") if available() else None
    return text.split()[2] if text else ""


def is_repository(root: Path) -> bool:
    """Whether `root` lies in a work tree."""
    return _git(root, "rev-parse", "--is-inside-work-tree") == "true\n"


def resolve(root: Path, revision: str) -> str | None:
    """The commit a revision names, or None. Options and anything but a commit are refused."""
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return found.strip() if found else None


def show(root: Path, commit: str, path: str) -> str | None:
    """A file's text as a commit holds it, or None; `path` is relative to `root`."""
    return _git(root, "show", f"{commit}:./{path}")


def experiments(root: Path) -> dict[str, str]:
    """DVC's experiments: name -> commit."""
    listed = _git(root, "for-each-ref", "--format=%(refname) %(objectname)", "refs/exps") or ""
    pairs = (line.split() for line in listed.splitlines())
    return {ref.rpartition("/")[2]: commit for ref, commit in pairs if ref.count("/") == 4}


def history_of(root: Path, path: str, most: int = 50) -> list[str]:
    """The commits, newest first, that changed a file."""
    return (_git(root, "log", f"--max-count={most}", "--format=%H", "--", path) or "").split()
