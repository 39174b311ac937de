"""Run a command of a pipeline in a given folder and environment; it never outlives this process."""

import ctypes
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Started = subprocess.Popen[bytes]
STREAMS = ("stdin", "stdout")
SHELL = "/bin/sh"  # what DVC uses where the user's own does not say otherwise


def run(
    command: Sequence[str] | str,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    begun: Callable[[subprocess.Popen[bytes]], object] = lambda _: None,
) -> int:
    """The exit code. A text is a command line, which a shell reads as it does under DVC; a list is run as it is.

    begun: is given the process.
    """
    arguments = [SHELL, "-c", command] if isinstance(command, str) else list(command)
    with log.open("ab") as stream:
        try:
            process = subprocess.Popen(
                arguments,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                preexec_fn=TIED,
            )
        except OSError as error:
            stream.write(f"{arguments[0]}: {error.strerror}\n".encode())
            return 127
        begun(process)
        try:
            return process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise


def start(
    command: Sequence[str],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    *,
    pipe: str = "",
    files: Sequence[int] = (),
) -> Started:
    """A process in a session of its own, which no Ctrl-C reaches, and which never outlives the thread that began it.

    pipe: "stdin" or "stdout", if that leads here; nobody hears its errors. files: open ones that it gets.
    Raises OSError.
    """
    ends: Mapping[str, Any] = {name: subprocess.PIPE if name == pipe else subprocess.DEVNULL for name in STREAMS}
    return subprocess.Popen(
        list(command),
        cwd=folder,
        env=None if environment is None else dict(environment),
        **ends,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=files,
        preexec_fn=TIED,
    )


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    if _LIBC is not None:
        _LIBC.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


# For subprocess's preexec_fn: on Linux the child is killed when the thread that started it ends, however it ends.
TIED = _die_with_parent if _LIBC is not None else None
