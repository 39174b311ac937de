"""Where a run of the benchmarks works."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import environments
from benchmarks.rounds import say
from benchmarks.shell import FailedError, Shell, variables
from benchmarks.w1 import data

ROOT = environments.ROOT
W1 = ROOT / "benchmarks/w1"
W1_PARTS = "abcdef"  # of the page, each a method of a project of W1
EXPERIMENTS, WORKERS = 20, 2
CLOSE = 0.002


@dataclass
class Place:
    """work: a folder that is removed afterwards. cache: of environments. rows: of W1's data. peers: whether other
    tools take part. largest: of what grows. left_out: tool -> why it can't."""

    work: Path
    cache: Path
    rows: int
    peers: bool
    largest: int = 100_000
    left_out: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, Mapping[str, float]] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)

    def own(self) -> Shell:
        """regrow in the environment of a generated project; without peers, in the one that this runs in."""
        programs = environments.users(self.cache) if self.peers else environments.OWN
        if "regrow" not in self.versions:
            self.versions["regrow"] = environments.versions(programs)
        return Shell(self.work, variables(programs, self.work / "home"))

    def shell(self, name: str, packages: tuple[str, ...]) -> Shell | None:
        """A tool's own environment, or None, with the reason kept."""
        if not self.peers:
            return None
        if name not in self.left_out and name not in self.versions:
            say(f"the environment of {name}")
            try:
                self.versions[name] = environments.versions(environments.programs(self.cache, name, packages))
            except FailedError as error:
                self.left_out[name] = str(error).splitlines()[-1]
                say(f"{name} is left out: {error}")
        if name in self.left_out:
            return None
        return Shell(self.work, variables(environments.programs(self.cache, name, packages), self.work / "home"))

    def require_same(self, name: str, metrics: Mapping[str, float]) -> None:
        """Raise FailedError if a tool's first run gave other metrics than the others': then it did other work.

        The last digits depend on the kernels, which regrow fixes.
        """
        self.metrics.setdefault(name, metrics)
        for other, found in self.metrics.items():
            if metrics.keys() != found.keys() or any(abs(metrics[key] - found[key]) > CLOSE for key in found):
                raise FailedError(f"{name} found {metrics}, and {other} {found}")

    def settle(self) -> None:
        """Wait for warm servers, which end a moment after their run: one that loads libraries would write here."""
        import fcntl  # not everywhere

        for file in self.work.glob("home/*/warm/*.lock"):
            with file.open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)

    def sizes(self, all_of_them: Sequence[int]) -> list[int]:
        """Those that are not too large."""
        return [size for size in all_of_them if size <= self.largest]

    def raw(self) -> Path:
        """W1's CSV file."""
        file = self.work / "raw.csv"
        if not file.exists():
            data.write(file, self.rows)
        return file

    def project(self, name: str, *sources: str) -> Path:
        """A new folder with the files of W1's projects of these names, and the data."""
        made = self.work / name / "made"
        for source in sources:
            shutil.copytree(W1 / "projects" / source, made, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__py*"))
        (made / "data/raw").mkdir(parents=True)
        shutil.copy(self.raw(), made / "data/raw/raw.csv")
        return made


def rate(number: int, experiment: int | None = None) -> str:
    """A learning rate that no other round has; of an experiment, if given."""
    return (
        f"{0.1 + 0.0001 * (number + 1):.4f}"
        if experiment is None
        else f"{0.2 + 0.01 * experiment + 0.0001 * number:.4f}"
    )


def rates(number: int, count: int = EXPERIMENTS) -> list[str]:
    """Those of a round's experiments."""
    return [rate(number, experiment) for experiment in range(count)]
