"""At which commit the files of governance/ count, and their text there; imports little, as a rollback waits for it."""

from pathlib import Path

from regrow import RegrowError
from regrow.tools import git

#: what a change has to get into before it counts, so that who writes a branch writes no rule for it: the first that
#: there is, else HEAD
PROTECTED = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master", "refs/heads/main",
             "refs/heads/master")  # fmt: skip


def protected(root: Path) -> tuple[str, str]:
    """The reference whose files count, and its commit. Raises RegrowError where nothing is committed."""
    found = git.references(root, *PROTECTED)
    for name in PROTECTED:
        if name in found:
            return name.removeprefix("refs/remotes/").removeprefix("refs/heads/"), found[name]
    if commit := git.resolve(root, "HEAD"):
        return "HEAD", commit
    raise RegrowError("nothing is committed yet", where=str(root), fix="git commit")


def text_there(root: Path, path: str) -> str | None:
    """A file as the protected branch holds it, None where it holds none. Raises RegrowError."""
    return git.show(root, protected(root)[1], path)
