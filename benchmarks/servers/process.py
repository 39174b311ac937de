"""A server's process: started, waited for, its memory looked at, ended with all that it started."""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.servers.servers import Server
from benchmarks.shell import QUIET, FailedError

READY = 300.0  # seconds
IMPORT = "import pandas, sklearn.compose, sklearn.ensemble, sklearn.linear_model, sklearn.pipeline"
KERNELS = {"OPENBLAS_CORETYPE": "Haswell"}


class Process:
    """Use it in a `with`. Raises FailedError where it does not begin to answer."""

    def __init__(self, server: Server, work: Path) -> None:
        self.server, self._work, self.port, self.seconds_to_ready = server, work, _free_port(), 0.0

    def __enter__(self) -> "Process":
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "REGROW_"))}
        self._log = tempfile.TemporaryFile("w+")
        begun = time.perf_counter()
        self._process = subprocess.Popen(
            self.server.on(self.port), env={**own, **QUIET, **KERNELS, **self.server.variables}, cwd=self._work,
            stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        while not self._ready():
            if self._process.poll() is not None or time.perf_counter() - begun > READY:
                self._log.seek(0)
                said = self._log.read()[-600:]
                self.__exit__()
                raise FailedError(f"{self.server.name} did not begin to answer: {said}")
            time.sleep(0.02)
        self.seconds_to_ready = time.perf_counter() - begun
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=20)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()

    def peak_megabytes(self) -> float:
        """The most memory that its processes had, each at its own worst moment, added up."""
        return sum(_peak(pid) for pid in _group(self._process.pid)) / 1e6

    def _ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", self.server.ready)
            return connection.getresponse().status == 200
        return False


def imports(python: Path) -> float:
    """Seconds that a process takes to import what a model needs; the second time, as files are then in memory."""
    for _ in range(2):
        begun = time.perf_counter()
        subprocess.run([str(python), "-c", IMPORT], check=True, env={**os.environ, **QUIET})
        took = time.perf_counter() - begun
    return took


def _group(leader: int) -> list[int]:
    """The processes of a session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                found.append(int(folder.name))
    return found


def _peak(pid: int) -> float:
    """Bytes."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return float(line.split()[1]) * 1024
    return 0.0


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
