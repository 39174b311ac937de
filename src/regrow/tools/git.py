"""What is asked of Git: read-only, without hooks, argument lists only."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from regrow import layout
from regrow.tools import git_objects
from regrow.tools.git_command import PREFIX as PREFIX
from regrow.tools.git_command import environment as environment
from regrow.tools.git_command import output as output
from regrow.tools.git_objects import FIX as FIX
from regrow.tools.git_objects import Objects as Objects
from regrow.tools.git_objects import blobs as blobs
from regrow.tools.git_objects import files as files
from regrow.tools.git_objects import show as show
from regrow.tools.git_objects import texts as texts
from regrow.tools.git_variables import COMMITTING

WHO = ("-c", "user.name=regrow", "-c", "user.email=regrow@localhost")  # of commits that stay in private copies


def available() -> bool:
    """Whether there is a git to call."""
    import shutil

    return shutil.which("git") is not None


def _git(root: Path, *arguments: str) -> str | None:
    """What it prints, as text, or None if it fails."""
    printed = output(root, *arguments)
    return None if printed is None else printed.decode("utf-8", "replace")


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


def require_whole(root: Path, revision: str) -> None:
    """Raise RegrowError, as `git_objects.blobs` does, if a revision names an object that is not as it was made."""
    if revision and not revision.startswith("-"):
        name = (_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision) or "").strip()
        git_objects.blobs(root, {name: revision} if name else {})


def experiments(root: Path) -> dict[str, str]:
    """DVC's experiments: name -> commit."""
    listed = _git(root, "for-each-ref", "--format=%(refname) %(objectname)", "refs/exps") or ""
    pairs = (line.split() for line in listed.splitlines())
    found = own(root, {ref: commit for ref, commit in pairs if ref.count("/") == 4})
    return {ref.rpartition("/")[2]: commit for ref, commit in found.items()}


def prefix(root: Path) -> str:
    """Where `root` lies in its repository: "" at the top, else such as "apps/one/"."""
    return (_git(root, "rev-parse", "--show-prefix") or "").rstrip("\n")


def own(root: Path, experiments: Mapping[str, str]) -> dict[str, str]:
    """Of experiments (reference, which names the commit that they began from -> commit), those of the project here.

    A repository may hold several projects. Another's experiment changed files, and neither settings nor record here.
    """
    before = prefix(root)
    if not before or not experiments:
        return dict(experiments)
    parts = ("^{tree}", *(f":{before}{name}" for name in (layout.PARAMS, layout.DVC_LOCK)))
    bases = {ref: "".join(ref.split("/")[-3:-1]) for ref in experiments}
    asked = dict.fromkeys(f"{one}{part}" for one in (*experiments.values(), *bases.values()) for part in parts)
    told = output(root, "cat-file", "--batch-check", given="".join(f"{one}\n" for one in asked).encode()) or b""
    found = dict(zip(asked, (line.split(b" ")[0] if b" missing" not in line else b"" for line in told.splitlines()),
                     strict=False))  # fmt: skip

    def same(ref: str, part: str) -> bool:
        return found.get(f"{experiments[ref]}{part}") == found.get(f"{bases[ref]}{part}")

    others = {ref for ref in experiments if not same(ref, parts[0]) and all(same(ref, part) for part in parts[1:])}
    return {ref: commit for ref, commit in experiments.items() if ref not in others}


def history_of(root: Path, path: str, most: int = 50) -> list[str]:
    """The commits, newest first, that changed a file."""
    return (_git(root, "log", f"--max-count={most}", "--format=%H", "--", path) or "").split()


def hash_files(root: Path, paths: Iterable[str], *, filters: bool = False) -> dict[str, str]:
    """The objects that files of the work tree would be: relative path -> object.

    Byte for byte, or with `filters` as Git converts them for a commit.
    """
    there = [path for path in paths if (root / path).is_file() and "\n" not in path]
    # Git takes paths from its input from the top of the work tree, wherever it is asked
    given = "".join(f"{root.absolute() / path}\n" for path in there).encode("utf-8", "surrogateescape")
    plain = () if filters else ("--no-filters",)
    printed = output(root, "hash-object", *plain, "--stdin-paths", given=given) if there else b""
    return dict(zip(there, (printed or b"").decode().split(), strict=False))


def untracked(root: Path, *paths: str) -> list[str]:
    """Files at or below `paths` that no commit could hold as they are: not in the index, ignored or not."""
    listed = output(root, "ls-files", "--others", "-z", "--", *paths) or b""
    return sorted(os.fsdecode(name) for name in listed.split(b"\0") if name)


def visible(root: Path, *paths: str) -> list[str]:
    """Files at or below `root` that match, committed, staged or new, but for those that Git ignores."""
    listed = output(root, "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *paths) or b""
    return sorted({os.fsdecode(name) for name in listed.split(b"\0") if name})


@dataclass(frozen=True)
class Staged:
    """A file of the index. name: its object. overlooked: whether Git is told not to look for edits of it."""

    mode: str
    name: str
    overlooked: bool


def index(root: Path, file: Path | None = None) -> dict[str, Staged]:
    """What a commit made now would hold, at and below `root`: relative path -> what the index says.

    file: the index that is read, if not Git's own.
    """
    found = {}
    for line in (output(root, "ls-files", "--stage", "-v", "-z", index=file) or b"").split(b"\0"):
        about, _, path = line.partition(b"\t")
        if path:
            tag, mode, name, _ = about.decode().split(" ")
            found[os.fsdecode(path)] = Staged(mode, name, tag.islower() or tag == "S")
    return found


def index_file(root: Path) -> Path:
    """Where Git keeps its index."""
    return root / (_git(root, "rev-parse", "--git-path", "index") or "").rstrip("\n")


def committing(root: Path) -> Path | None:
    """The index of the commit that is being made while a hook of this repository runs; None if that is Git's own."""
    file = Path(COMMITTING)
    return file if COMMITTING and file.parent == index_file(root).resolve().parent else None


def ignored(root: Path, paths: Sequence[str]) -> set[str]:
    """Those of some untracked paths that Git is told to ignore."""
    given = b"".join(os.fsencode(path) + b"\0" for path in paths)
    listed = output(root, "check-ignore", "-z", "--stdin", given=given) if paths else b""
    return {os.fsdecode(path) for path in (listed or b"").split(b"\0") if path}


def revisions(root: Path, text: str, most: int = 10_000) -> list[str]:
    """The commits of a range or a revision, oldest first; [] if it names none.

    Below the top of a repository, those of them that changed something here, if any did.
    """
    arguments = ("rev-list", "--reverse", "--topo-order", f"--max-count={most}", "--end-of-options", text, "--")
    here = (_git(root, *arguments, ".") or "").split() if prefix(root) else []
    return here or (_git(root, *arguments) or "").split()


def describe(root: Path, commit: str) -> dict[str, str]:
    """author, date (ISO, the committer's), subject of a commit."""
    shown = _git(root, "log", "-1", "--format=%an%x00%cI%x00%s", commit) or "\0\0"
    author, date, subject = shown.rstrip("\n").split("\0")
    return {"author": author, "date": date, "subject": subject}


def lines(root: Path, *arguments: str) -> list[str]:
    """What a command of Git's prints, line by line; [] if it fails."""
    return (_git(root, *arguments) or "").splitlines()


def top(root: Path) -> Path | None:
    """The top folder of the work tree around `root`."""
    found = _git(root, "rev-parse", "--show-toplevel")
    return Path(found.rstrip("\n")) if found else None


def private_copy(folder: Path, root: Path, commit: str) -> None:
    """Make `folder`, whose files are there already, a repository of its own that stands at `commit`.

    It borrows the objects of the repository around `root` and shares nothing else with it: no refs, hooks, settings.
    Of a project below the top of its repository it has the project alone, in a commit of its own.
    """
    objects = (_git(root, "rev-parse", "--path-format=absolute", "--git-path", "objects") or "").rstrip("\n")
    tree = (_git(root, "rev-parse", "--verify", f"{commit}:./") or "").strip()
    output(
        folder, "init", "--quiet", "--template=", f"--object-format={'sha256' if len(commit) == 64 else 'sha1'}", "."
    )
    (folder / ".git/objects/info/alternates").write_text(f"{objects}\n", encoding="utf-8")
    if tree and prefix(root):
        commit = (_git(folder, *WHO, "commit-tree", "-m", f"The project at {commit}", tree) or "").strip()
    output(folder, "update-ref", "--no-deref", "HEAD", commit)
    output(folder, "read-tree", tree or commit)


def snapshot(root: Path, folder: Path, *, also: Sequence[str] = ()) -> str:
    """Make a commit of the work tree around `root` as it is, ignored files left out, in a repository in `folder`.

    also: files that are in it though they are ignored. The repository around `root` gets nothing of it: no object, no
    ref. Returns the commit.
    """
    folder.mkdir(parents=True, exist_ok=True)
    private_copy(folder, root, resolve(root, "HEAD") or "")
    there = (f"--git-dir={folder / '.git'}", f"--work-tree={root}")
    output(root, *there, "add", "--all", ".")
    if also:
        output(root, *there, "add", "--force", "--", *also)
    tree = (_git(root, *there, "write-tree") or "").strip()
    return (_git(root, *WHO, *there, "commit-tree", "-m", "The work tree as it is", tree) or "").strip()


def patch(folder: Path, root: Path, commit: str) -> bytes:
    """What a commit of `snapshot` changes against HEAD of the repository around `root`, binary files included."""
    head = (_git(root, "rev-parse", "--verify", "HEAD:./") or "").strip()
    return output(folder, "diff", "--binary", "--no-color", "--no-ext-diff", "--no-textconv", head, commit) or b""


def branch(root: Path, name: str, commit: str) -> bool:
    """Make a branch at a commit; False if there is one of this name, or it is no name for one."""
    if name.startswith("-") or _git(root, "check-ref-format", "--branch", name) is None:
        return False
    return output(root, "update-ref", f"refs/heads/{name}", commit, "0" * len(commit)) is not None


def has_branch(root: Path, name: str) -> bool:
    """Whether there is a branch of this name."""
    return _git(root, "rev-parse", "--verify", "--quiet", f"refs/heads/{name}") is not None


def state_files(root: Path) -> list[Path]:
    """The files by which Git knows what is committed, staged and ignored; some may not be there.

    Of a project below the top of its repository, also the folders above that say what is ignored.
    """
    reference = _git(root, "symbolic-ref", "--quiet", "HEAD")
    asked = ["HEAD", "index", "packed-refs", "config", "info/exclude", *([reference] if reference else [])]
    told = _git(root, "rev-parse", *(word for one in asked for word in ("--git-path", one))) or ""
    above = list(root.resolve().parents)[: prefix(root).count("/")]
    return [*(root / line for line in told.splitlines()), *(folder / ".gitignore" for folder in above)]


def references(root: Path, *below: str) -> dict[str, str]:
    """Name -> commit of the references below folders of them, in Git's order."""
    told = _git(root, "for-each-ref", "--format=%(objectname) %(refname)", *below) or ""
    return {name: commit for commit, _, name in (line.partition(" ") for line in told.splitlines())}


def forget(root: Path, reference: str) -> None:
    """Remove a reference; its commit stays until Git clears up."""
    output(root, "update-ref", "-d", reference)


def messages(root: Path, commits: Iterable[str]) -> dict[str, str]:
    """The messages of commits, by name."""
    found = git_objects.blobs(root, {name: f"commit {name[:10]}" for name in commits})
    return {name: data.partition(b"\n\n")[2].decode("utf-8", "replace") for name, data in found.items()}
