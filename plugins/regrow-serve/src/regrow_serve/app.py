"""The ASGI application: rows in, answers out; every fault of a request is told as one, and none is the server's."""

import asyncio
import contextlib
import hmac
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from regrow_serve import inference, page
from regrow_serve.answers import Answer, by_fallback, by_model, judged
from regrow_serve.bundle import Bundle
from regrow_serve.guard import REFUSED
from regrow_serve.metrics import Metrics
from regrow_serve.prediction_log import PredictionLog
from regrow_serve.waiting import FullError, Waiting

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
JSON, HTML, TEXT = b"application/json", b"text/html; charset=utf-8", b"text/plain; version=0.0.4; charset=utf-8"
RETRY_AFTER = b"1"
LONGEST_ID = 100  # characters of a request's id
REQUEST: ContextVar[tuple[str, float]] = ContextVar("request")  # its id, and when it began: each has its own task
LAST_SHARE = 0.2  # of the deadline, for the last bundle where the model did not answer; as much is left for the rest


@dataclass(frozen=True)
class Limits:
    """body: bytes. rows: of one request. queue: rows that may wait. batch: rows scored at once. deadline: seconds until
    the fallback answers."""

    body: int = 1 << 20
    rows: int = 1000
    queue: int = 10_000
    batch: int = 2048
    deadline: float = 5.0


class RefusedError(Exception):
    """A request that gets no answer: its status, and what is wrong."""

    def __init__(self, status: int, wrong: str, *more: tuple[bytes, bytes], errors: list[Any] | None = None) -> None:
        super().__init__(wrong)
        self.status, self.wrong, self.headers, self.errors = status, wrong, list(more), errors


class App:
    """bundle: what answers. why: where it stands in for another, what is wrong with that one. switch: a file; while
    it is there, the fallback answers. token: what clients have to show, "" for nothing. log: what keeps the answers."""

    def __init__(
        self,
        bundle: Bundle,
        limits: Limits | None = None,
        switch: Path | None = None,
        token: str = "",
        why: str = "",
        log: PredictionLog | None = None,
    ) -> None:
        self.log = log
        self.bundle, self.limits, self.switch, self.token, self.why = bundle, limits or Limits(), switch, token, why
        self.metrics = Metrics()
        self.failing: list[int] | None = None  # examples that fail; None while that is not known
        self.waiting = Waiting(self._score, self.limits.queue, self.limits.batch)
        self.off = ""  # why the model is not to answer, where that is known
        self.draining = False  # it will end, and answers what is on its way
        self._tasks: set[asyncio.Task[Any]] = set()
        self._prefix = f"/v2/models/{bundle.about.get('name') or 'model'}"
        self._routes: dict[str, tuple[str, Callable[[bytes], Awaitable[tuple[int, bytes, bytes]]]]] = {
            "/": ("GET", self._page),
            "/healthz": ("GET", self._alive),
            "/v2/health/live": ("GET", self._alive),
            "/readyz": ("GET", self._ready),
            "/v2/health/ready": ("GET", self._ready),
            f"{self._prefix}/ready": ("GET", self._ready),
            "/metrics": ("GET", self._metrics),
            "/openapi.json": ("GET", self._openapi),
            "/bundle.json": ("GET", self._about),
            "/v1/predict": ("POST", self._predict),
            self._prefix: ("GET", self._model),
            f"{self._prefix}/infer": ("POST", self._infer),
        }

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._respond(scope, receive, send)

    async def start(self) -> None:
        """Begin to work, and try the examples."""
        self._tasks = {asyncio.create_task(self.waiting.run()), asyncio.create_task(self._test())}

    async def stop(self) -> None:
        """End the work."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.log is not None:
            await self.log.stop()

    async def _test(self) -> None:
        self.failing = await asyncio.to_thread(self.bundle.self_test)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.start()
            else:
                await self.stop()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _respond(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        begun, path = time.perf_counter(), scope["path"]  # regrow: harmless clock
        headers: list[tuple[bytes, bytes]] = []
        request = _request_id(scope["headers"])
        REQUEST.set((request, begun))
        try:
            method, handle = self._routes.get(path, ("", None))
            if handle is None:
                raise RefusedError(404, f"there is no {path[:100]}; there are: {', '.join(self._routes)}")
            if scope["method"] != method and not (method == "GET" and scope["method"] == "HEAD"):
                raise RefusedError(405, f"{path} takes {method}", (b"allow", method.encode()))
            self._require_token(path, scope["headers"])
            body = await self._body(scope["headers"], receive) if method == "POST" else b""
            status, kind, content = await handle(body)
        except RefusedError as refusal:
            said: dict[str, Any] = {"error": refusal.wrong, "bundle": self.bundle.digest}
            said |= {"errors": refusal.errors} if refusal.errors is not None else {}
            status, kind, content, headers = refusal.status, JSON, _dumps(said), refusal.headers
        except _GoneError:
            return
        seconds = time.perf_counter() - begun  # regrow: harmless clock
        self.metrics.request(path if path in self._routes else "other", status, seconds)
        headers += [
            (b"content-type", kind),
            (b"content-length", str(len(content)).encode()),
            (b"x-bundle", self.bundle.digest.encode()),
            (b"x-request-id", request.encode()),
        ]
        headers += [(b"connection", b"close")] if self.draining else []
        headers += page.HEADERS if kind is HTML else [(b"x-content-type-options", b"nosniff")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})

    def _require_token(self, path: str, headers: Sequence[tuple[bytes, bytes]]) -> None:
        if not self.token or path in ("/healthz", "/readyz", "/v2/health/live", "/v2/health/ready"):
            return
        shown = dict(headers).get(b"authorization", b"")
        if not hmac.compare_digest(shown, f"Bearer {self.token}".encode()):
            raise RefusedError(401, "needs the header Authorization: Bearer TOKEN", (b"www-authenticate", b"Bearer"))

    async def _body(self, headers: Sequence[tuple[bytes, bytes]], receive: Receive) -> bytes:
        said = dict(headers).get(b"content-length", b"0")
        too_large = RefusedError(413, f"a body has at most {self.limits.body} bytes", (b"connection", b"close"))
        if said.isdigit() and int(said) > self.limits.body:
            raise too_large
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self.limits.body:
                raise too_large
            if not message.get("more_body"):
                return b"".join(parts)

    async def _predict(self, body: bytes) -> tuple[int, bytes, bytes]:
        answers = await self._logged(self._rows(_loads(body)))
        return 200, JSON, _dumps({"bundle": self.bundle.digest, "answers": [one.as_json() for one in answers]})

    async def _infer(self, body: bytes) -> tuple[int, bytes, bytes]:
        try:
            asked, rows = inference.rows(_loads(body), self.bundle.schema)
        except ValueError as error:
            raise RefusedError(400, str(error)) from None
        answers = await self._logged(self._rows({"rows": rows}))
        said = inference.response(answers, self.bundle, asked)
        return 200, JSON, _dumps(said)

    def _rows(self, content: Any) -> list[dict[str, Any]]:
        rows = content.get("rows") if isinstance(content, dict) else None
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise RefusedError(400, 'must be {"rows": [{"column": value, ...}, ...]}, with one row at least')
        if len(rows) > self.limits.rows:
            raise RefusedError(413, f"{len(rows)} rows in one request; at most {self.limits.rows}")
        return rows

    async def _logged(self, rows: list[dict[str, Any]]) -> list[Answer]:
        """The answers, once the log has them; of a request that the guard refuses, the rows that it refuses."""
        try:
            answers = await self._answers(rows)
        except RefusedError as refusal:
            refused = {one["row"] for one in refusal.errors or ()}
            self._log(rows, {n: Answer(None, None, REFUSED, "model") for n in sorted(refused)})
            raise
        self._log(rows, dict(enumerate(answers)))
        return answers

    def _log(self, rows: list[dict[str, Any]], answers: Mapping[int, Answer]) -> None:
        if self.log is not None and answers:
            request, begun = REQUEST.get()
            self.log.write(request, rows, answers, time.perf_counter() - begun)  # regrow: harmless clock
            self.metrics.lost.set(self.log.lost)

    async def _answers(self, rows: list[dict[str, Any]]) -> list[Answer]:
        """The model's, or where it has none in time the fallback's. RefusedError where the guard refuses a row."""
        if off := self._switched_off():
            return await self._instead(rows, f"the model is switched off: {off}")
        if self.failing:
            return await self._instead(rows, f"the model fails {len(self.failing)} of its own examples")
        seconds = self.limits.deadline * (1 - 2 * LAST_SHARE if self.bundle.last else 1)
        try:
            answers: list[Answer] = await asyncio.wait_for(self.waiting.answer(rows), seconds)
        except FullError:
            wrong = f"{self.waiting.rows} rows wait already; at most {self.limits.queue}"
            raise RefusedError(429, wrong, (b"retry-after", RETRY_AFTER)) from None
        except TimeoutError:
            return await self._instead(rows, f"the model did not answer within {seconds:g} s")
        except Exception as error:
            return await self._instead(rows, f"the model failed: {type(error).__name__}")
        self.metrics.answers(answers)
        self._refuse([one if one.prediction is None else None for one in answers])
        if self.why:
            for one in answers:
                one.source, one.why = "fallback", self.why
        return answers

    async def _instead(self, rows: list[dict[str, Any]], why: str) -> list[Answer]:
        """The fallback's answers to the rows that the guard lets through; RefusedError as for the model's."""
        found = judged(self.bundle, rows)
        if not self.bundle.fallback["refusals"]:
            self._refuse([one if one.guard == REFUSED else None for one in found])
        answers: list[Answer] = []
        if self.bundle.last:
            work = asyncio.to_thread(by_fallback, self.bundle, rows, why, found)
            with contextlib.suppress(TimeoutError):
                answers = await asyncio.wait_for(work, self.limits.deadline * LAST_SHARE)
        answers = answers or by_fallback(self.bundle, rows, why, found, last=False)
        self.metrics.answers(answers)
        return answers

    def _refuse(self, refused: Sequence[Answer | None]) -> None:
        """RefusedError with the reasons, if there is a row that is refused; None for the others."""
        errors = [{"row": n, **remark} for n, one in enumerate(refused) if one for remark in one.remarks
                  if remark["verdict"] == REFUSED]  # fmt: skip
        if errors:
            raise RefusedError(422, "the guard refused rows, so none is answered", errors=errors)

    def _switched_off(self) -> str:
        """Why the model is not to answer, "" if it is. A file that can't be read counts: somebody put it there."""
        if self.off:
            return self.off
        if self.switch is None or not os.path.exists(self.switch):  # noqa: PTH110 - for each request
            return ""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            return str(orjson.loads(self.switch.read_bytes()).get("reason") or "no reason given")
        return "no reason given"

    def _score(self, rows: Sequence[Any]) -> list[Any]:
        return by_model(self.bundle, rows)

    async def _alive(self, body: bytes) -> tuple[int, bytes, bytes]:
        return 200, JSON, b'{"alive":true}'

    async def _ready(self, body: bytes) -> tuple[int, bytes, bytes]:
        ready = self.failing == [] and not self.draining
        said: dict[str, Any] = {"ready": ready, "bundle": self.bundle.digest, "failing": self.failing}
        said |= {"switched_off": self._switched_off(), "instead": self.why}
        return (200 if ready else 503), JSON, _dumps(said)

    async def _metrics(self, body: bytes) -> tuple[int, bytes, bytes]:
        return 200, TEXT, self.metrics.text(self.waiting.rows, self.bundle.digest)

    async def _openapi(self, body: bytes) -> tuple[int, bytes, bytes]:
        return 200, JSON, _dumps(page.openapi(self.bundle, self._prefix))

    async def _about(self, body: bytes) -> tuple[int, bytes, bytes]:
        return 200, JSON, _dumps({"digest": self.bundle.digest, **self.bundle.about})

    async def _model(self, body: bytes) -> tuple[int, bytes, bytes]:
        return 200, JSON, _dumps(inference.metadata(self.bundle))

    async def _page(self, body: bytes) -> tuple[int, bytes, bytes]:
        return 200, HTML, page.html(self.bundle)


def _request_id(headers: Sequence[tuple[bytes, bytes]]) -> str:
    """The client's own, where it sends a plain one; else a new one. Labels come back by it."""
    given = dict(headers).get(b"x-request-id", b"").decode("latin-1")
    plain = given.isascii() and given.replace("-", "").isalnum() and len(given) <= LONGEST_ID
    return given if plain else uuid.uuid4().hex  # regrow: harmless chance


class _GoneError(Exception):
    """The client has left."""


def _loads(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RefusedError(400, f"is not JSON: {str(error)[:200]}") from None


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value, default=str)
