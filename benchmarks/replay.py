"""What `regrow replay` costs beside the stages it runs: python benchmarks/replay.py [TIMES].

A generated project is run, committed and replayed; the first replay builds its environment and is not counted.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from project import environment, machine, project, run


def replay(made: Path, environment: dict[str, str]) -> tuple[float, float, float]:
    """Seconds: of all, of the stages in it, and until the first stage was started."""
    replays = Path(environment["REGROW_HOME"]) / "replays"
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        command = ["regrow", "replay", "HEAD", "--json"]
        process = subprocess.Popen(command, cwd=made, env=environment, stdout=out, stderr=subprocess.DEVNULL)
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
        variables = environment(folder)
        (Path(folder) / "made").mkdir()
        made = project(Path(folder) / "made", variables)
        run("regrow", "replay", "HEAD", folder=made, environment=variables)
        rows = [replay(made, variables) for _ in range(times)]
        over = statistics.median(whole / stages - 1 for whole, stages, _ in rows)
        whole, stages, first = (statistics.median(one) for one in zip(*rows, strict=True))
        print(f"replay {whole:.2f} s, its stages {stages:.2f} s: overhead {over:.1%} (goal: under 20 %)")
        print(f"first stage started after {first:.2f} s (goal: under 3 s)")
        print(f"medians of {times}; {machine()}")


if __name__ == "__main__":
    main()
