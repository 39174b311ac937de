"""W1 as a project of regrow: its stages are a small plugin of the project's own."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import environments
from benchmarks.peers.dvc import REPRO
from benchmarks.peers.project import Project, set_rate
from benchmarks.place import EXPERIMENTS, ROOT, W1, WORKERS, Place, rate, rates
from benchmarks.rounds import Row
from benchmarks.shell import FailedError, Shell

RUN = ("regrow", "run")
WARM, WHOLE = "regrow run, warm server there", "regrow run, server's start included"
BY_DVC = "dvc repro of regrow's project"
NOTHING, SWEEP, BACK = "regrow run", f"regrow sweep --workers {WORKERS}", "git checkout, regrow run"
UP_TO_DATE = "Data and pipelines are up to date."
CONF = "conf/config.yaml"
HEAD = "defaults:\n  - plugins\n  - _self_\n\ncompute:\n  n_jobs: 1\n"
DVC_CONFIG = """\
[core]
    analytics = false
    check_update = false
[cache]
    type = "reflink,copy"
[hydra]
    enabled = true
    config_dir = conf
    config_name = config
"""
WROTE = "/data/*.parquet\n/models/\n/records/\n__pycache__/\n"


class Regrow(Project):
    """regrow, in its own environment."""

    name = "regrow"
    sources = ("regrow",)
    ignored = WROTE
    metrics = "metrics.json"

    @classmethod
    def environment(cls, place: Place) -> Shell | None:
        """Always there."""
        return place.own()

    def add(self, folder: Path) -> None:
        """The stages, the settings, and the lock that a generated project has."""
        (folder / "src/w1/stages.py").write_bytes((W1 / "stages.py").read_bytes())
        (folder / environments.LOCK.name).write_bytes(environments.LOCK.read_bytes())
        (folder / "conf").mkdir()
        (folder / CONF).write_text(HEAD + (W1 / "params.yaml").read_text(encoding="utf-8"), encoding="utf-8")

    def prepare(self, shell: Shell) -> None:
        """DVC with the settings that regrow's template has, and what is compiled."""
        begin_dvc(shell)
        shell.run("dvc", "add", "--quiet", "data/raw")
        shell.run("regrow", "compile")

    def first(self, shell: Shell) -> None:
        """The whole pipeline."""
        shell.run(*RUN)

    def a(self) -> list[Row]:
        """With and without a server that is there already."""

        def warm(_: int) -> float:
            with server(self.shell) as shell:
                return shell.at(self.fresh().folder).seconds(RUN)

        return [Row(WARM, warm), Row(WHOLE, lambda _: self.fresh().seconds(RUN))]

    def b(self) -> list[Row]:
        """The gate."""

        def take(_: int) -> float:
            self.here.run(*RUN)
            return self.here.seconds(RUN)

        return [Row(NOTHING, take)]

    def c(self) -> list[Row]:
        """With and without a server that is there already."""

        def warm(number: int) -> float:
            with server(self.shell) as shell:
                return self.changed(shell, rate(number))

        return [Row(WARM, warm), Row(WHOLE, lambda number: self.changed(self.shell, rate(100 + number)))]

    def changed(self, shell: Shell, said: str) -> float:
        """Another learning rate, which is committed before the run, as are its results afterwards."""
        shell = shell.at(self.here.folder)
        set_rate(shell.folder / CONF, said)
        shell.commit("a setting")
        took = shell.seconds(RUN)
        shell.commit("its results")
        return took

    def d(self) -> list[Row]:
        """One command, which starts its server."""

        def take(number: int) -> float:
            grid = f"model.learning_rate={','.join(rates(number))}"
            name = f"round{number}"
            took = self.here.seconds(("regrow", "sweep", grid, "--workers", str(WORKERS), "--name", name))
            found = self.here.git("for-each-ref", "--format=%(refname:lstrip=4)", f"refs/exps/**/{name}-*").split()
            if len(found) != EXPERIMENTS:
                raise FailedError(f"regrow sweep recorded {len(found)} experiments")
            if not number:
                self.prove(found)
            return took

        return [Row(SWEEP, take, note="each is a DVC experiment; all of the first round were replayed, byte for byte")]

    def prove(self, experiments: Iterable[str]) -> None:
        """Replay each, and let DVC apply it and see that nothing is left to do. Raises FailedError."""
        for one in experiments:
            self.here.run("regrow", "replay", one, "--env", "current")
            self.here.run("dvc", "exp", "apply", one)
            if UP_TO_DATE not in (said := self.here.run("dvc", "status")):
                raise FailedError(f"dvc exp apply {one}, dvc status: {said}")
        self.here.git("reset", "--quiet", "--hard")
        self.here.run("dvc", "checkout", "--quiet")

    def e(self) -> list[Row]:
        """Outputs from the cache, and everything looked at."""

        def take(number: int) -> float:
            self.here.git("checkout", "--quiet", "main")
            if not number:
                self.changed(self.shell, rate(200))
            self.here.run(*RUN)
            return self.here.seconds(("git", "checkout", "--quiet", "first"), RUN)

        return [Row(BACK, take, note="outputs from the cache, proven up to date")]

    def f(self) -> list[Row]:
        """From DVC's run cache, by either command."""

        def back(rate: str, shell: Shell, *command: str) -> float:
            self.changed(self.shell, rate)
            set_rate(self.here.folder / CONF)
            self.here.commit("the first setting again")
            took = shell.at(self.here.folder).seconds(command)
            self.here.commit("its results")
            return took

        def warm(number: int) -> float:
            with server(self.shell) as shell:
                return back(rate(300 + number), shell, *RUN)

        cold = self.shell.with_(REGROW_COLD="1")
        return [
            Row(WARM, warm),
            Row(WHOLE, lambda number: back(rate(400 + number), self.shell, *RUN)),
            Row(BY_DVC, lambda number: back(rate(500 + number), cold, *REPRO)),
        ]


def begin_dvc(shell: Shell) -> None:
    """`dvc init` with the settings of regrow's template."""
    shell.run("dvc", "init", "--quiet")
    (shell.folder / ".dvc/config").write_text(DVC_CONFIG, encoding="utf-8")


@contextmanager
def server(shell: Shell) -> Iterator[Shell]:
    """A warm server is there while inside, as `regrow run --keep-warm` leaves it; yields a shell that finds it."""
    found = shell.with_(REGROW_HOME=f"{shell.variables['REGROW_HOME']}-warm")
    with found.begun("python", str(ROOT / "benchmarks/warm.py")) as said:
        if said != "there":
            raise FailedError(said)
        yield found
