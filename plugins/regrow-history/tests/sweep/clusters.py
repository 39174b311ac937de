"""A Dask scheduler and workers as processes of their own, each with a folder, a home and a cache of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 30.0  # seconds


@dataclass
class Cluster:
    """folder: where all of it lies. processes: name -> process; "scheduler" is one of them."""

    folder: Path
    environment: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """As `regrow sweep --on` takes it."""
        told = until(lambda: self.file.is_file() and self.file.read_text())
        return str(json.loads(told)["address"]).replace("tcp://", "dask://")

    @property
    def file(self) -> Path:
        return self.folder / "scheduler.json"

    def home(self, name: str) -> Path:
        """Where a worker keeps what it makes."""
        return self.folder / name / "regrow"

    def start(self, name: str, *arguments: str, python: str = sys.executable, **environment: str) -> None:
        """Start the scheduler, or a worker. python: whose packages it has."""
        own = self.folder / name
        own.mkdir(exist_ok=True)
        kind = ("scheduler", "--port", "0", "--host", "127.0.0.1")
        if name != "scheduler":
            kind = ("worker", "--no-nanny", "--nthreads", "1", "--local-directory", str(own), "--name", name)
        variables = {"HOME": str(own), "REGROW_HOME": str(self.home(name)), "DASK_CONFIG": str(own / "dask")}
        with (own / "log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [python, "-m", "dask", *kind, "--no-dashboard", "--scheduler-file", str(self.file), *arguments],
                cwd=own,
                env={**self.environment, **variables, **environment},
                stdout=log,
                stderr=log,
            )

    def kill(self, name: str) -> None:
        """As `kill -9` does."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def at_work(self, name: str) -> list[str]:
        """The processes that run in the folders of a worker's sweeps."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                place = (entry / "cwd").readlink()
            except OSError:
                continue
            if place.is_relative_to(self.home(name) / "replays") and entry.name != str(os.getpid()):
                found.append(entry.name)
        return found

    def close(self) -> None:
        """End all of it."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()


def until(what: Callable[[], object], patience: float = PATIENCE):
    """The first true answer."""
    give_up = time.monotonic() + patience
    while not (told := what()):
        assert time.monotonic() < give_up, f"not after {patience:.0f} s"
        time.sleep(0.05)
    return told
