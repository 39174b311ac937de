"""10, 100 and 500 trivial stages in one dvc.yaml.

DVC would take minutes to run 500, so dvc.lock is written for it, and `dvc status` is asked whether it agrees.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.growth.project import nothing_to_do, project, write_stages
from benchmarks.place import Place
from benchmarks.rounds import Row
from benchmarks.shell import FailedError, Shell

SIZES = (10, 100, 500)
CHAIN = 10  # stages that need one another
SOURCE = "source.txt"


def grow(place: Place) -> Iterator[list[Row]]:
    """A project of each size, with nothing to do."""
    for size in place.sizes(SIZES):
        shell = project(place, f"stages-{size}", {SOURCE: "0\n"})
        lay_out(shell.folder, size)
        require_clean(shell)
        yield nothing_to_do(place, shell, size)


def lay_out(folder: Path, size: int) -> None:
    """The stages, what they make, and their record."""
    from regrow.base.yaml_files import read_yaml
    from regrow.tools.dvc_patches import lockfile

    (folder / "work").mkdir()
    written: dict[str, Any] = {}
    lock = read_yaml((folder / "dvc.lock").read_text(encoding="utf-8"), "dvc.lock")
    for number in range(size):
        need = f"work/{number - 1}.txt" if number % CHAIN else SOURCE
        made, command = f"work/{number}.txt", f"echo {number} > work/{number}.txt"
        (folder / made).write_text(f"{number}\n", encoding="utf-8")
        keep(folder, made)
        written[f"s{number}"] = {"cmd": command, "deps": [need], "outs": [made]}
        lock["stages"][f"s{number}"] = {"cmd": command, "deps": [item(folder, need)], "outs": [item(folder, made)]}
    write_stages(folder, written)
    (folder / "dvc.lock").write_text(lockfile.text(lock), encoding="utf-8")


def item(folder: Path, path: str) -> dict[str, Any]:
    """A file as dvc.lock has it."""
    data = (folder / path).read_bytes()
    return {"path": path, "hash": "md5", "md5": md5(data), "size": len(data)}


def keep(folder: Path, path: str) -> None:
    """The object in DVC's cache."""
    data = (folder / path).read_bytes()
    name = md5(data)
    file = folder / ".dvc/cache/files/md5" / name[:2] / name[2:]
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.write_bytes(data)
        file.chmod(0o444)


def md5(data: bytes) -> str:
    """As DVC hashes."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def require_clean(shell: Shell) -> None:
    """Raise FailedError unless DVC finds everything as the record says."""
    said = shell.run("dvc", "status")
    if "up to date" not in said:
        raise FailedError(f"dvc status of {shell.folder.name}: {said}")
