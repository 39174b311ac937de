"""Who runs the commands of DVC's stages in this process: DVC through a shell, or somebody else in its stead."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base import process

End = Callable[[], None]
# (command, folder, environment, is told what ends it) -> its exit code, None if DVC is to run it
Execute = Callable[[str, str, Mapping[str, str], Callable[[End], None]], int | None]
INTERRUPTED = 130  # as a shell says it


@dataclass
class Running:
    """What somebody else runs now, which Ctrl-C does not reach by itself. interrupted: it was ended so. asked: a stage
    that ends well by itself was told to, once."""

    ends: list[End] = field(default_factory=list)
    interrupted: bool = False
    folder: str = "."
    asked: bool = False

    def interrupt(self, *_: Any) -> None:
        """End all of it; a handler of signals. What can end well is asked to, the first time."""
        if not self.asked and (told := _ask(Path(self.folder))):
            self.asked = told
            return
        self.interrupted = True
        for end in list(self.ends):
            end()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Ctrl-C ends what runs, and is otherwise left to it, as DVC leaves it to a stage; in the main thread alone."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self.interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def _ask(root: Path) -> bool:
    """Tell a stage that named its process in `layout.STOPS` to end with what it has; whether there is one."""
    told = False
    for file in root.glob(layout.STOPS):
        with contextlib.suppress(OSError, ValueError):
            os.kill(int(file.read_text(encoding="ascii")), signal.SIGINT)
            told = True
    return told


@contextmanager
def taken_over(execute: Execute) -> Iterator[None]:
    """Inside, `execute` is asked first to run what DVC would run."""
    from dvc.stage import run
    from dvc.stage.exceptions import StageCmdFailedError

    plain, running = run._run, Running()

    def instead(executable: Any, cmd: str, **options: Any) -> None:
        ended: list[End] = []

        def begun(end: End) -> None:
            ended.append(end)
            running.ends.append(end)
            if running.interrupted:
                end()

        running.folder, running.asked = str(options["cwd"]), False
        with running.listening():
            try:
                code = execute(cmd, str(options["cwd"]), options["env"], begun)
            finally:
                for end in ended:
                    running.ends.remove(end)
        if running.interrupted:
            code = INTERRUPTED
        if code is None:
            plain(executable, cmd, **options, preexec_fn=process.TIED)  # what nobody waits for would go on writing
        elif code:
            raise StageCmdFailedError(cmd, code)

    run._run = instead
    try:
        yield
    finally:
        run._run = plain
