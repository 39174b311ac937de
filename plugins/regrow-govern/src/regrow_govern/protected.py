"""At which commit the files of governance/ count, and their text there; imports little, as a rollback waits for it."""

from pathlib import Path

from regrow import RegrowError
from regrow.tools import git

#: what a change has to get into before it counts, the first that there is: who writes a branch writes no rule for it
PROTECTED = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master", "refs/heads/main",
             "refs/heads/master", "HEAD")  # fmt: skip


def protected(root: Path) -> tuple[str, str]:
    """The reference whose files count, and its commit. Raises RegrowError where nothing is committed."""
    for name in PROTECTED:
        if commit := git.resolve(root, name):
            short = name.removeprefix("refs/remotes/").removeprefix("refs/heads/")
            return short, commit
    raise RegrowError("nothing is committed yet", where=str(root), fix="git commit")


def text_there(root: Path, path: str) -> str | None:
    """A file as the protected branch holds it, None where it holds none. Raises RegrowError."""
    return git.show(root, protected(root)[1], path)
