"""A tiny project with two recorded commits, made once with real Git and DVC; tests work on copies of it."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.shared import BELOW, copied, once, place, prepared, warm_server
from tests.small import Small, make_project

WHO = {
    f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "T"), ("EMAIL", "t@e"))
}

ROOT = "ü $x"
DVC_CONFIG = """\
[core]
    analytics = false
[hydra]
    enabled = true
    config_dir = conf
    config_name = config
"""


@dataclass
class Repository(Small):
    """A project under Git and DVC."""

    environment: dict[str, str]

    def run(self, *command: str, code: int | None = 0, **environment: str) -> subprocess.CompletedProcess:
        """Run a program of this environment in the project."""
        if command[0] in {"regrow", "dvc"}:
            command = (sys.executable, "-m", *command)
        done = subprocess.run(
            command, cwd=self.root, env=self.environment | environment, capture_output=True, text=True, check=False
        )
        assert code is None or done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def commit(self, message: str) -> str:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", message)
        return self.run("git", "rev-parse", "HEAD").stdout.strip()

    def reproduce(self, message: str) -> str:
        """Compile, run, commit; the commit."""
        self.run("regrow", "compile")
        self.run("dvc", "repro", "--quiet")
        return self.commit(message)

    def state(self) -> dict[str, str]:
        """All that is the user's, by hash: tree, index, refs, cache, notes; not what Git refreshes by itself."""
        out = {}
        for file in sorted(self.root.rglob("*")):
            name = file.relative_to(self.root).as_posix()
            if file.is_file() and not name.startswith(".dvc/tmp") and "__pycache__" not in name:
                out[name] = f"{file.stat().st_mode:o} {hashlib.sha256(file.read_bytes()).hexdigest()}"
        return out

    def object(self, md5: str) -> Path:
        """An object in DVC's cache."""
        return self.root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Repository:
    """The project that copies are taken from: HEAD~1 has rows 3, HEAD has rows 5."""
    package = "smallreplay"
    base = once(tmp_path_factory, "recorded", lambda folder: make_recorded(folder, package))
    return Repository(place(base) / ROOT, package, shell(base))


@pytest.fixture(scope="module")
def warm(made) -> Iterator[None]:
    """A warm server for those who work in copies of it: not each starts one of its own."""
    with warm_server(made.environment):
        yield


def shell(base: Path) -> dict[str, str]:
    """A user's environment, with all that regrow keeps below `base`."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "DVC_", "REGROW_"))},
        **WHO,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "DVC_NO_ANALYTICS": "1",
        "REGROW_HOME": str(base / "home"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def make_recorded(base: Path, package: str) -> None:
    """A project with two commits in `base`."""
    small = make_project(prepared(base) / ROOT, package)
    repository = Repository(small.root, small.package, shell(base))
    if not BELOW:
        repository.run("git", "init", "--quiet", "--initial-branch=main", ".")
    repository.run("dvc", "init", "--quiet", *(["--subdir"] if BELOW else []))
    repository.write(".dvc/config", DVC_CONFIG)
    repository.write(".gitignore", "__pycache__/\n")
    repository.run("dvc", "add", "--quiet", "data/raw")
    repository.reproduce("rows 3")
    repository.edit("conf/config.yaml", "rows: 3", "rows: 5")
    repository.reproduce("rows 5")


@pytest.fixture
def recorded(made, environment, tmp_path) -> Repository:
    """A copy of it, whose stages find the warm server of `environment`."""
    root = copied(made.root, tmp_path / "b ü $y")
    return Repository(root, made.package, made.environment | {"REGROW_HOME": environment["REGROW_HOME"]})
