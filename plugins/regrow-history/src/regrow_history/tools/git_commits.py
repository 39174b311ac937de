"""Commits that are made without touching the work tree."""

import os
import shutil
import tempfile
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from regrow.base.errors import RegrowError
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


def take_experiments(root: Path, other: Path, base: str) -> dict[str, str]:
    """Bring the experiments of `other`, a private copy of our commit `base`; name -> commit of the new ones.

    Raises RegrowError as `Writer.add` does.
    """
    before = git.experiments(root)
    refs = {ref: commit for ref, commit in git.references(other, "refs/exps").items() if ref.count("/") == 4}
    wanted = [f"{ref}:{ref}" for ref in refs]
    if git.prefix(root):  # the copy has the project alone, where ours has what is around it as well
        return {ref.rpartition("/")[2]: _transplanted(root, other, base, ref) for ref in refs}
    if wanted:
        quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance")
        git.output(root, "fetch", *quiet, str(other), *wanted)
    return {name: commit for name, commit in git.experiments(root).items() if before.get(name) != commit}


def _transplanted(root: Path, other: Path, base: str, reference: str) -> str:
    """The commit that changes `base` as an experiment of `other` changes the one it began from."""
    *_, start, rest, name = reference.split("/")
    told = (git.output(other, "diff-tree", "-r", "-z", "--no-renames", start + rest, reference) or b"").split(b"\0")
    found = {os.fsdecode(path): about.decode().split() for about, path in zip(told[::2], told[1::2], strict=False)}
    kept = {path: about for path, about in found.items() if about[4] != "D"}
    blobs = git.blobs(other, {about[3]: path for path, about in kept.items()})
    files = {path: blobs[about[3]] for path, about in kept.items()}
    executable = [path for path, about in kept.items() if about[1] == "100755"]
    commit = git.resolve(other, reference) or ""
    said = git.messages(other, [commit])[commit]
    return Writer.of(root).add(f"refs/exps/{base[:2]}/{base[2:]}/{name}", base, said, files, executable)


def _quoted(path: str) -> str:
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
