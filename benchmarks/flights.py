"""regrow's commands beside DVC's on a generated project: 8,000 flights, 8 stages.

Both work in the same tree and environment; under DVC's commands no warm server is used.
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import environments
from benchmarks.peers.regrow import server
from benchmarks.place import EXPERIMENTS, ROOT, WORKERS, Place
from benchmarks.rounds import Row
from benchmarks.shell import FailedError, Shell

RUN, REPRO = ("regrow", "run"), ("dvc", "repro")
EVERY, NOTHING, CHANGED = "every stage", "nothing to do", "one setting changed"
SWEPT = f"{EXPERIMENTS} experiments"
PROVEN = "every stage in a clean place, and compared"
REPLAY = ("regrow", "replay", "HEAD", "--env", "current")
OURS = " ".join(REPLAY)
AGAIN = "regrow run --force, at the same time"
FIRST = "regrow replay HEAD --env current, until its first stage starts"
FIRST_STAGE = b"compile\0--in-pipeline"  # what the system says of its process
LOOK = 0.02  # seconds


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
    yield flights.replayed()
    yield flights.nothing()
    with server(flights.shell) as warm:
        yield flights.changed(warm)
    yield flights.swept()


def replay(shell: Shell, *more: str) -> tuple[float, float, float]:
    """Seconds that a replay takes: of all, of the stages in it, and until the process of the first stage is there."""
    replays = Path(shell.variables["REGROW_HOME"]) / "replays"
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        command = ["regrow", "replay", "HEAD", "--json", *more]
        log = subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=shell.folder, env=shell.variables, stdout=out, stderr=log)
        while not _has_begun(replays) and process.poll() is None:
            time.sleep(LOOK)
        first = time.perf_counter() - started
        process.wait()
        everything = time.perf_counter() - started
        out.seek(0)
        text = out.read()
    if process.returncode:
        raise FailedError(f"regrow replay ended with {process.returncode}: {text[-400:]}")
    return everything, sum(json.loads(text)["seconds"].values()), first


def _has_begun(replays: Path) -> bool:
    """Whether a first stage runs below a folder."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if FIRST_STAGE in (entry / "cmdline").read_bytes() and (entry / "cwd").readlink().is_relative_to(replays):
                return True
        except OSError:
            continue  # it has ended
    return False


class Flights:
    """The project, with what is timed in it."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.cold = shell.with_(REGROW_COLD="1")
        self.number = 0
        self.first = 0.0  # seconds until the first stage of the last replay

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

    def replayed(self) -> list[Row]:
        """All stages again elsewhere, beside those here."""

        def ours(_: int) -> float:
            everything, _stages, self.first = replay(self.shell, *REPLAY[3:])
            return everything

        return [
            Row(OURS, ours, PROVEN),
            Row(AGAIN, lambda _: self.take(self.shell, (*RUN, "--force")), PROVEN),
            Row(FIRST, lambda _: self.first, FIRST),
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
