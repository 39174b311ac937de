"""Projects, generated the way a user does it: by the command line of cookiecutter, in a process of its own."""

import gzip
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "T"), ("EMAIL", "t@example.invalid"))
}
WHEN = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
Generate = Callable[..., subprocess.CompletedProcess]

ODD_NAME = 'O\'Brien & "Söhne" \\ 😀 $(touch canary) `touch canary` #1: {a} %s </script>'
ODD_AUTHOR = 'Ada "A" O\'Neil <ada@example.org> 👩\u200d💻 \\'
ODD_TARGET = 'ta"rg\\et: #1 😀'


def run(*command: object, cwd: Path, **more) -> subprocess.CompletedProcess:
    """A command's outcome, its output as text."""
    return subprocess.run([str(part) for part in command], check=False, cwd=cwd, capture_output=True, text=True, **more)


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a project but Git's own and DVC's scratch: its mode and bytes."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = {path.relative_to(folder).as_posix(): (path.stat().st_mode & 0o777, path.read_bytes()) for path in files}
    return {name: content for name, content in found.items() if not name.startswith((".git/", ".dvc/tmp/"))}


@pytest.fixture(scope="session")
def environment(tmp_path_factory) -> dict[str, str]:
    """A user's environment, with cookiecutter's memory and Git's settings kept apart from this machine's."""
    home = tmp_path_factory.mktemp("home")
    (home / "cookiecutter.yaml").write_text(f"cookiecutters_dir: {home}/templates\nreplay_dir: {home}/replay\n")
    (home / "gitconfig").write_text("")
    machine = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "COOKIECUTTER"))}
    ours = {
        "COOKIECUTTER_CONFIG": f"{home}/cookiecutter.yaml",
        "GIT_CONFIG_GLOBAL": f"{home}/gitconfig",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    return {**machine, **ours, **WHO, **WHEN, "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="session")
def generate(environment) -> Generate:
    """generate(folder, question=answer, ...): run cookiecutter in `folder`; the project comes into being there."""

    def generate(
        folder: Path, template: object = ROOT, env=None, arguments=(), umask: int = -1, cwd=None, **answers: object
    ) -> subprocess.CompletedProcess:
        folder.mkdir(parents=True, exist_ok=True)
        given = [os.fsencode(f"{question}={answer}") for question, answer in answers.items()]
        command = [sys.executable, "-m", "cookiecutter", str(template), "--no-input", *arguments, *given]
        place = {"PWD": str(folder), **(env or {})}
        return run_bytes([*map(os.fsencode, command)], cwd or folder, {**environment, **place}, umask)

    return generate


def run_bytes(command, folder, environment, umask=-1) -> subprocess.CompletedProcess:
    return subprocess.run(
        command,
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        umask=umask,
    )


@pytest.fixture(scope="session")
def python_m():
    """python_m("dvc", "status", cwd=..., env=...): a tool of this environment."""
    return lambda *command, **more: run(sys.executable, "-m", *command, **more)


def good(done: subprocess.CompletedProcess, project: Path) -> Path:
    """The project, after making sure that it was made."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.is_dir()
    return project


@pytest.fixture(scope="session")
def flights(generate, tmp_path_factory) -> Path:
    """The project that comes out if nothing is answered; tests only read it."""
    folder = tmp_path_factory.mktemp("flights")
    return good(generate(folder), folder / "late-flights")


@pytest.fixture
def own_flights(flights, tmp_path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(flights, tmp_path / "late-flights", symlinks=True))


@pytest.fixture(scope="session")
def odd(generate, tmp_path_factory) -> Path:
    """A project whose every free answer is as odd as is allowed, in a folder with a space and umlauts; tests only read it."""
    folder = tmp_path_factory.mktemp("odd") / "Ärger mit Ümlauten"
    folder.mkdir()
    header = ODD_TARGET.replace('"', '""')
    (folder / "süß 1.CSV").write_text(f'a,"{header}"\n' + "".join(f"{n},{'jn'[n % 2]}\n" for n in range(100)), "utf-8")
    answers = {"project_name": ODD_NAME, "author": ODD_AUTHOR, "target": ODD_TARGET, "data": "süß 1.CSV"}
    remote = "/nowhere/bücket/a b,c=d&e%20f"
    return good(generate(folder, project_slug="odd", dvc_remote=remote, **answers), folder / "odd")


@pytest.fixture(scope="session")
def write_table() -> Callable[..., Path]:
    """write_table(file, text, encoding): a small table on disk, gzipped if its name says so."""

    def write(file: Path, text: str, encoding: str = "utf-8") -> Path:
        content = text.encode(encoding)
        file.write_bytes(gzip.compress(content) if file.suffix == ".gz" else content)
        return file

    return write


@pytest.fixture(scope="session")
def hooks():
    """The hooks' own modules, importable as in a hook."""
    sys.path.insert(0, str(ROOT / "hooks"))
    yield
    sys.path.remove(str(ROOT / "hooks"))


@pytest.fixture(scope="session")
def tables(hooks):
    import tables

    return tables


@pytest.fixture(scope="session")
def wheels(hooks):
    import wheels

    return wheels
