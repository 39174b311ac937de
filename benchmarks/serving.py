"""python -m benchmarks.serving BUNDLE: `regrow serve` beside a plain FastAPI application of the same pipeline.

Each in a process of its own, one worker; 1, 8, 32 and 128 clients that ask for one row at a time over kept connections.
FastAPI gets what reaches the model, typed by hand, so that it needs neither the row-wise steps nor a guard. It is no
dependency of regrow: `pip install fastapi` first.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLIENTS = (1, 8, 32, 128)
SECONDS = 10.0
PEER = """
import sys, pandas as pd, uvicorn
from fastapi import Body, FastAPI
from regrow_serve.bundle import Bundle
bundle = Bundle.load(sys.argv[1])
app = FastAPI()

@app.post("/v1/predict")
def predict(row: dict = Body()):
    X = pd.DataFrame([row])[list(bundle.schema.features)].astype(dict(bundle.schema.features))
    return {"probabilities": bundle.model.predict_proba(X)[0].tolist()}

@app.get("/readyz")
def ready():
    return {}

uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", access_log=False)
"""


@dataclass(frozen=True)
class Result:
    """One server under so many clients. p50, p99: seconds. lost: requests that got no answer of status 200."""

    server: str
    clients: int
    per_second: float
    p50: float
    p99: float
    lost: int


def bodies(bundle: Path) -> dict[str, bytes]:
    """One row for each server: raw for ours, features for the peer."""
    import numpy as np

    from regrow_serve.bundle import Bundle, records
    from regrow_serve.schema import frame

    loaded = Bundle.load(bundle)
    raw = loaded.examples()[0]["row"]
    _, table = next(iter(frame(loaded.schema.of_rows([raw]), np.arange(1))))
    return {
        "regrow serve": json.dumps({"rows": [raw]}).encode(),
        "FastAPI": json.dumps(records(loaded.features(table))[0]).encode(),
    }


async def _client(port: int, body: bytes, until: float, times: list[float]) -> int:
    """Ask until the time is over; how many requests were lost."""
    request = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    request += b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lost = 0
    while time.perf_counter() < until:
        begun = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        times.append(time.perf_counter() - begun)
        lost += b" 200 " not in head[:20]
    writer.close()
    return lost


async def _measure(server: str, port: int, body: bytes, clients: int) -> Result:
    times: list[float] = []
    begun = time.perf_counter()
    lost = await asyncio.gather(*(_client(port, body, begun + SECONDS, times) for _ in range(clients)))
    seconds = time.perf_counter() - begun
    times.sort()
    return Result(
        server, clients, len(times) / seconds, times[len(times) // 2], times[int(len(times) * 0.99)], sum(lost)
    )


def _ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    import http.client

    while process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit("a server ended before it was ready")


def main(bundle: Path) -> list[Result]:
    """All servers under all numbers of clients."""
    recipe = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OPENBLAS_CORETYPE": "Haswell"}
    commands: dict[str, list[str]] = {
        "regrow serve": ["-m", "regrow_serve.server", str(bundle), "--port", "8021"],
        "FastAPI": ["-c", PEER, str(bundle), "8022"],
    }
    results = []
    sent = bodies(bundle)
    for (name, command), port in zip(commands.items(), (8021, 8022), strict=True):
        process = subprocess.Popen([sys.executable, *command], env={**os.environ, **recipe}, stderr=subprocess.DEVNULL)
        try:
            _ready(port, process)
            for clients in CLIENTS:
                results.append(asyncio.run(_measure(name, port, sent[name], clients)))
                print(_line(results[-1]), flush=True)
        finally:
            process.terminate()
            process.wait()
    return results


def _line(one: Result) -> str:
    said: dict[str, Any] = vars(one)
    return "{server:14} {clients:4} clients {per_second:8.1f}/s  p50 {p50:.3f} s  p99 {p99:.3f} s  lost {lost}".format(
        **said
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
