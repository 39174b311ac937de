"""A real DVC project of two stages, with a remote, made once a session: for what reads a commit's record."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.shared import BELOW, copied, once, place, prepared

PROJECT = "a project"
FILES = {
    "pyproject.toml": "[tool.regrow]\nplugins = []\n",
    ".gitignore": "__pycache__/\n/out\n/table.txt\n",
    ".dvcignore": "__pycache__\n",
    "params.yaml": """\
seed: 1
rows: 2
data:
  assumptions:
    short: {says: it is short, owner: Ada, severity: warn}
""",
    "raw/a.txt": "one\n" * 100,
    "raw/ü b.txt": "two\n" * 100,
    "src/make.py": """\
import json, pathlib, shutil
from regrow.base import hashing
out = pathlib.Path("out")
shutil.rmtree(out, ignore_errors=True)
shutil.copytree("raw", out)
pathlib.Path("table.txt").write_text(pathlib.Path("raw/a.txt").read_text() * 2)
root = pathlib.Path.cwd()
def said(*paths):
    found = {path: hashing.of_path(root / path, root) for path in paths}
    return {path: {"sha256": one.sha256, "size": one.size} for path, one in found.items()}
pathlib.Path("hashes").mkdir(exist_ok=True)
text = json.dumps({"inputs": said("raw"), "outputs": said("out", "table.txt"), "machine": {"kernels": "portable"}})
pathlib.Path("hashes/make.json").write_text(text)
""",
    "src/score.py": """\
import pathlib
pathlib.Path("metrics.json").write_text('{"lines": 200, "sub": {"x": 0.5}}')
""",
    "dvc.yaml": """\
stages:
  make:
    cmd: python src/make.py
    deps: [raw, src]
    params: [rows, seed]
    outs:
      - out
      - table.txt
      - hashes/make.json: {cache: false}
  score:
    cmd: python src/score.py
    deps: [table.txt, out/a.txt, src]
    params: [data.assumptions]
    metrics:
      - metrics.json: {cache: false}
""",
}


@dataclass
class Tiny:
    """A project with its commands. The remote lies beside it."""

    root: Path
    environment: dict[str, str]

    @property
    def remote(self) -> Path:
        return self.root.parent / "remote"

    def run(self, *command: str, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, **more}
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def commit(self, message: str = "work") -> str:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "-m", message)
        return self.run("git", "rev-parse", "HEAD").stdout.strip()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, text
        self.write(path, text.replace(old, new))

    def md5(self, path: str) -> str:
        return hashlib.md5((self.root / path).read_bytes()).hexdigest()

    def cached(self, md5: str) -> Path:
        return self.root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]

    def pushed(self, md5: str) -> Path:
        return self.remote / "files/md5" / md5[:2] / md5[2:]

    def everything(self) -> dict[str, tuple[bytes, int, int]]:
        """Bytes, mode and time of every file of the project and its remote, but for what was set aside."""
        found = {}
        for file in sorted(self.root.parent.rglob("*")):
            if file.is_file() and ".dvc/tmp/regrow/corrupt" not in file.as_posix():
                about = file.lstat()
                found[str(file.relative_to(self.root.parent))] = (file.read_bytes(), about.st_mode, about.st_mtime_ns)
        return found

    @property
    def aside(self) -> list[str]:
        return sorted(file.name for file in (self.root / ".dvc/tmp/regrow/corrupt").glob("*"))


def make_tiny(folder: Path, environment: dict[str, str]) -> Tiny:
    """A new one in `folder`, run, pushed and committed."""
    tiny = Tiny(prepared(folder) / PROJECT, environment)
    tiny.root.mkdir(parents=True)
    for path, text in FILES.items():
        tiny.write(path, text)
    if not BELOW:
        tiny.run("git", "init", "--quiet")
    tiny.run("dvc", "init", "--quiet", *(["--subdir"] if BELOW else []))
    tiny.run("dvc", "remote", "add", "-d", "store", "../remote")
    tiny.run("dvc", "add", "--quiet", "raw")
    tiny.run("dvc", "repro", "--quiet")
    tiny.run("dvc", "push", "--quiet")
    tiny.commit("a run")
    return tiny


@pytest.fixture(scope="session")
def tiny_made(tmp_path_factory, environment) -> Tiny:
    """Not to be changed."""
    folder = once(tmp_path_factory, "tiny ü", lambda folder: make_tiny(folder, environment))
    return Tiny(place(folder) / PROJECT, environment)


@pytest.fixture
def tiny(tiny_made, tmp_path) -> Tiny:
    """A copy to work on, with its own cache and remote."""
    root = copied(tiny_made.root, tmp_path / "tiny")
    if not BELOW:
        shutil.copytree(tiny_made.remote, root.parent / "remote", symlinks=True)  # else it came along
    return Tiny(root, tiny_made.environment)


def replace_bytes(file: Path, data: bytes) -> None:
    """Other bytes under the same mode and times: what DVC would not look at twice."""
    about = file.stat()
    file.chmod(0o644)
    file.write_bytes(data)
    file.chmod(about.st_mode & 0o777)
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))


def flip(file: Path) -> None:
    """One bit, in the middle."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    replace_bytes(file, bytes(data))


def truncate(file: Path) -> None:
    """Half of it."""
    replace_bytes(file, file.read_bytes()[: file.stat().st_size // 2])


def swap(one: Path, two: Path) -> None:
    """Each under the other's name."""
    first, second = one.read_bytes(), two.read_bytes()
    replace_bytes(one, second)
    replace_bytes(two, first)
