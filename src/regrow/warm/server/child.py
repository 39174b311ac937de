"""A forked child of the warm server becomes the process that a command would have started in."""

import contextlib
import ctypes
import importlib
import io
import os
import random
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from regrow import cli
from regrow.base import die_with_parent, process_end
from regrow.stage import start

_KEPT: list[object] = []
_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def become(request: Mapping[str, Any], streams: Sequence[int]) -> NoReturn:
    """Run the command of a request, with its streams; never returns."""
    code = 1
    try:
        _take_on(request, streams)
        code = _run()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        process_end.end(code)


def _take_on(request: Mapping[str, Any], streams: Sequence[int]) -> None:
    os.setsid()  # a group of its own, which is killed as a whole
    ctypes.CDLL(None).prctl(die_with_parent.PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, (stream, (name, mode)) in enumerate(zip(streams, _STREAMS, strict=True)):
        os.dup2(stream, number)
        os.close(stream)
        setattr(sys, name, _opened(number, mode))
        setattr(sys, f"__{name}__", getattr(sys, name))
    os.umask(request["mask"])
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    os.environ[start.STARTED] = f"{start.WARM} {os.getpid()}"
    sys.path[:] = request.get("modules", sys.path)
    sys.argv[:] = request["arguments"]
    _show(request["arguments"])
    _forget_folders()
    _reseed()


def _show(arguments: Sequence[str]) -> None:
    """Have `ps` name the command, as it would of a process of its own, where the server's own words leave room."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        told = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        begin, end = int(told[45]), int(told[46])  # where the system reads the words from
        words = "\0".join(["regrow", *arguments[1:]]).encode()[: max(0, end - begin - 1)]
        ctypes.memmove(begin, words.ljust(end - begin, b"\0"), end - begin)


def _opened(number: int, mode: str) -> io.TextIOWrapper:
    errors = "backslashreplace" if number == 2 else "surrogateescape"  # as Python's own
    line = number == 2 or os.isatty(number)
    made = open(number, mode, buffering=1 if line else -1, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
    assert isinstance(made, io.TextIOWrapper)
    return made


def _forget_folders() -> None:
    """List folders anew, as a process that starts does.

    What the server knows of them is kept and not looked at: to touch each of it, be it to free it, costs 2 ms.
    """
    _KEPT.append(sys.path_importer_cache)
    sys.path_importer_cache = {}
    importlib.invalidate_caches()


def _reseed() -> None:
    """Without a seed of its own, a command's random numbers are its own: not those of every other child, too."""
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def _run() -> int:
    try:
        cli.main()
    except SystemExit as stop:
        return process_end.code_of(stop)
    return 0
