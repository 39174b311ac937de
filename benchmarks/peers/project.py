"""What all projects of W1 have in common."""

import json
from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path

from benchmarks.place import W1, Place
from benchmarks.rounds import Row
from benchmarks.shell import Shell, copy

IGNORED = "work/\n__pycache__/\n"
FIRST = "0.1"  # what params.yaml says


class Project(ABC):
    """A tool's project of W1. Each of `a` to `f` gives what is to be timed for that part of the page."""

    name = ""
    packages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ("plain",)  # folders of benchmarks/w1/projects
    ignored = IGNORED + "/data/\n"
    metrics = "work/metrics.json"

    def __init__(self, place: Place, shell: Shell) -> None:
        self.place, self.shell = place, shell

    @classmethod
    def environment(cls, place: Place) -> Shell | None:
        """The tool's own environment, or None where it can't be built."""
        return place.shell(cls.name, cls.packages)

    @cached_property
    def made(self) -> Path:
        """The project before its first run, committed."""
        folder = self.place.project(self.name, *self.sources)
        self.add(folder)
        (folder / ".gitignore").write_text(self.ignored, encoding="utf-8")
        shell = self.shell.at(folder)
        shell.git("init", "--quiet", "--initial-branch", "main")
        self.prepare(shell)
        shell.commit("the project")
        return folder

    def add(self, folder: Path) -> None:
        """Files beside those of `sources`."""
        for name in ("stages.py", "params.yaml"):
            (folder / name).write_bytes((W1 / name).read_bytes())

    def prepare(self, shell: Shell) -> None:  # noqa: B027 - most need nothing
        """What the tool itself does to begin with."""

    @cached_property
    def here(self) -> Shell:
        """The project after its first run, for most of what is timed."""
        return self.ran("here")

    def ran(self, name: str) -> Shell:
        """A copy of the project after its first run, which is committed."""
        shell = self.fresh(name)
        self.first(shell)
        (found,) = shell.folder.glob(self.metrics)
        self.place.require_same(self.name, json.loads(found.read_text(encoding="utf-8")))
        shell.commit("the first run")
        shell.git("tag", "first")
        return shell

    @abstractmethod
    def first(self, shell: Shell) -> None:
        """Run the whole pipeline."""

    def fresh(self, name: str = "cold") -> Shell:
        """A copy of the project before its first run."""
        folder = self.place.work / self.name / name
        copy(self.made, folder)
        return self.shell.at(folder)

    def a(self) -> list[Row]:
        """A cold run."""
        return []

    def b(self) -> list[Row]:
        """Nothing to do."""
        return []

    def c(self) -> list[Row]:
        """One setting of the model changed."""
        return []

    def d(self) -> list[Row]:
        """Twenty experiments, recorded."""
        return []

    def e(self) -> list[Row]:
        """An old result brought back, and proven or made again."""
        return []

    def f(self) -> list[Row]:
        """A setting back to a value that it had before."""
        return []


def set_rate(file: Path, rate: str = FIRST) -> None:
    """Another learning rate in a file of settings; the first one, if none is given."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    new = [f"{line.partition(':')[0]}: {rate}\n" if "learning_rate:" in line else line for line in lines]
    file.write_text("".join(new), encoding="utf-8")
