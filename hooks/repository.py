"""The project as a Git repository with one commit, or a part of the one around it; whatever Git is set to here."""

import os
import subprocess
from pathlib import Path

OVERRULED = {
    "core.hooksPath": os.devnull,
    "core.excludesFile": os.devnull,  # a global ignore of *.lock or *.whl would leave half of the project out
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.fsmonitor": "false",
    "commit.gpgSign": "false",
    "user.useConfigOnly": "true",  # else Git makes up an address out of the host's name
}
ELSEWHERE = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
)
NO_ADDRESS = "nobody@example.invalid"
MESSAGE = "A regrow project, as generated"


def create(project: Path, author: str) -> Path | None:
    """`git init` and the first commit on branch main. Raises RuntimeError with what Git says.

    Inside a repository that does not ignore it, the project is a part of that one: its files are staged, nothing is
    committed, and what else is staged stays so. Returns the top folder then.
    """
    if top := around(project):
        git(project, "add", "--", ".")
        if kept := ignored_from_above(project):
            git(project, "add", "--force", "--", *kept)
        return top
    git(project, "init", "--quiet")
    git(project, "symbolic-ref", "HEAD", "refs/heads/main")  # `init -b` needs Git 2.28
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--no-verify", "--message", MESSAGE, more=identity(project, author))
    return None


def around(project: Path) -> Path | None:
    """The top folder of the work tree that the project lies in, None where it would not be seen there."""
    try:
        top = git(project, "rev-parse", "--show-toplevel")
    except RuntimeError:
        return None
    try:
        git(project, "check-ignore", "--quiet", ".")
    except RuntimeError:
        return Path(top)
    return None


def ignored_from_above(project: Path) -> list[str]:
    """The project's own files, such as wheels, that a .gitignore above leaves out: not those that its own does."""
    listed = git(project, "ls-files", "--others", "--ignored", "--exclude-standard", "-z")
    told = git(project, "check-ignore", "--verbose", "-z", "--stdin", given=listed).split("\0") if listed else []
    own = git(project, "rev-parse", "--show-prefix")
    return [path for source, path in zip(told[::4], told[3::4], strict=False) if not source.startswith(own)]


def identity(project: Path, author: str) -> dict[str, str]:
    """Environment for this commit: nothing if the machine has an identity, else the author's name, no real address."""
    try:
        for role in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            git(project, "var", role)
    except RuntimeError:
        name = author.translate({ord(letter): None for letter in "<>"}).strip(" .,:;\"'\\")  # what Git drops from names
        values = {"NAME": name or "the author", "EMAIL": NO_ADDRESS}
        return {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in values.items()}
    return {}


def git(project: Path, *arguments: str, more: dict[str, str] | None = None, given: str = "") -> str:
    """Run git in the project, and nowhere else; `given` is its input. Raises RuntimeError."""
    settings = [part for key, value in OVERRULED.items() for part in ("-c", f"{key}={value}")]
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE} | (more or {})
    try:
        done = subprocess.run(
            ["git", *settings, *arguments],
            check=False,
            cwd=project,
            env=environment,
            input=given,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    except FileNotFoundError:
        raise RuntimeError("git is not on the PATH: install git") from None
    if done.returncode:
        raise RuntimeError(f"git {arguments[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()
