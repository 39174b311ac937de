"""A server that is killed under load: no line of an answer that somebody got is lost, no half line is read.

`REGROW_KILLS=20` is the long form: as many moments, from before the first answer on.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import stream

from regrow_monitor.log_files import SEALED
from regrow_monitor.replay_day import replay_day
from regrow_monitor.seal import open_days, seal
from regrow_serve.bundle import records
from regrow_serve.drill import _free_port

KILLS = int(os.environ.get("REGROW_KILLS", "3"))


@pytest.fixture
def body(made) -> bytes:
    raw = stream.drawn(made, np.random.default_rng(1), 5)[[one.name for one in made["bundle"].schema.needed]]
    return json.dumps({"rows": records(raw)}).encode()


def ask(port: int, body: bytes, name: str, answered: list[str]) -> None:
    """Requests until the server is gone; the ids of those that were answered."""
    number = 0
    try:
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("POST", "/v1/predict", body, {"x-request-id": f"{name}-{number}"})
            response = connection.getresponse()
            response.read()
            if response.status == 200:
                answered.append(f"{name}-{number}")
            number += 1
    except (OSError, http.client.HTTPException):
        return


def test_a_kill_loses_no_line_of_an_answer(made, body, tmp_path):
    answered: list[str] = []
    moment = np.random.default_rng(KILLS)
    for kill in range(KILLS):
        port = _free_port()
        command = [sys.executable, "-m", "regrow_serve.server", str(made["file"]), "--port", str(port), "--log",
                   str(tmp_path / "log")]  # fmt: skip
        process = subprocess.Popen(command, env=os.environ)
        while True:
            try:
                http.client.HTTPConnection("127.0.0.1", port).request("GET", "/healthz")
                break
            except OSError:
                time.sleep(0.05)
        threads = [threading.Thread(target=ask, args=(port, body, f"k{kill}t{n}", answered)) for n in range(4)]
        for one in threads:
            one.start()
        before = len(answered)
        while len(answered) < before + 7 * kill:
            time.sleep(0.001)
        time.sleep(0.05 * moment.random())
        process.send_signal(signal.SIGKILL)
        process.wait()
        for one in threads:
            one.join()
    found = []
    for day in open_days(tmp_path / "log"):
        seal(tmp_path / "log", day)
        result = replay_day(tmp_path / "log" / SEALED, day)
        assert (result.differ, result.identical) == (0, result.rows)
        for file in (tmp_path / "log" / SEALED / day).glob("part-*.jsonl"):
            found += [json.loads(line)["id"] for line in file.read_text().splitlines()[1:]]
    assert {f"{name}:{place}" for name in answered for place in range(5)} <= set(found)
    assert len(found) == len(set(found))
