"""One bundle for all tests of this folder, made once, and a way to ask a server in this process."""

import asyncio
import os
import sys
from pathlib import Path

import orjson
import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))

import flights

from regrow_serve.app import App, Limits
from regrow_serve.bundle import Bundle

SERVING = {
    "guard": {"columns": {"fuel": {"range": "refused"}}},
    "fallback": {"rules": [{"column": "origin", "equals": "JFK", "prediction": 1}]},
}


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Not to be changed: what every stage makes. `made["file"]` is the bundle."""
    folder = tmp_path_factory.mktemp("flights")
    settings = flights.settings_of("linear", serving=SERVING)
    found = flights.stages(flights.raw(folder / "raw"), settings, requirements_lock=flights.LOCK)
    return found | {"file": flights.written(folder, found), "raw": folder / "raw"}


@pytest.fixture(scope="session")
def loaded(made) -> Bundle:
    return Bundle.load(made["file"])


@pytest.fixture
def row(loaded) -> dict:
    """A row that the guard finds ok."""
    return next(
        one["row"] for one in loaded.examples() if loaded.guard.judge(loaded.schema.of_rows([one["row"]])).of(0) == "ok"
    )


class Client:
    """An application that is asked without a socket."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.loop = asyncio.new_event_loop()
        self.loop.run_until_complete(app.start())
        while app.failing is None:
            self.loop.run_until_complete(asyncio.sleep(0.01))

    def close(self) -> None:
        self.loop.run_until_complete(self.app.stop())
        self.loop.close()

    def ask(self, path: str, body: object = None, method: str = "", headers: dict | None = None):
        """Status, content (parsed, if it is JSON) and headers."""
        return self.loop.run_until_complete(self.asked(path, body, method, headers))

    async def asked(self, path, body=None, method="", headers=None):
        data = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        method = method or ("GET" if body is None else "POST")
        listed = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        scope = {"type": "http", "method": method, "path": path, "headers": listed}
        parts, sent = [{"type": "http.request", "body": data, "more_body": False}], []

        async def receive():
            return parts.pop(0) if parts else {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        await self.app(scope, receive, send)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        content = sent[1]["body"]
        is_json = found["content-type"] == "application/json" and content
        return sent[0]["status"], orjson.loads(content) if is_json else content.decode(), found


@pytest.fixture
def client_of(loaded):
    clients = []

    def make(limits: Limits | None = None, **options) -> Client:
        patient = limits or Limits(deadline=60)  # a machine that is busy is no matter here
        clients.append(Client(App(options.pop("bundle", loaded), patient, **options)))
        return clients[-1]

    yield make
    for one in clients:
        one.close()


@pytest.fixture
def client(client_of) -> Client:
    return client_of()
