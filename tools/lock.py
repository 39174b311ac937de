"""The locks: the template's, the repository's own, and that of what only DVC's tests need, which share all versions."""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "template" / "project" / "{{cookiecutter.__folder}}"
SUITE = ROOT / "tools" / "dvc_suite"
LOCK = "requirements.lock"
OPTIONAL = {"regrow-dask"}  # no project needs it: what it needs is in `dev`
IN_PLACE = ["editables>=0.5"]  # hatchling needs it to install a package in place, and only asks for it while building
OPTIONS = ("--universal", "--python-version=3.11", "--generate-hashes")  # for every Python from 3.11 on, all by hash
QUIET = ("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links")  # nothing of this machine


def name_of(requirement: str) -> str:
    """The normalised distribution name at the start of a requirement ("ruamel.yaml>=0.19" -> "ruamel-yaml")."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement.strip())[0]).lower()  # type: ignore[index]


def packages(root: Path = ROOT) -> list[dict]:
    """The [project] tables of the runtime and of every first-party plugin, the runtime first."""
    files = [root / "pyproject.toml", *sorted((root / "plugins").glob("*/pyproject.toml"))]
    return [tomllib.loads(file.read_text("utf-8"))["project"] for file in files]


def third_party(root: Path = ROOT) -> list[str]:
    """What the runtime and the plugins need from others, sorted, without what they need from each other."""
    projects = packages(root)
    own = {name_of(project["name"]) for project in projects}
    wanted = {
        need for project in projects if project["name"] not in OPTIONAL for need in project.get("dependencies", [])
    }
    return sorted(need for need in wanted if name_of(need) not in own)


def group(name: str) -> list[str]:
    """The repository's own tools: one of the [dependency-groups] of pyproject.toml."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8")).get("dependency-groups", {})
    return [need for need in groups.get(name, []) if isinstance(need, str)]


def leave_out(lock: Path, others: Path) -> None:
    """Take out of a lock what another has, too."""
    pins, known = (re.findall(r"(?m)^\S.*(?:\n .*)*", file.read_text("utf-8")) for file in (lock, others))
    kept = {name_of(pin) for pin in pins} - {name_of(pin) for pin in known}
    lock.write_text("".join(f"{pin}\n" for pin in pins if name_of(pin) in kept), "utf-8")


def asked(requirements: Path) -> list[str]:
    """The lines of a requirements.in, without comments."""
    lines = (line.split("#")[0].strip() for line in requirements.read_text("utf-8").splitlines())
    return [line for line in lines if line]


def compile_lock(wanted: list[str], target: Path, *options: str) -> None:
    """Pin `wanted` and all it needs into `target`. Versions already there are kept, unless options say --upgrade."""
    with tempfile.TemporaryDirectory() as folder:
        asked_for = Path(folder, "requirements.in")
        asked_for.write_text("\n".join(wanted) + "\n", "utf-8")
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", *OPTIONS, *QUIET, *options]
        subprocess.run([*command, "--output-file", str(target), str(asked_for)], check=True, cwd=ROOT)


def main(*options: str) -> None:
    """Compile all. `make lock` calls it; pass --upgrade, or --upgrade-package NAME, to move versions."""
    shared = third_party() + asked(PROJECT / "requirements.in")
    compile_lock(shared, PROJECT / LOCK, *options)
    compile_lock([*shared, *group("dev"), *IN_PLACE], ROOT / LOCK, *options, "--constraints", str(PROJECT / LOCK))
    compile_lock(group("dvc-suite"), SUITE / LOCK, *options, "--constraints", str(ROOT / LOCK))
    leave_out(SUITE / LOCK, ROOT / LOCK)


if __name__ == "__main__":
    main(*sys.argv[1:])
