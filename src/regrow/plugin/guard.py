"""What a stage may touch while it runs: an audit hook that refuses the rest, and what it must leave as it found it.

Python's audit events tell of what Python opens. A file that a compiled library opens by itself (pyarrow's own reader)
is not seen.
"""

import os
import random
import site
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# what libraries read of the machine: devices, fonts, time zones, locales, shared libraries
SYSTEM = (
    *("/dev", "/proc", "/sys", "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share", "/usr/local/share"),
    *("/etc/fonts", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/timezone", "/var/cache/fontconfig"),
    *("/System/Library", "/Library/Fonts", "C:\\Windows\\Fonts"),
)
PROGRAMS = {"fc-list", "lscpu", "sysctl", "system_profiler"}  # matplotlib asks for fonts, joblib for cores
PROCESSES = ("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "pty.spawn")
CHANGES = {
    *("os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"),
    *("os.truncate", "sqlite3.connect"),
}
READS = {"os.listdir", "os.scandir"}
FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC


class RefusedError(PermissionError):
    """A stage touched what it did not declare."""


class Guard:
    """Inside `with guard.on():` files may be read below `readable`, written below `writable`; nothing else is touched.

    `seen` gathers what was refused, also where the stage went on without it.
    """

    def __init__(self, readable: Iterable[str], writable: Iterable[str]) -> None:
        own = [sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages(), site.getusersitepackages()]
        self._writable = _both([*writable, os.devnull])
        self._readable = self._writable | _both([*own, *SYSTEM, *readable])
        self._active = False
        self.seen: dict[str, None] = {}
        sys.addaudithook(self._hear)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Refuse from here on. Bytecode is not written meanwhile: it is Python's doing, not the stage's."""
        before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        self._active = True
        try:
            yield
        finally:
            self._active = False
            sys.dont_write_bytecode = before

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if not self._active:
            return
        wrong = self._judge(event, args)
        if wrong:
            told = f"{wrong} ({place(sys._getframe(1))})"
            self.seen[told] = None
            raise RefusedError(told)

    def _judge(self, event: str, args: tuple[Any, ...]) -> str:
        if event == "open":
            mode, flags = args[1] or "", args[2] or 0
            if set(mode) & set("wax+") or (not mode and flags & FOR_WRITING):
                return self._outside(args[:1], self._writable, "opens {} for writing")
            return self._undeclared(args[0], "reads {}, which it did not declare")
        if event in READS:
            return self._undeclared(args[0] or ".", "lists {}, which it did not declare")
        if event in CHANGES:
            return self._outside(args[:2], self._writable, f"calls {event} on {{}}")
        if event.startswith("socket."):
            return f"uses the network: {event}"
        if event == "subprocess.Popen" or event.startswith(PROCESSES):
            program = os.fsdecode(args[0]) if args and isinstance(args[0], str | bytes | os.PathLike) else ""
            return "" if Path(program).name in PROGRAMS else f"starts a process: {program or event}"
        return ""

    def _undeclared(self, path: Any, said: str) -> str:
        """Libraries look for files in many places; where none is, nothing is read."""
        there = isinstance(path, int) or Path(os.fsdecode(path)).exists()
        return self._outside([path], self._readable, said) if there else ""

    def _outside(self, paths: Iterable[Any], roots: set[str], said: str) -> str:
        for path in paths:
            if not isinstance(path, str | bytes | os.PathLike):  # an open file's number
                continue
            text = os.fsdecode(path)
            if not any(_below(form, roots) for form in _both([text])):
                return said.format(text)
        return ""


def _both(paths: Iterable[str]) -> set[str]:
    """Paths as written and with links followed: packages may be linked to a cache elsewhere."""
    return {form for path in paths for form in (os.path.abspath(path), os.path.realpath(path))}  # noqa: PTH100


def _below(path: str, roots: set[str]) -> bool:
    return path in roots or any(path.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def place(frame: Any) -> str:
    """File, line and function of the innermost code that is neither a library's nor Python's."""
    while frame is not None:
        name = frame.f_code.co_filename
        library = "site-packages" in name or name.startswith(("<", sys.base_prefix + os.sep + "lib", os.__file__[:-5]))
        if not library:
            return f"{Path(name).name}:{frame.f_lineno}, in {frame.f_code.co_name}"
        frame = frame.f_back
    return "in a library"


def global_state() -> dict[str, Any]:
    """What is shared by all code of the process and must be after a call what it was before."""
    state: dict[str, Any] = {
        "os.environ": dict(os.environ),
        "the current folder": str(Path.cwd()),
        "warnings.filters": list(warnings.filters),
        "the global state of random": random.getstate(),
    }
    if "numpy" in sys.modules:
        import numpy as np

        drawn = np.random.get_state(legacy=False)
        state["numpy's global random state"] = repr({**drawn["state"], "key": drawn["state"]["key"].tobytes()})
        state["numpy's error handling"] = np.geterr()
    return state


def reset(state: dict[str, Any]) -> None:
    """Put back what `global_state` told, but random numbers: those begin where no stage would have them begin."""
    os.environ.clear()
    os.environ.update(state["os.environ"])
    os.chdir(state["the current folder"])
    warnings.filters[:] = state["warnings.filters"]  # type: ignore[index]
    random.seed(86_421_357)
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed(86_421_357)
        np.seterr(**state.get("numpy's error handling", {}))
