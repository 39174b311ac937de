"""A generated project, run and committed, for the benchmarks to work on."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GIT = {f"GIT_{who}_{what}": "bench@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def run(*command: str, folder: Path, environment: dict[str, str]) -> str:
    """What a program says. Raises CalledProcessError if it fails."""
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def project(folder: Path, environment: dict[str, str]) -> Path:
    """A generated project, run and committed."""
    template = str(ROOT / "template/project")
    run("cookiecutter", template, "--no-input", "--output-dir", str(folder), folder=folder, environment=environment)
    (made,) = (one for one in folder.iterdir() if one.name != "home")
    run("dvc", "repro", "--quiet", folder=made, environment=environment)
    run("git", "add", "--all", folder=made, environment=environment)
    run("git", "commit", "--quiet", "--message", "first", folder=made, environment=environment)
    return made


def environment(folder: str) -> dict[str, str]:
    """A user's variables, with all that regrow and DVC keep below `folder`, and bytecode compiled."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    made = {**os.environ, **GIT, "PATH": path, "REGROW_HOME": f"{folder}/home", "DVC_NO_ANALYTICS": "1"}
    made.pop("PYTHONDONTWRITEBYTECODE", None)
    return made


def machine() -> str:
    """What the figures depend on."""
    return f"load of this machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
