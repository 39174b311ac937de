"""The end of a process, without taking apart what it has imported."""

import atexit
import contextlib
import os
import sys
import threading
from typing import NoReturn


def end(code: int) -> NoReturn:
    """As Python ends, but for taking apart its modules one by one, which the system does quicker.

    What could not be written is told, and makes a success a failure.
    """
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        code = code if _flushed() else code or 1
    finally:
        os._exit(code)


def _flushed() -> bool:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
        if sys.stderr is not None:
            sys.stderr.flush()
    except BrokenPipeError:
        return False  # its reader has gone, and wants to hear no more
    except (OSError, ValueError) as error:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(f"regrow: {getattr(error, 'strerror', None) or error}\n")
            sys.stderr.flush()
        return False
    return True


def code_of(stop: SystemExit) -> int:
    """The exit code that it means."""
    return int(stop.code or 0) if isinstance(stop.code, int | None) else 1
