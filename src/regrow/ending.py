"""The end of a process, without taking apart what it has imported."""

import atexit
import os
import sys
import threading
from typing import NoReturn


def end(code: int) -> NoReturn:
    """As Python ends, but for taking apart its modules one by one, which the system does quicker."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def code_of(stop: SystemExit) -> int:
    """The exit code that it means."""
    return int(stop.code or 0) if isinstance(stop.code, int | None) else 1
