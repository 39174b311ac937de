"""What `regrow run`, `sweep` and `experiments` take beside DVC's own commands: python benchmarks/speed.py [TIMES].

All on one generated project (8,000 flights, 8 stages), alternating in one run; medians. Under DVC's commands every
stage starts by itself. The ratio is regrow's time to DVC's.
"""

import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from project import environment, machine, project, run

Before = Callable[[], object] | None
EXPERIMENTS, LISTED = 20, 1000
SWEEP = ("regrow", "sweep", f"seed=range(0,{EXPERIMENTS})", "--workers", "2", "--name")
RUN, REPRO, SHOW = ("regrow", "run"), ("dvc", "repro"), ("dvc", "exp", "show", "--no-pager")


@dataclass
class Bench:
    """A project to measure in."""

    folder: Path
    variables: dict[str, str]
    times: int
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def do(self, *command: str) -> str:
        """Run a command that is not measured."""
        return run(*command, folder=self.folder, environment=self.variables)

    def seconds(self, command: Sequence[str], before: Before = None) -> float:
        """How long a command takes, its process whole; what it changed is committed."""
        if before:
            before()
        cold = {"REGROW_COLD": "1"} if command[0] == "dvc" else {}
        log = subprocess.DEVNULL
        started = time.perf_counter()
        subprocess.run(command, cwd=self.folder, env=self.variables | cold, check=True, stdout=log, stderr=log)
        took = time.perf_counter() - started
        self.do("git", "commit", "--quiet", "--all", "--allow-empty", "--message", "results")
        return took

    def both(self, ours: Sequence[str], theirs: Sequence[str], before: Before = None) -> list[float]:
        """The medians of two commands, which alternate."""
        rows = [(self.seconds(ours, before), self.seconds(theirs, before)) for _ in range(self.times)]
        return [statistics.median(column) for column in zip(*rows, strict=True)]

    def change(self) -> None:
        """Another strength of the penalty, committed."""
        file = self.folder / "conf/model/linear.yaml"
        lines = [line for line in file.read_text().splitlines() if not line.startswith("C:")]
        file.write_text("\n".join([*lines, f"C: {next(self.numbers) / 100}\n"]))
        self.do("git", "commit", "--quiet", "--all", "--message", "a setting")

    def sweep(self) -> list[float]:
        """Experiments with other seeds; one by one they are measured a few times, and multiplied."""
        ours, theirs = [], []
        for number in range(max(1, self.times // 2)):
            ours.append(self.seconds((*SWEEP, f"bench{number}")))
            theirs.append(EXPERIMENTS * self.seconds(("dvc", "exp", "run", "-S", f"seed={100 + number}")))
            self.do("git", "reset", "--quiet", "--hard", "HEAD~1")
            self.do("dvc", "checkout", "--quiet")
        return [statistics.median(ours), statistics.median(theirs)]

    def many(self) -> None:
        """A thousand experiments of the commit that is checked out."""
        head = self.do("git", "rev-parse", "HEAD").strip()
        params, metrics = ((self.folder / name).read_text() for name in ("params.yaml", "metrics.json"))
        text = ""
        for number in range(LISTED):
            text += f"commit refs/exps/{head[:2]}/{head[2:]}/e-{number}\n"
            text += f"committer B <b@example.invalid> 1700000000 +0000\ndata 1\nx\nfrom {head}\n"
            files = {"params.yaml": params.replace("seed: 1\n", f"seed: {number}\n"), "metrics.json": metrics}
            for path, content in files.items():
                text += f"M 100644 inline {path}\ndata {len(content.encode())}\n{content}\n"
        command = ["git", "fast-import", "--quiet"]
        subprocess.run(command, cwd=self.folder, env=self.variables, input=text.encode(), check=True)

    def rows(self) -> Iterator[tuple[str, list[float]]]:
        """(what, [seconds of regrow, seconds of DVC]), one after the other."""
        yield "every stage, the warm server started with the run", self.both((*RUN, "--force"), (*REPRO, "--force"))
        self.do(*RUN)
        self.do("git", "commit", "--quiet", "--all", "--allow-empty", "--message", "results")
        yield "nothing to do", self.quiet()
        self.do(*RUN, "--keep-warm")
        yield "one setting changed, the warm server kept", self.both(RUN, REPRO, self.change)
        yield f"{EXPERIMENTS} experiments, two workers", self.sweep()
        self.many()
        self.do(*SHOW)
        yield f"{LISTED} experiments listed; DVC from its cache", self.listing()

    def quiet(self) -> list[float]:
        """Nothing has changed, not even a commit."""
        self.do(*RUN)
        plain = [(self.plain(RUN), self.plain(REPRO)) for _ in range(self.times)]
        return [statistics.median(column) for column in zip(*plain, strict=True)]

    def listing(self) -> list[float]:
        """Listing leaves everything as it is."""
        plain = [(self.plain(("regrow", "experiments")), self.plain(SHOW)) for _ in range(self.times)]
        return [statistics.median(column) for column in zip(*plain, strict=True)]

    def plain(self, command: Sequence[str]) -> float:
        """How long a command takes that changes nothing."""
        started = time.perf_counter()
        self.do(*command)
        return time.perf_counter() - started


def main() -> None:
    """Print a table."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory(prefix="regrow-bench-") as folder:
        variables = environment(folder)
        (Path(folder) / "made").mkdir()
        bench = Bench(project(Path(folder) / "made", variables), variables, times)
        print("| | regrow, s | DVC, s | ratio |\n| --- | --- | --- | --- |")
        for what, (ours, theirs) in bench.rows():
            print(f"| {what} | {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} |", flush=True)
        print(f"\nmedians of {times}; {machine()}")


if __name__ == "__main__":
    main()
