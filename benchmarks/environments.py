"""An environment for each tool, kept between runs: remove its folder to get newer versions."""

import compileall
import hashlib
import importlib.metadata
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.shell import FailedError, Shell, variables

SAME = ("numpy", "pandas", "pyarrow", "scikit-learn", "joblib")  # for everybody in regrow's versions, where that works
NAMED = (
    *SAME,
    "dvc",
    "hydra-core",
    "hydra-joblib-launcher",
    "kedro",
    "kedro-datasets",
    "mlflow",
    "snakemake",
    "bentoml",
    "fastapi",
    "uvicorn",
)
OWN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "template/project/{{cookiecutter.__folder}}/requirements.lock"  # of every generated project


def cache_folder() -> Path:
    """Where the environments are kept: $XDG_CACHE_HOME/regrow-bench, else ~/.cache/regrow-bench."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "regrow-bench"


def users(cache: Path) -> Path:
    """The programs of an environment such as a generated project has: what its lock says, with regrow as it is here."""
    ours = [part for folder in (ROOT, *sorted((ROOT / "plugins").glob("*/"))) for part in ("-e", str(folder))]
    locked = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:8]
    folder = cache / f"regrow-{locked}-{hashlib.sha256(json.dumps([sys.version, *ours]).encode()).hexdigest()[:8]}"
    if not (folder / "built").exists():
        _build(folder, ["--no-deps", "--require-hashes", "-r", str(LOCK)], ["--no-deps", *ours])
    for part in (ROOT, *(ROOT / "plugins").glob("*/")):
        compileall.compile_dir(part / "src", quiet=1)  # what is installed is; stages would compile it at each start
    return folder / "bin"


def programs(cache: Path, name: str, packages: Sequence[str]) -> Path:
    """The folder of an environment's programs; it is built if need be. Raises FailedError.

    First with the versions that regrow's own environment has, then with what the tool allows.
    """
    pinned = [f"{one}=={importlib.metadata.version(one)}" for one in SAME]
    told = hashlib.sha256(json.dumps([sys.version, *packages, *pinned]).encode()).hexdigest()[:8]
    folder = cache / f"{name}-{told}"
    if not (folder / "built").exists():
        try:
            _build(folder, [*packages, *pinned, "pyyaml"])
        except FailedError:
            _build(folder, [*packages, *SAME, "pyyaml"])
    return folder / "bin"


def _build(folder: Path, *installs: Sequence[str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shell = Shell(folder.parent, variables(OWN, folder.parent))
    uv = (sys.executable, "-m", "uv")
    shell.run(*uv, "venv", "--quiet", "--python", sys.executable, str(folder))
    for packages in installs:
        python = str(folder / "bin/python")
        shell.run(*uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *packages)
    (folder / "built").write_text("\n".join(part for packages in installs for part in packages), encoding="utf-8")


def versions(programs: Path) -> dict[str, str]:
    """What an environment has of the packages that count."""
    shell = Shell(programs, variables(programs, programs))
    told = shell.run(sys.executable, "-m", "uv", "pip", "list", "--quiet", "--format", "json", "--python", "./python")
    found = {one["name"].lower(): str(one["version"]) for one in json.loads(told)}
    return {name: found[name] for name in NAMED if name in found}
