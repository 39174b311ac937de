"""What the tests of faults look at: a user's files to the byte, and the processes that are left."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.repository import Repository

ASIDE = ".dvc/tmp/regrow/corrupt"


def everything(*folders: Path) -> dict[str, str]:
    """Mode, time and hash of every file; not of what Git and DVC keep for themselves while they read."""
    found = {}
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            name = f"{folder.name}/{file.relative_to(folder).as_posix()}"
            if file.is_file() and "/.dvc/tmp/" not in name and "__pycache__" not in name:
                about = file.stat()
                when = "" if name.endswith(".git/index") else about.st_mtime_ns
                found[name] = f"{about.st_mode:o} {when} {hashlib.sha256(file.read_bytes()).hexdigest()}"
    return found


def content(states: dict[str, str]) -> dict[str, str]:
    """The hashes of `everything` alone."""
    return {name: told.rpartition(" ")[2] for name, told in states.items()}


def copy(project: Repository, folder: Path, **more: str) -> Repository:
    """The project with all around it, under the same name in another folder; and a REGROW_HOME of its own."""
    shutil.copytree(project.root, folder / project.root.name, symlinks=True)
    if (project.root.parent / "remote").is_dir():
        shutil.copytree(project.root.parent / "remote", folder / "remote")
    home = {"REGROW_HOME": str(folder / "home"), "DVC_SITE_CACHE_DIR": str(folder / "site")}
    return replace(project, root=folder / project.root.name, environment=project.environment | home | more)


def slow_down(project: Repository) -> None:
    """Each stage takes a while, so that there is a middle of it to be killed in."""
    project.edit(project.code("work"), "    start = int", "    __import__('time').sleep(0.4)\n    start = int")
    project.edit(project.code("work"), "    value = ", "    __import__('time').sleep(0.4)\n    value = ")


def hold_up(project: Repository, marker: Path) -> None:
    """The stage `make` waits as long as the file `marker` is there."""
    wait = (
        f"while __import__('os').path.exists({str(marker)!r}):\n        __import__('time').sleep(0.05)\n    start = int"
    )
    project.edit(project.code("work"), "start = int", wait)


def wait_for(condition: Callable[[], object], patience: float = 60.0) -> None:
    """Return as soon as it is so."""
    give_up = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.02)


def start(project: Repository, *command: str, **more: str) -> subprocess.Popen:
    """A command of this environment in a group of its own, going on; what it says is in the file `said`."""
    with (project.root.parent / "said").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=project.root,
            env=project.environment | more,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def processes_in(*folders: Path) -> dict[int, str]:
    """The living processes that work in one of the folders, or name it: number -> command line."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            place = (entry / "cwd").readlink()
        except OSError:
            continue  # it has ended
        if command and any(place.is_relative_to(folder) or str(folder) in command for folder in folders):
            found[int(entry.name)] = command.strip()
    return found


def left_in(*folders: Path, patience: float = 20.0) -> dict[int, str]:
    """The processes that are there still when all that was told to end has had the time to."""
    give_up = time.monotonic() + patience
    while (found := processes_in(*folders)) and time.monotonic() < give_up:
        time.sleep(0.1)
    return found


def leaks(cache: Path) -> list[str]:
    """Files among the objects of a cache that are none."""
    files = [file for file in (cache / "files").rglob("*") if file.is_file()]
    return [str(file) for file in files if not re.fullmatch(r"[0-9a-f]{30}(\.dir)?", file.name)]
