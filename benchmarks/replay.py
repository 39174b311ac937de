"""What `regrow replay` costs beside the stages it runs: python benchmarks/replay.py [TIMES].

A generated project is run, committed and replayed; the first replay builds its environment and is not counted.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GIT = {f"GIT_{who}_{what}": "bench@example.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def run(*command: str, folder: Path, environment: dict[str, str]) -> str:
    """What a program says. Raises CalledProcessError if it fails."""
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def project(folder: Path, environment: dict[str, str]) -> Path:
    """A generated project, run and committed."""
    template = str(ROOT / "template/project")
    run("cookiecutter", template, "--no-input", "--output-dir", str(folder), folder=folder, environment=environment)
    (made,) = (one for one in folder.iterdir() if one.name != "home")
    run("dvc", "repro", "--quiet", folder=made, environment=environment)
    run("git", "add", "--all", folder=made, environment=environment)
    run("git", "commit", "--quiet", "--message", "first", folder=made, environment=environment)
    return made


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
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**os.environ, **GIT, "PATH": path, "REGROW_HOME": f"{folder}/home", "DVC_NO_ANALYTICS": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        (Path(folder) / "made").mkdir()
        made = project(Path(folder) / "made", environment)
        run("regrow", "replay", "HEAD", folder=made, environment=environment)
        rows = [replay(made, environment) for _ in range(times)]
        over = statistics.median(whole / stages - 1 for whole, stages, _ in rows)
        whole, stages, first = (statistics.median(one) for one in zip(*rows, strict=True))
        print(f"replay {whole:.2f} s, its stages {stages:.2f} s: overhead {over:.1%} (goal: under 20 %)")
        print(f"first stage started after {first:.2f} s (goal: under 3 s)")
        print(f"medians of {times}; load of this machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
