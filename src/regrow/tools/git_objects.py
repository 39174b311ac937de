"""Commits, trees and files from Git's objects, each hashed against its name: Git hands out loose ones unlooked."""

import contextlib
import hashlib
import io
import os
import posixpath
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from regrow.base.errors import Exit, Problem, RegrowError
from regrow.tools.git_command import PREFIX, environment

COMMAND = [*PREFIX, "cat-file", "--batch"]
AT_ONCE = 100  # names that a pipe takes before anything of the answers is read
MANY = 500  # objects in memory
TREE = "40000"
FIX = "git fsck --full lists all that is wrong; another clone may have it whole: git fetch --refetch"
Entries = dict[str, tuple[str, str]]  # name in a folder -> (mode, object)


class Objects:
    """The objects of the repository around a folder, as long as it is open.

    wrong: name -> what is wrong with an object that is there. missing: the names of those that are not.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.wrong: dict[str, str] = {}
        self.missing: set[str] = set()
        self._said: IO[bytes] = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - Git writes at its end, wherever it is read
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Objects":
        return self

    def __exit__(self, *_: Any) -> None:
        self._end()
        self._said.close()

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """(name, bytes) of those objects that are what their names say, each once; the others are noted."""
        todo = list(dict.fromkeys(names))
        while todo:
            part = todo[: AT_ONCE if len(todo) < MANY else MANY]
            stream, answered = self._asked(part), 0
            for name, data in self._answers(stream, part) if stream else ((name, None) for name in part):
                answered += 1
                if data is not None:
                    yield name, data
            if stream is None:
                self.missing |= set(part)
            if answered < len(part):  # Git ends at an object that it can't unpack
                self._end()
                self.wrong[part[answered]] = "can't be unpacked"
                answered += 1
            todo = todo[answered:]

    def _asked(self, names: Sequence[str]) -> IO[bytes] | None:
        """Where the answers come from; None if Git can't be asked. Many are asked for at once, by a process of their
        own, which need not answer each by itself."""
        given = "".join(f"{name}\n" for name in names).encode()
        try:
            if len(names) > AT_ONCE:
                command = [*COMMAND, "--buffer"]
                done = subprocess.run(
                    command, cwd=self.root, env=environment(), input=given,
                    stdout=subprocess.PIPE, stderr=self._said, check=False,
                )  # fmt: skip
                return io.BytesIO(done.stdout)
            process = self._running()
        except OSError:
            return None
        if process.stdin is None:
            return None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(given)
            process.stdin.flush()
        return process.stdout

    def _answers(self, stream: IO[bytes], names: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """(name, its bytes or None), as far as the answers go."""
        for name in names:
            header = stream.readline().split()
            if len(header) == 2:
                self._lacking(name)
                yield name, None
                continue
            data = stream.read(int(header[2]) + 1)[:-1] if len(header) == 3 else b""
            if len(header) != 3 or len(data) != int(header[2]):
                return
            actual = _name(header[1], data, len(name))
            if actual != name:
                self.wrong[name] = f"holds other bytes: those of {actual}"
            yield name, data if actual == name else None

    def _lacking(self, name: str) -> None:
        """Git says so, too, of an object whose head it can't unpack; then it has complained of it."""
        self._said.seek(0)
        if name.encode() in self._said.read():
            self.wrong[name] = "can't be unpacked"
        else:
            self.missing.add(name)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(
                COMMAND, cwd=self.root, env=environment(), stdin=pipe, stdout=pipe, stderr=self._said
            )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process and process.stdin and process.stdout:
            process.stdout.close()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            process.wait()

    def problem(self, name: str, where: str) -> Problem:
        """What is wrong with an object that was not given. where: what it stands for."""
        told = f"Git's object {name} {self.wrong[name]}" if name in self.wrong else f"Git's object {name} is missing"
        return Problem(told, where, FIX)

    def all(self, wanted: Mapping[str, str]) -> dict[str, bytes]:
        """The bytes of objects. wanted: name -> what it stands for.

        Raises RegrowError that names all that are not what their names say (exit code MISMATCH), or not there.
        """
        found = dict(self.read(wanted))
        if len(found) < len(wanted):
            lacking = [name for name in wanted if name not in found]
            code = Exit.MISMATCH if any(name in self.wrong for name in lacking) else Exit.DATA_MISSING
            raise RegrowError.of((self.problem(name, wanted[name]) for name in lacking), code)
        return found

    def trees(self, commits: Iterable[str]) -> dict[str, str]:
        """Commit -> its tree."""
        found = self.all({commit: f"commit {commit[:10]}" for commit in commits})
        return {commit: data[5 : data.index(b"\n")].decode() for commit, data in found.items()}


def _name(kind: bytes, data: bytes, length: int) -> str:
    """What Git calls an object; in repositories of SHA-256 names are longer."""
    new = hashlib.sha256 if length == 64 else hashlib.sha1
    return new(b"%s %d\0%s" % (kind, len(data), data), usedforsecurity=False).hexdigest()


def _entries(data: bytes, length: int) -> Entries:
    found, at = {}, 0
    while at < len(data):
        end = data.index(b"\0", at)
        mode, _, name = data[at:end].partition(b" ")
        at = end + 1 + length // 2
        found[os.fsdecode(name)] = mode.decode(), data[end + 1 : at].hex()
    return found


def _prefix(root: Path) -> list[str]:
    """The folders from the top of the repository down to `root`."""
    here = root.resolve()
    for folder in (here, *here.parents):
        if (folder / ".git").is_file() or (folder / ".git/HEAD").is_file():
            return list(here.relative_to(folder).parts)
    return []


def files(root: Path, commit: str) -> dict[str, tuple[str, str]]:
    """The files of a commit at and below `root`: relative path -> (mode, object). Raises RegrowError, as `Objects.all`
    does, if the commit or one of its folders is not there as it was made."""
    told = f"of commit {commit[:10]}"
    found: dict[str, tuple[str, str]] = {}
    with Objects(root) as objects:
        tree, above = objects.trees([commit])[commit], f"the top folder {told}"
        for part in _prefix(root):
            mode, tree = _entries(objects.all({tree: above})[tree], len(commit)).get(part, ("", ""))
            above = f"{part} {told}"
            if mode != TREE:
                return {}
        level = [("", tree)]
        while level:
            data = objects.all({name: f"{path.rstrip('/')} {told}" if path else above for path, name in level})
            below = []
            for path, name in level:
                for entry, (mode, one) in _entries(data[name], len(commit)).items():
                    if mode == TREE:
                        below.append((f"{path}{entry}/", one))
                    else:
                        found[f"{path}{entry}"] = mode, one
            level = below
    return {path: found[path] for path in sorted(found)}


def blobs(root: Path, wanted: Mapping[str, str]) -> dict[str, bytes]:
    """The bytes of objects. wanted: name -> the path it stands for. Raises RegrowError as `Objects.all` does."""
    with Objects(root) as objects:
        return objects.all(wanted) if wanted else {}


def texts(root: Path, asked: Sequence[str]) -> list[str | None]:
    """What files, such as "COMMIT:PATH", hold, in order; None for what the commit lacks. `root` may be below the top.

    Raises RegrowError as `Objects.all` does.
    """
    pairs = [(commit, path) for commit, _, path in (one.partition(":") for one in asked)]
    prefix = _prefix(root)
    ways = [[*prefix, *posixpath.normpath(path).split("/")] for _, path in pairs]
    known: dict[str, Entries] = {}
    with Objects(root) as objects:
        tops = objects.trees(dict.fromkeys(commit for commit, _ in pairs))
        at: list[tuple[str, str]] = [(TREE, tops[commit]) for commit, _ in pairs]
        for depth in range(max(map(len, ways), default=0)):
            going = [n for n, way in enumerate(ways) if depth < len(way)]
            needed = {at[n][1]: f"{'/'.join(ways[n][:depth]) or 'the top folder'} of commit {pairs[n][0][:10]}"
                      for n in going if at[n][0] == TREE}  # fmt: skip
            new = {name: where for name, where in needed.items() if name not in known}
            known |= {name: _entries(data, len(name)) for name, data in objects.all(new).items()}
            for n in going:
                at[n] = known[at[n][1]].get(ways[n][depth], ("", "")) if at[n][0] == TREE else ("", "")
        files = {name: f"{path} of commit {commit[:10]}" for (mode, name), (commit, path) in zip(at, pairs, strict=True)
                 if mode not in {"", TREE}}  # fmt: skip
        found = objects.all(files)
    return [found[name].decode("utf-8", "replace") if name in found else None for _, name in at]


def show(root: Path, commit: str, path: str) -> str | None:
    """A file's text as a commit holds it, or None; `path` is relative to `root`. Raises RegrowError as `texts`."""
    return texts(root, [f"{commit}:{path}"])[0]
