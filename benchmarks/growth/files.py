"""1,000, 10,000 and 100,000 small files in a folder that DVC tracks, and a stage that needs the folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.growth.project import nothing_to_do, project, write_stages
from benchmarks.peers.dvc import Dvc
from benchmarks.place import Place
from benchmarks.rounds import Row, command
from benchmarks.shell import Shell

SIZES = (1_000, 10_000, 100_000)
FOLDER = "data/files"
FLOOR, ADD, CHECKOUT = "find, size and time of each", "dvc add", "dvc checkout"
LOOK = ("find", FOLDER, "-type", "f", "-newer", "pyproject.toml", "-size", "+1M")  # looks at each, and prints none


def grow(place: Place) -> Iterator[list[Row]]:
    """A project of each size: what DVC takes to add and to check out, then nothing to do."""
    for size in place.sizes(SIZES):
        shell = project(place, f"files-{size}", {})
        write_files(shell.folder / FOLDER, size)
        theirs = (place.shell(Dvc.name, Dvc.packages) or shell).at(shell.folder)
        yield [Row(ADD, command(theirs, "dvc", "add", "--quiet", FOLDER), size=size, once=True)]
        count = {"cmd": f"ls {FOLDER} | wc -l > count.txt", "deps": [FOLDER], "outs": [{"count.txt": {"cache": False}}]}
        write_stages(shell.folder, {"count": count})
        shell.commit("the stage")
        yield [checkout(theirs, size)]
        shell.run("regrow", "run")
        yield [Row(FLOOR, command(shell, *LOOK), size=size), *nothing_to_do(place, shell, size)]


def write_files(folder: Path, size: int) -> None:
    """So many files of a line each."""
    folder.mkdir(parents=True)
    for number in range(size):
        (folder / f"{number:06d}.txt").write_text(f"{number}\n", encoding="utf-8")


def checkout(shell: Shell, size: int) -> Row:
    """All files out of the cache."""

    def take(_: int) -> float:
        shutil.rmtree(shell.folder / FOLDER)
        return shell.seconds(("dvc", "checkout", "--quiet", f"{FOLDER}.dvc"))

    return Row(CHECKOUT, take, size=size, once=True)
