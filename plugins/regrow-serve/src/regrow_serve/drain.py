"""A server that goes on for a moment when it is told to end, so that nobody who has connected is left alone."""

import time
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from regrow_serve.app import App

GRACE = 2.0  # seconds in which it says that it is not ready, and still answers


class Draining(uvicorn.Server):
    """At the first signal it is no longer ready, and ends once it has answered; at a second one, at once."""

    def __init__(self, config: uvicorn.Config, app: "App") -> None:
        super().__init__(config)
        self._app, self._until = app, 0.0

    def handle_exit(self, sig: int, frame: Any) -> None:
        """A signal came."""
        if self._app.draining:
            super().handle_exit(sig, frame)
        self._app.draining = True
        self._until = time.monotonic() + GRACE  # regrow: harmless clock

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        over = time.monotonic() > self._until  # regrow: harmless clock
        if self._app.draining and over and not self._app.waiting.rows:
            self.should_exit = True
        return bool(await super().on_tick(counter))
