"""Ctrl-C asks a search for what it has: the first time it ends with the best so far, the second time at once."""

import os
import signal
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from regrow.base.atomic import write_text

STOPS = "stops"  # beside the scratch folder: the process that takes SIGINT for the wish to end well
AGAIN = 0.5  # seconds in which a terminal and whoever waits for the stage mean the same key


class Interrupt:
    """Within, `asked` says whether somebody pressed Ctrl-C. folder: where `regrow run` looks for whom to tell."""

    def __init__(self, folder: Path | None) -> None:
        self.file = folder / STOPS if folder else None
        self.at: float | None = None
        self._before: Any = None

    def asked(self) -> bool:
        """Whether the search is to end."""
        return self.at is not None

    def __enter__(self) -> "Interrupt":
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._take)
            if self.file:
                write_text(self.file, f"{os.getpid()}\n")  # regrow: harmless machine: only whom to tell
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        if self.file:
            self.file.unlink(missing_ok=True)

    def _take(self, number: int, frame: FrameType | None) -> None:
        from regrow_experiment.trials import clock

        if self.at is not None and clock() - self.at > AGAIN:
            raise KeyboardInterrupt
        self.at = clock() if self.at is None else self.at
