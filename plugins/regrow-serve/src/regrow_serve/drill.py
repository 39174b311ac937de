"""Break a server in eight ways, and look at what a client sees: each well-formed request wants an answer in time."""

import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from regrow_serve.bundle import Bundle

REQUESTS, DEADLINE, READY = 20, 5.0, 600.0
FLOOD = [
    b"",
    b"{",
    b"[[[[[[",
    b'{"rows": 1}',
    b'{"rows": [{"a": 1e400}]}',
    b"\xff\xfe",
    b'{"rows": [' + b"{}," * 2000 + b"{}]}",
]


class Server:
    """A server process over a copy of the bundle. Its `switch` and `last` files lie beside that. patience: seconds that
    a client waits for an answer."""

    patience = DEADLINE

    def __init__(self, bundle: Path, folder: Path, *options: str, wrapped: str = "") -> None:
        self.bundle, self.port = bundle, _free_port()
        self.last, self.switch = folder / "last.bundle", folder / "off.json"
        kept = ["--port", str(self.port), "--last", str(self.last), "--switch", str(self.switch), "--deadline", "2"]
        start = ["-c", wrapped] if wrapped else ["-m", "regrow_serve.server"]
        self._command = [sys.executable, *start, str(bundle), *kept, *options]
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def again(self) -> None:
        """Start it anew, as a supervisor would."""
        self.process.wait()
        self.process = self._start()
        self.ready()

    def ready(self) -> bool:
        """Wait until it answers; False if it ends before."""
        end = time.monotonic() + READY
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/readyz")[0] == 200:
                    return True
            time.sleep(0.2)
        return False

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:
        """Status and content of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        try:
            connection.request(method, path, body or None)
            response = connection.getresponse()
            content = response.read()
            with suppress(ValueError):
                return response.status, json.loads(content)
            return response.status, {}
        finally:
            connection.close()


@contextmanager
def serving(bundle: Path, folder: Path, *options: str, wrapped: str = "") -> Iterator[Server]:
    """A server that answers, ended afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    server = Server(bundle, folder, *options, wrapped=wrapped)
    try:
        server.ready()
        yield server
    finally:
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            server.process.wait(timeout=20)
        server.process.kill()


def drills(bundle: Path, folder: Path, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """All eight: name, what a client saw (status and source -> requests), the slowest in seconds, and whether each got
    an answer in time."""
    body = json.dumps({"rows": [Bundle.load(bundle).examples()[0]["row"]]}).encode()
    say(f"{'drill':18} {'answered':>9} {'slowest':>8}  what a client saw")
    told = []
    for number, (name, drill) in enumerate(DRILLS.items()):
        place = folder / str(number)
        place.mkdir()
        copy = place / "model.bundle"
        shutil.copyfile(bundle, copy)
        seen, slowest = drill(copy, place, body)
        answered = sum(count for what, count in seen.items() if what.startswith("200"))
        passed = answered == REQUESTS and slowest <= DEADLINE
        shown = ", ".join(f"{count} x {what}" for what, count in sorted(seen.items()))
        say(f"{name:18} {answered:>4} of {REQUESTS:<2} {slowest:>7.2f}s  {shown}")
        told.append({"drill": name, "seen": seen, "slowest": round(slowest, 3), "passed": passed})
    return told


Seen = tuple[dict[str, int], float]


def _requests(server: Server, body: bytes, between: Callable[[int], None] = lambda _: None) -> Seen:
    """As a client with one retry would see it. between: called before each request."""
    seen: dict[str, int] = {}
    slowest = 0.0
    for number in range(REQUESTS):
        between(number)
        begun = time.monotonic()
        what = "no answer"
        for _ in range(2):
            try:
                status, said = server.ask("POST", "/v1/predict", body)
            except (OSError, http.client.HTTPException):
                continue
            what = f"{status} {said['answers'][0]['source']}" if status == 200 else str(status)
            break
        slowest = max(slowest, time.monotonic() - begun)
        seen[what] = seen.get(what, 0) + 1
    return seen, slowest


def _file_corrupted(bundle: Path, place: Path, body: bytes) -> Seen:
    """The file is damaged while the server is down: the last verified one stands in."""
    with serving(bundle, place) as server:
        server.process.send_signal(signal.SIGTERM)
        server.process.wait()
        _flip(bundle)
        server.again()
        return _requests(server, body)


def _lookup_gone(bundle: Path, place: Path, body: bytes) -> Seen:
    """Bundle and all that it holds are deleted under a running server."""
    with serving(bundle, place) as server:
        bundle.unlink()
        return _requests(server, body)


def _disk_full(bundle: Path, place: Path, body: bytes) -> Seen:
    """No file can grow."""
    limit = (
        "import resource, signal; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)"
    )
    with serving(bundle, place, wrapped=_before(limit)) as server:
        return _requests(server, body)


def _slow_model(bundle: Path, place: Path, body: bytes) -> Seen:
    """The model takes longer than the deadline."""
    slow = (
        "import time, regrow_serve.bundle as b; real = b.Bundle.score\n"
        "def score(self, typed): time.sleep(3); return real(self, typed)\n"
        "b.Bundle.score = score"
    )
    with serving(bundle, place, wrapped=_before(slow)) as server:
        return _requests(server, body)


def _worker_killed(bundle: Path, place: Path, body: bytes) -> Seen:
    """The process is killed, and a supervisor starts it again; a client tries once more."""
    with serving(bundle, place) as server:

        def kill(number: int) -> None:
            if number == REQUESTS // 2:
                server.process.kill()
                server.again()

        return _requests(server, body, kill)


def _clock_jump(bundle: Path, place: Path, body: bytes) -> Seen:
    """The clock says 2099."""
    jump = "import time; time.time = lambda: 4.1e9"
    with serving(bundle, place, wrapped=_before(jump)) as server:
        return _requests(server, body)


def _memory_limit(bundle: Path, place: Path, body: bytes) -> Seen:
    """The model finds no memory."""
    broken = (
        "import regrow_serve.bundle as b; real = b.Bundle.features\n"
        "def features(self, table):\n raise MemoryError\n"
        "from regrow_serve import app; test = app.App._test\n"
        "async def then(self):\n await test(self); b.Bundle.features = features\n"
        "app.App._test = then"
    )
    with serving(bundle, place, wrapped=_before(broken)) as server:
        return _requests(server, body)


def _malformed_flood(bundle: Path, place: Path, body: bytes) -> Seen:
    """Bodies that are no requests come between those that are."""

    def flood(number: int) -> None:
        for one in FLOOD:
            with suppress(OSError, http.client.HTTPException):
                server.ask("POST", "/v1/predict", one)

    with serving(bundle, place) as server:
        return _requests(server, body, flood)


DRILLS: dict[str, Callable[[Path, Path, bytes], Seen]] = {
    "file corrupted": _file_corrupted,
    "lookup gone": _lookup_gone,
    "disk full": _disk_full,
    "slow model": _slow_model,
    "worker killed": _worker_killed,
    "clock jump": _clock_jump,
    "memory limit": _memory_limit,
    "malformed flood": _malformed_flood,
}


def _before(line: str) -> str:
    """A program that does something and then serves."""
    begin = "import os, sys; os.environ.setdefault('REGROW_SERVE_RECIPE', '1')"
    return f"{begin}\n{line}\nfrom regrow_serve.server import main; sys.exit(main(sys.argv[1:]))"


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
