"""Commits that are made without touching the work tree."""

import os
import shutil
import tempfile
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from regrow.errors import RegrowError
from regrow.tools import git


@dataclass(frozen=True)
class Writer:
    """Makes commits without touching the work tree. who: "Name <address>". when: seconds and zone, as Git writes them.
    prefix: of `root` in its repository."""

    root: Path
    who: str
    when: str
    prefix: str

    @classmethod
    def of(cls, root: Path) -> "Writer":
        """For the repository around `root`. Raises RegrowError if nobody is set to be the author."""
        who, mark, when = "".join(git.lines(root, "var", "GIT_COMMITTER_IDENT")).rpartition("> ")
        if not who:
            fix = 'git config user.name "..." && git config user.email ...'
            raise RegrowError("does not know who you are", where="git", fix=fix)
        return cls(root, f"{who}{mark}", when, "".join(git.lines(root, "rev-parse", "--show-prefix")))

    def add(
        self,
        reference: str,
        parent: str,
        message: str,
        files: Mapping[str, bytes],
        executable: Collection[str] = (),
        *,
        anew: bool = False,
        edits: str = "",
    ) -> str:
        """Point a new reference at a new commit: its parent with these files in place of its own. Its full name.

        executable: those of the files that are. anew: the reference may be there, and is moved. edits: a commit whose
        files it has in place of its parent's. Raises RegrowError if it is there already, or Git refuses.
        """
        said = message.encode()
        when = self.when if os.environ.get("GIT_COMMITTER_DATE") else f"{int(time.time())} {self.when.split()[1]}"
        head = f"commit {reference}\nmark :1\ncommitter {self.who}{when}\ndata {len(said)}\n"
        parts = [head.encode(), said, f"from {parent}\n".encode()]
        if edits:
            tree = "".join(git.lines(self.root, "rev-parse", f"{edits}^{{tree}}"))
            parts.append(f'M 040000 {tree} ""\n'.encode())
        for path, data in files.items():
            mode = "100755" if path in executable else "100644"
            parts += [f"M {mode} inline {_quoted(self.prefix + path)}\ndata {len(data)}\n".encode(), data, b"\n"]
        parts += [b"get-mark :1\n"]
        force = ("--force",) if anew else ()  # without, it takes no other commit off the reference
        told = git.output(self.root, "fast-import", "--quiet", *force, given=b"".join(parts))
        if told is None:
            raise RegrowError("can't be made, or is there already", where=reference, fix="git fsck; dvc exp list")
        return told.decode().strip()


def edited(root: Path, head: str) -> str:
    """A commit that holds what is edited of the tracked files at and below `root`, staged or not; `head` if nothing is.

    It is the same for the same edits, and no reference leads to it.
    """
    with tempfile.TemporaryDirectory(prefix="regrow-") as folder:
        own, index = git.index_file(root), Path(folder) / "index"
        if own.is_file():
            shutil.copyfile(own, index)
        git.output(root, "add", "--update", "--", ".", index=index)
        tree = (git.output(root, "write-tree", index=index) or b"").decode().strip()
    if not tree or tree == "".join(git.lines(root, "rev-parse", f"{head}^{{tree}}")):
        return head
    who = "regrow <regrow@localhost> 0 +0000"
    text = f"tree {tree}\nparent {head}\nauthor {who}\ncommitter {who}\n\nEdits that no commit holds yet\n"
    made = git.output(root, "hash-object", "-t", "commit", "-w", "--stdin", given=text.encode())
    return (made or head.encode()).decode().strip()


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
