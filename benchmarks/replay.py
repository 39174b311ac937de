"""What `regrow replay` costs beside the stages it runs, and beside a run: python -m benchmarks.replay [TIMES].

A generated project is run, committed and replayed; the first replay builds its environment and is not counted. Then, in
turns: in that environment, in the one that is here, and `regrow run --force` with its server's start.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks import environments
from benchmarks.flights import RUN, generate, replay
from benchmarks.machine import load, machine
from benchmarks.shell import Shell, variables


def main() -> None:
    """Print the medians."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory(prefix="regrow-bench-") as folder:
        work = Path(folder)
        shell = generate(Shell(work / "flights", variables(environments.OWN, work / "home")))
        shell.run("regrow", "replay", "HEAD")
        rows = [
            (*replay(shell), *replay(shell, "--env", "current"), shell.seconds((*RUN, "--force"))) for _ in range(times)
        ]
        locked, stages, first, current, _, first_here, again = (
            statistics.median(one) for one in zip(*rows, strict=True)
        )
        over = statistics.median(row[0] / row[1] - 1 for row in rows)
        print(f"replay {locked:.2f} s, its stages {stages:.2f} s: overhead {over:.1%}")
        print(
            f"with --env current {current:.2f} s, regrow run --force {again:.2f} s: {current / again:.2f} (goal: 1.3)"
        )
        print(f"first stage started after {first:.2f} s, with --env current {first_here:.2f} s (goal: 1.5 s)")
        print(f"medians of {times}; load of this machine {load()} on {machine()['cores']} cores")


if __name__ == "__main__":
    main()
