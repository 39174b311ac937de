"""DVC's own tests of what regrow changes about DVC, with those changes: `make dvc-suite`.

They come from DVC's source package of the version in requirements.lock, checked by hash as all else, and run in this
.venv; the few packages that only they need lie beside them, in .venv/dvc-suite. Arguments are pytest's.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PLACE = ROOT / ".venv/dvc-suite"
LOCK = HERE / "requirements.lock"
TESTS = (
    "tests/func/repro",
    "tests/func/test_commit.py",
    "tests/func/test_config.py",
    "tests/func/test_dvcfile.py",
    "tests/func/test_lockfile.py",
    "tests/func/test_run.py",
    "tests/func/test_run_cache.py",
    "tests/func/test_stage.py",
    "tests/func/test_stage_load.py",
    "tests/unit/command/test_repro.py",
    "tests/unit/stage",
    "tests/unit/test_dvcfile.py",
    "tests/unit/test_lockfile.py",
    "tests/unit/test_run.py",
    "tests/unit/test_rwlock.py",
)
# What regrow changes on purpose: half a list of who works here is dropped, where DVC gives up (tests/tools).
OTHERWISE = "tests/unit/test_rwlock.py::test_broken_rwlock"


def main(*arguments: str) -> int:
    """Fetch what is not there yet, and run; pytest's exit code."""
    pinned = re.search(r"(?m)^dvc==.*(\n .*)*", (ROOT / "requirements.lock").read_text("utf-8"))
    assert pinned, "requirements.lock has no dvc"
    wanted = f"{pinned[0]}\n{LOCK.read_text('utf-8')}"
    stamp = PLACE / "built-from.lock"
    if not stamp.is_file() or stamp.read_text("utf-8") != wanted:
        fetch(pinned[0])
        stamp.write_text(wanted, "utf-8")
    options = ("-q", "-o", "addopts=", "-W", "ignore::DeprecationWarning", "-p", "patched", "--deselect", OTHERWISE)
    return python("-m", "pytest", *options, *(arguments or TESTS), folder=PLACE / "dvc")


def fetch(pinned: str) -> None:
    """DVC's tests, without DVC itself, and the packages that they need. Ends the process if they can't be had."""
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir(parents=True)
    (PLACE / "dvc.lock").write_text(f"{pinned}\n", "utf-8")
    into = ("--python", sys.executable, "--target", str(PLACE / "site"))
    checked = ("--quiet", "--no-deps", "--require-hashes", "-r")
    # its version is told by setuptools-scm, which is among those packages: so they come first
    source = ("--disable-pip-version-check", "--no-binary", "dvc", "--no-build-isolation", "--dest", str(PLACE))
    failed = python("-m", "uv", "pip", "install", *into, *checked, str(LOCK)) or python(
        "-m", "pip", "download", *source, *checked, str(PLACE / "dvc.lock")
    )
    if failed:
        sys.exit(f"DVC's source package, or what its tests need, can't be had: exit code {failed}")
    (archive,) = PLACE.glob("dvc-*.tar.gz")
    with tarfile.open(archive) as packed:
        top = archive.name.removesuffix(".tar.gz")
        parts = [one for one in packed if one.name.startswith((f"{top}/tests/", f"{top}/pyproject.toml"))]
        packed.extractall(PLACE, parts, filter="data")
    (PLACE / top).rename(PLACE / "dvc")


def python(*arguments: str, folder: Path = ROOT) -> int:
    """Run this Python with those packages, and the plugin beside this file."""
    paths = os.pathsep.join([str(PLACE / "site"), str(HERE)])
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {**os.environ, "PYTHONPATH": paths, "PATH": programs}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
