"""regrow's commands beside DVC's on a generated project: 8,000 flights, 8 stages.

Both work in the same tree and environment; under DVC's commands no warm server is used.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import environments
from benchmarks.peers.regrow import server
from benchmarks.place import EXPERIMENTS, ROOT, WORKERS, Place
from benchmarks.rounds import Row
from benchmarks.shell import Shell

RUN, REPRO = ("regrow", "run"), ("dvc", "repro")
EVERY, NOTHING, CHANGED = "every stage", "nothing to do", "one setting changed"
SWEPT = f"{EXPERIMENTS} experiments"


def generate(shell: Shell) -> Shell:
    """A generated project in the shell's folder, run and committed."""
    shell.folder.mkdir(parents=True)
    template = str(ROOT / "template/project")
    shell.run(str(environments.OWN / "cookiecutter"), template, "--no-input", "--output-dir", ".")
    (made,) = shell.folder.iterdir()
    there = shell.at(made)
    there.run(*RUN)
    there.commit("the first results")
    return there


def flights(place: Place) -> Iterator[list[Row]]:
    """One project."""
    flights = Flights(generate(place.own().at(place.work / "flights")))
    yield flights.every()
    yield flights.nothing()
    with server(flights.shell) as warm:
        yield flights.changed(warm)
    yield flights.swept()


class Flights:
    """The project, with what is timed in it."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.cold = shell.with_(REGROW_COLD="1")
        self.number = 0

    def take(self, shell: Shell, command: Sequence[str]) -> float:
        """Seconds; what changed is committed."""
        took = shell.seconds(command)
        self.shell.commit("results")
        return took

    def every(self) -> list[Row]:
        """All stages again."""
        return [
            Row(
                "regrow run --force, server's start included", lambda _: self.take(self.shell, (*RUN, "--force")), EVERY
            ),
            Row("dvc repro --force", lambda _: self.take(self.cold, (*REPRO, "--force")), EVERY),
        ]

    def nothing(self) -> list[Row]:
        """All is up to date."""
        self.shell.run(*RUN)
        ours = Row("regrow run", lambda _: self.shell.seconds(RUN), NOTHING)
        return [ours, Row("dvc repro", lambda _: self.cold.seconds(REPRO), NOTHING)]

    def changed(self, warm: Shell) -> list[Row]:
        """Another strength of the penalty, which is committed."""
        return [
            Row(
                "regrow run, warm server there",
                lambda _: self.take(self.other(warm.at(self.shell.folder)), RUN),
                CHANGED,
            ),
            Row("dvc repro", lambda _: self.take(self.other(self.cold), REPRO), CHANGED),
        ]

    def other(self, shell: Shell) -> Shell:
        """Commit another setting."""
        self.number += 1
        file: Path = shell.folder / "conf/model/linear.yaml"
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("C:")]
        file.write_text("\n".join([*lines, f"C: {self.number / 100}\n"]), encoding="utf-8")
        shell.commit("a setting")
        return shell

    def swept(self) -> list[Row]:
        """Other seeds, at once and one by one."""
        sweep = ("regrow", "sweep", "--workers", str(WORKERS))

        def ours(number: int) -> float:
            seeds = f"seed=range({1000 * number},{1000 * number + EXPERIMENTS})"
            return self.shell.seconds((*sweep, seeds, "--name", f"round{number}"))

        def theirs(number: int) -> float:
            took = self.cold.seconds(("dvc", "exp", "run", "-S", f"seed={1000 * number + 500}"))
            self.shell.git("reset", "--quiet", "--hard")
            self.shell.run("dvc", "checkout", "--quiet", "--force")
            return took

        return [
            Row(" ".join(sweep), ours, SWEPT),
            Row("dvc exp run -S", theirs, SWEPT, multiplied=EXPERIMENTS),
        ]
