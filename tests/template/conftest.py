"""Projects, generated the way a user does it: by the command line of cookiecutter, in a process of its own."""

import gzip
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from template_projects import ODD_AUTHOR, ODD_NAME, ODD_TARGET, ROOT, WHEN, WHO, Generate, good, run, run_bytes


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


@pytest.fixture(scope="session")
def python_m():
    """python_m("dvc", "status", cwd=..., env=...): a tool of this environment."""
    return lambda *command, **more: run(sys.executable, "-m", *command, **more)


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
    """A project whose free answers are as odd as is allowed, in a folder with a space and umlauts."""
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
