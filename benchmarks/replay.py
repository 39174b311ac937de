"""What `regrow replay` costs beside the stages it runs: python -m benchmarks.replay [TIMES].

A generated project is run, committed and replayed; the first replay builds its environment and is not counted.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import environments
from benchmarks.flights import generate
from benchmarks.machine import load, machine
from benchmarks.shell import Shell, variables


def replay(shell: Shell) -> tuple[float, float, float]:
    """Seconds: of all, of the stages in it, and until the first stage was started."""
    replays = Path(shell.variables["REGROW_HOME"]) / "replays"
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        command = ["regrow", "replay", "HEAD", "--json"]
        log = subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=shell.folder, env=shell.variables, stdout=out, stderr=log)
        while not list(replays.glob("*/*.log")) and process.poll() is None:
            time.sleep(0.005)
        first = time.perf_counter() - started
        process.wait()
        everything = time.perf_counter() - started
        out.seek(0)
        told = json.load(out)
    if process.returncode:
        raise SystemExit(f"regrow replay ended with {process.returncode}: {told['problems']}")
    return everything, sum(told["seconds"].values()), first


def main() -> None:
    """Print the medians."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory(prefix="regrow-bench-") as folder:
        work = Path(folder)
        shell = generate(Shell(work / "flights", variables(environments.OWN, work / "home")))
        shell.run("regrow", "replay", "HEAD")
        rows = [replay(shell) for _ in range(times)]
        over = statistics.median(whole / stages - 1 for whole, stages, _ in rows)
        whole, stages, first = (statistics.median(one) for one in zip(*rows, strict=True))
        print(f"replay {whole:.2f} s, its stages {stages:.2f} s: overhead {over:.1%} (goal: under 20 %)")
        print(f"first stage started after {first:.2f} s (goal: under 3 s)")
        print(f"medians of {times}; load of this machine {load()} on {machine()['cores']} cores")


if __name__ == "__main__":
    main()
