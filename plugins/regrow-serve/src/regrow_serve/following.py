"""A server that answers with what a source names, and goes over to another bundle when the source names another.

Each request is answered by one bundle from its first byte to its last. The bundle before stays in memory, so that going
back takes no loading. One whose code or recipe is another can't share this process: the server then ends as it does at
a signal, and is started again on the same socket, in whose queue those who connect meanwhile wait.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Any, Protocol

from regrow_serve.app import App, Receive, Send
from regrow_serve.bundle import CODE, Bundle
from regrow_serve.prediction_log import PredictionLog

PAUSE = 0.1  # seconds between two looks
WAIT = 5.0  # seconds until a bundle that could not be used is tried again


class Source(Protocol):
    """Names a bundle by its sha256."""

    def digest(self) -> str:
        """What is to be served now. Raises RegrowError."""

    def before(self) -> str:
        """What was served before it, to be kept in memory; "" for nothing. Raises RegrowError."""

    def file(self, digest: str) -> Path:
        """The bundle of that digest. Raises RegrowError."""


class Following:
    """An ASGI application around that of today's bundle. log_inputs: as `regrow serve --log-inputs`."""

    def __init__(self, app: App, follows: Source, log_inputs: str | None = None) -> None:
        self.app, self._source, self._log_inputs = app, follows, log_inputs
        self._known = {app.bundle.digest: app.bundle}
        self._tasks: set[asyncio.Task[None]] = set()
        self.successor = ""  # the digest for which the server has to be started again

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.app.start()
                self._begin(self._watch())
            else:
                await self._stop()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    @property
    def draining(self) -> bool:
        """Whether it will end."""
        return self.app.draining

    @draining.setter
    def draining(self, value: bool) -> None:
        self.app.draining = value

    @property
    def waiting(self) -> Any:
        """The rows that wait."""
        return self.app.waiting

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.app.stop()

    async def _remember(self) -> None:
        """Load the bundle before today's, so that going back to it is quick. One that can't be had is told then."""
        with contextlib.suppress(Exception):
            if (digest := await asyncio.to_thread(self._source.before)) and digest not in self._known:
                self._known[digest] = await asyncio.to_thread(self._load, digest)

    async def _watch(self) -> None:
        await self._remember()
        while not self.app.draining:
            pause = PAUSE
            try:
                digest = await asyncio.to_thread(self._source.digest)
                if digest != self.app.bundle.digest:
                    await self._go_over(digest)
                self.app.off = ""
            except Exception as error:  # it serves what is named, and nothing else: then the fallback answers
                self.app.off, pause = f"what is to be served can't be: {error}"[:500], WAIT
            await asyncio.sleep(pause)

    async def _go_over(self, digest: str) -> None:
        bundle = self._known[digest] if digest in self._known else await asyncio.to_thread(self._load, digest)
        if _stands_on(bundle) != _stands_on(self.app.bundle):
            self.successor, self.app.draining = digest, True
            return
        old = self.app
        app = App(bundle, old.limits, old.switch, old.token, log=await asyncio.to_thread(self._log_of, bundle))
        app.metrics, app.failing = old.metrics, []
        await app.start()
        self._known = {old.bundle.digest: old.bundle, digest: bundle}
        self.app = app
        self._begin(_retire(old))

    def _log_of(self, bundle: Bundle) -> PredictionLog | None:
        """Where the one before has a log, its next part, which names this bundle. Nothing about it stops going over."""
        if self.app.log is None:
            return None
        log = PredictionLog.about(self.app.log.folder, bundle, inputs=self._log_inputs)
        with contextlib.suppress(Exception):
            log.keep(self._source.file(bundle.digest))
        return log

    def _load(self, digest: str) -> Bundle:
        bundle = Bundle.load(self._source.file(digest), digest)
        if failing := bundle.self_test():
            raise ValueError(f"bundle {digest[:12]} fails {len(failing)} of its own examples")
        return bundle


def _stands_on(bundle: Bundle) -> dict[str, Any]:
    """What a process can hold one of: code, packages, kernels."""
    code = {
        name: data for name, data in bundle.members.items() if name.startswith(f"{CODE}/") or name.endswith(".lock")
    }
    return {**code, "recipe": bundle.about.get("recipe"), "types": bundle.about.get("types")}


async def _retire(old: App) -> None:
    """End the work for a bundle once nobody waits for it."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(old.limits.deadline + 1)
        while old.waiting.rows:
            await asyncio.sleep(PAUSE)
    await old.stop()
