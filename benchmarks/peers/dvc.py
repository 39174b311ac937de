"""W1 as a project of DVC: a process for each stage."""

import shutil
import time
from pathlib import Path

from benchmarks.peers.project import IGNORED, Project, set_rate
from benchmarks.place import EXPERIMENTS, WORKERS, rate, rates
from benchmarks.rounds import Row
from benchmarks.shell import FailedError, Shell

REPRO, RUN = ("dvc", "repro", "--quiet"), ("dvc", "exp", "run", "--quiet")
NAME, EXP, QUEUE, BACK = "dvc repro", "dvc exp run -S", f"dvc queue start -j{WORKERS}", "git checkout, dvc repro"
FEW = 2  # experiments one by one in a round
LONGEST = 300.0  # seconds for the queue
PARAMS = "params.yaml"
CONFIG = "[core]\n    analytics = false\n    check_update = false\n"


class Dvc(Project):
    """DVC as it comes."""

    name = "dvc"
    packages = ("dvc>=3.67",)
    sources = ("plain", "dvc")
    ignored = IGNORED

    def prepare(self, shell: Shell) -> None:
        """`dvc init`; the data under DVC."""
        shell.run("dvc", "init", "--quiet")
        (shell.folder / ".dvc/config").write_text(CONFIG, encoding="utf-8")
        shell.run("dvc", "add", "--quiet", "data/raw")

    def first(self, shell: Shell) -> None:
        """The whole pipeline."""
        shell.run(*REPRO)

    def a(self) -> list[Row]:
        """`dvc repro`."""
        return [Row(NAME, lambda _: self.fresh().seconds(REPRO))]

    def b(self) -> list[Row]:
        """`dvc repro`."""

        def take(_: int) -> float:
            self.here.run(*REPRO)
            return self.here.seconds(REPRO)

        return [Row(NAME, take)]

    def c(self) -> list[Row]:
        """`dvc repro` after an edit, and `dvc exp run -S`."""
        return [Row(NAME, self.changed), Row(EXP, lambda number: self.one(rate(100 + number)), note="recorded")]

    def changed(self, number: int) -> float:
        """Another learning rate; results are committed."""
        self.clean()
        set_rate(self.here.folder / PARAMS, rate(number))
        took = self.here.seconds(REPRO)
        self.here.commit("a setting")
        return took

    def one(self, said: str) -> float:
        """An experiment."""
        self.clean()
        return self.here.seconds((*RUN, "-S", f"model.learning_rate={said}"))

    def clean(self) -> None:
        """The tree as its commit says: an experiment leaves its results there."""
        self.here.git("reset", "--quiet", "--hard")
        self.here.run("dvc", "checkout", "--quiet", "--force")

    def d(self) -> list[Row]:
        """One by one, and from a queue."""

        def some(number: int) -> float:
            return sum(self.one(one) for one in rates(number, FEW))

        told = f"{FEW} were run in each round, and the time multiplied; each is a DVC experiment"
        return [
            Row(EXP, some, multiplied=EXPERIMENTS // FEW, note=told),
            Row(QUEUE, self.queued, note="queueing included; each is a DVC experiment"),
        ]

    def queued(self, number: int) -> float:
        """From the first command until the last experiment is recorded. Raises FailedError if that takes too long."""
        self.clean()
        before = self.recorded()
        # other rates than those that were run one by one
        said = ",".join(rates(50 + number))
        took = self.here.seconds((*RUN, "--queue", "-S", f"model.learning_rate={said}"))
        started = time.perf_counter()
        self.here.run("dvc", "queue", "start", "--quiet", "--jobs", str(WORKERS))
        while (done := self.recorded() - before) < EXPERIMENTS:
            if time.perf_counter() - started > LONGEST:
                self.end_queue("--kill")
                raise FailedError(f"dvc queue start: {done} of {EXPERIMENTS} after {LONGEST:.0f} s")
            time.sleep(0.1)
        took += time.perf_counter() - started
        self.end_queue()
        return took

    def end_queue(self, *more: str) -> None:
        """End its workers, and forget what has not run. A word to end that nobody has heard would end the next ones."""
        self.here.run("dvc", "queue", "stop", *more)
        wait_until_left(self.here.folder)
        self.here.run("dvc", "queue", "remove", "--queued")
        shutil.rmtree(self.here.folder / ".dvc/tmp/exps/celery", ignore_errors=True)

    def recorded(self) -> int:
        """How many experiments there are."""
        names = self.here.git("for-each-ref", "--format=%(refname)", "refs/exps").split()
        return sum(name.count("/") == 4 and "/exec/" not in name for name in names)

    def e(self) -> list[Row]:
        """Outputs from the cache, and everything looked at."""

        def take(number: int) -> float:
            self.clean()
            self.here.git("checkout", "--quiet", "main")
            if not number:
                self.changed(200)
            self.here.run("dvc", "checkout", "--quiet", "--force")
            return self.here.seconds(("git", "checkout", "--quiet", "first"), REPRO)

        return [Row(BACK, take, note="proven up to date")]

    def f(self) -> list[Row]:
        """From DVC's run cache."""

        def take(number: int) -> float:
            self.changed(300 + number)
            set_rate(self.here.folder / PARAMS)
            took = self.here.seconds(REPRO)
            self.here.commit("the first setting again")
            return took

        return [Row(NAME, take)]


def wait_until_left(folder: Path, longest: float = 30.0) -> None:
    """Wait for processes that work in a folder: DVC's workers stay for ten seconds after their last experiment."""
    until = time.monotonic() + longest
    while time.monotonic() < until and any(_works_in(one, folder) for one in Path("/proc").glob("[0-9]*")):
        time.sleep(0.3)


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").readlink().is_relative_to(folder)
    except OSError:
        return False
