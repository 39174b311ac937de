"""What code does to files, network and processes, as Python's audit events tell it: one hook, one set of rules.

`regrow.stage.io.contract` watches a stage with them, and the contract kit (`regrow_testing.guard`) a plugin's examples.
"""

import os
import site
import sys
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

# what libraries read of the machine: devices, fonts, time zones, locales, shared libraries
SYSTEM = (
    *("/dev", "/proc", "/sys", "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share", "/usr/local/share"),
    *("/etc/fonts", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/timezone", "/var/cache/fontconfig"),
    *("/System/Library", "/Library/Fonts", "C:\\Windows\\Fonts"),
)
SHARED_MEMORY = "/dev/shm"  # where joblib hands arrays to its workers  # noqa: S108
SCREEN = (os.devnull, "/dev/fd", "/dev/null", "/dev/stderr", "/dev/stdout", "/dev/tty")
PROGRAMS = {"fc-list", "lscpu", "sysctl", "system_profiler"}  # matplotlib asks for fonts, joblib for cores
PROCESSES = {
    *("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.startfile", "os.system", "pty.spawn"),
    "subprocess.Popen",
}
# event -> where its arguments have a path, and the number of the open folder it is relative to
CHANGES: dict[str, tuple[tuple[int, int], ...]] = {
    **dict.fromkeys(("os.chmod", "os.mkdir"), ((0, 2),)),
    **dict.fromkeys(("os.chown", "os.utime"), ((0, 3),)),
    **dict.fromkeys(("os.remove", "os.rmdir"), ((0, 1),)),
    **dict.fromkeys(("os.link", "os.rename"), ((0, 2), (1, 3))),
    **dict.fromkeys(("os.chflags", "os.removexattr", "os.setxattr", "os.truncate"), ((0, 99),)),
    "os.symlink": ((1, 2),),
}
OF_THE_LINK = {"os.link", "os.remove", "os.rename", "os.rmdir", "os.symlink"}  # do not follow a link at the end
LISTS = {"os.listdir", "os.scandir"}
DATABASE = "sqlite3.connect"
CONNECTS = {
    *("socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostbyaddr", "socket.gethostbyname"),
    *("socket.sendmsg", "socket.sendto"),
}
NETWORK = CONNECTS | {"socket.__new__", "socket.gethostname", "socket.getnameinfo", "socket.getservbyname"}
COMPILED = "regrow.opens"  # raised by regrow.stage.io.arrow for what pyarrow opens by itself
REMOTE = {"abfs", "gcs", "gs", "hdfs", "s3", "viewfs"}  # file systems of pyarrow's own
HEARD = frozenset({"open", DATABASE, COMPILED, *CHANGES, *LISTS, *NETWORK, *PROCESSES})
FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
WORKERS = (f"multiprocessing{os.sep}", f"concurrent{os.sep}futures{os.sep}", f"{os.sep}loky{os.sep}")
PYTHON = str(Path(os.__file__).parent) + os.sep
BACKPORT = f"{os.sep}importlib_metadata{os.sep}"  # once loaded, it answers for Python's own
IMPORTS = ("<frozen importlib", "<frozen zipimport", f"{PYTHON}importlib{os.sep}", f"{PYTHON}pkgutil.py")
STEPS = {
    "codecs.py",
    "pathlib.py",
    "socket.py",
    "subprocess.py",
    "tokenize.py",
    "zipfile.py",
}  # who calls is what counts
LIBRARY = "in a library"
HERE = str(Path(__file__).parents[2]) + os.sep

Listener = Callable[[str, tuple[Any, ...], Any], None]
_listeners: list[Listener] = []
_hooked: list[bool] = []


class RefusedError(PermissionError):
    """A stage touched what it did not declare."""


class Touch(NamedTuple):
    """what: "reads", "lists", "writes", "connects" or "starts". target: a path, host:port or program.

    follow: whether a link at the end of the path is followed.
    """

    what: str
    target: str
    follow: bool = True


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call `listener(event, arguments, the frame it happened in)` for every event in HEARD; what it raises stops it.

    Python can't take a hook away, so there is one, which does nothing while nobody listens.
    """
    if not _hooked:
        _hooked.append(True)
        sys.addaudithook(_hear)
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if _listeners and event in HEARD:
        frame = sys._getframe(1)
        for listener in tuple(_listeners):
            listener(event, args, frame)


def touches(event: str, args: tuple[Any, ...], frame: Any) -> Iterable[Touch]:
    """What an event touches. Files already open, and the workers of joblib and multiprocessing, are nothing new."""
    if event == "open":
        return _opened(*args)
    if event in LISTS:
        return [Touch("lists", folder)] if (folder := _path(args[0]) or _here(args[0])) else ()
    if event == DATABASE:
        return _database(args[0])
    if event in CHANGES:
        return _changed(event, args)
    if event in CONNECTS:
        return () if by_worker(frame) else _connected(event, args)
    if event in PROCESSES:
        return _started(event, args, frame)
    return _compiled(_path(args[0])) if event == COMPILED else ()


def _compiled(path: str) -> Iterable[Touch]:
    """What pyarrow is given: an address, or a path that may be there. Whether it then writes is not told."""
    scheme, _, rest = path.partition("://")
    if rest and scheme in REMOTE:
        return [Touch("connects", path)]
    return [Touch("lists" if os.path.isdir(path) else "reads", path)] if path else ()  # noqa: PTH112


def _opened(path: Any, mode: str | None, flags: int | None) -> Iterable[Touch]:
    if not isinstance(path, str | bytes | os.PathLike):  # an open file's number
        return ()
    write = set(mode) & set("wax+") if mode else (flags or 0) & FOR_WRITING
    return [Touch("writes" if write else "reads", os.fsdecode(path))]


def _database(given: Any) -> Iterable[Touch]:
    """SQLite opens for both; what is there is most likely read."""
    path = _path(given)
    if path.startswith("file:"):
        path = urllib.parse.unquote(urllib.parse.urlsplit(path).path)
    if not path or path == ":memory:":
        return ()
    return [Touch("reads" if os.path.exists(path) else "writes", path)]  # noqa: PTH110


def _changed(event: str, args: tuple[Any, ...]) -> Iterable[Touch]:
    for place, relative_to in CHANGES[event]:
        path = _path(args[place])
        folder = args[relative_to] if relative_to < len(args) else -1
        if path and isinstance(folder, int) and folder >= 0:
            path = os.path.join(_path(folder) or ".", path)  # noqa: PTH118
        there = os.path.lexists(path)
        nothing = there if event == "os.mkdir" else not there and place == 0 and event != "os.symlink"
        if path and not nothing:  # a folder that is there is not made, a file that is not there not removed
            yield Touch("writes", path, event not in OF_THE_LINK)


def _connected(event: str, args: tuple[Any, ...]) -> Iterable[Touch]:
    if event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        host, port = args[0], args[1] if len(args) > 1 else None
    else:
        address = args[1]
        if address is None:
            return ()
        host, port = address[:2] if isinstance(address, tuple) and len(address) > 1 else (address, None)
    host = os.fsdecode(host) if isinstance(host, str | bytes) else str(host or "localhost")
    return [Touch("connects", host if port is None else f"{host}:{port}")]


def _started(event: str, args: tuple[Any, ...], frame: Any) -> Iterable[Touch]:
    words = [word for arg in args for word in (arg if isinstance(arg, list | tuple) else [arg])]
    program = next((os.fsdecode(word) for word in words if isinstance(word, str | bytes | os.PathLike)), event)
    if Path(program).name in PROGRAMS or (by_worker(frame) and program in {sys.executable, "os.fork"}):
        return ()
    return [Touch("starts", program)]


def by_worker(frame: Any) -> bool:
    """Whether multiprocessing, concurrent.futures or joblib's loky does it, for workers of its own."""
    name = _caller(frame)
    return is_library(name) and any(part in name for part in WORKERS)


def by_import(frame: Any) -> bool:
    """Whether Python does it to find modules, or what is said of them."""
    caller = _caller(frame)
    return caller.startswith(IMPORTS) or BACKPORT in caller


def to_show_code(frame: Any) -> bool:
    """Whether Python does it to show a line of code in a warning or a traceback."""
    return _caller(frame) == f"{PYTHON}linecache.py"


def import_at(frame: Any) -> tuple[str, int] | None:
    """File and line of the module that is being imported, the innermost, by what regrow has called; None if none is."""
    while frame is not None and not (file := frame.f_code.co_filename).startswith(HERE):
        if frame.f_code.co_name == "<module>" and file.endswith(".py"):
            return file, frame.f_lineno
        frame = frame.f_back
    return None


def _caller(frame: Any) -> str:
    """The file of the code that did it, or that had a module of Python's do it."""
    while frame is not None and os.path.basename(frame.f_code.co_filename) in STEPS:  # noqa: PTH119
        frame = frame.f_back
    return frame.f_code.co_filename if frame is not None else ""


def _path(given: Any) -> str:
    """A path as text; an open folder's number as the path it has, "" where the system does not tell."""
    if isinstance(given, int):
        try:
            return os.readlink(f"/proc/self/fd/{given}")  # noqa: PTH115
        except OSError:
            return ""
    return os.fsdecode(given) if isinstance(given, str | bytes | os.PathLike) else ""


def _here(given: Any) -> str:
    """No path, to a function that lists, is the current folder."""
    return "" if isinstance(given, int) else "."


def absolute(path: str) -> str:
    """A path from the root on, "" if it is none."""
    try:
        return os.path.abspath(path)  # noqa: PTH100
    except (OSError, ValueError):  # the current folder is gone; a zero byte
        return ""


def real(path: str, follow: bool = True) -> str:
    """A path with links followed, or but for the one at its end."""
    try:
        if follow:
            return os.path.realpath(path)
        folder, name = os.path.split(absolute(path))
        return os.path.join(os.path.realpath(folder), name)  # noqa: PTH118
    except (OSError, ValueError):
        return ""


def both(paths: Iterable[str]) -> set[str]:
    """Paths as written and with links followed: packages may be linked to a cache elsewhere."""
    return {form for path in paths for form in (absolute(path), real(path)) if form}


def below(path: str, roots: Iterable[str]) -> bool:
    """Whether a path is one of the roots or lies below one."""
    return any(path == root or path.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def is_there(touch: Touch) -> bool:
    """Whether there is something to read or list. Libraries look for files in many places; opening no file, and
    opening a folder, reads nothing."""
    try:
        path = Path(touch.target)
        return path.is_dir() if touch.what == "lists" else path.exists() and not path.is_dir()
    except (OSError, ValueError):
        return False


def installed() -> list[str]:
    """The folders of Python and of installed packages."""
    found = [sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages(), site.getusersitepackages()]
    return [*found, *filter(None, [sys.pycache_prefix])]


def is_library(file: str) -> bool:
    """Whether a code's file name is Python's, an installed package's, or regrow's."""
    return "site-packages" in file or file.startswith(("<", sys.base_prefix + os.sep + "lib", PYTHON, HERE))


def place(frame: Any, own: Iterable[str] = (), roots: Iterable[str] = ()) -> str:
    """File, line and function of the innermost code that is no library's, or lies in a folder of `own`.

    The file is relative to the one of `roots` that it lies below, else its name.
    """
    while frame is not None:
        file = frame.f_code.co_filename
        if below(file, own) or not is_library(file):
            root = next((root for root in roots if below(file, [root])), str(Path(file).parent))
            shown = Path(file).relative_to(root).as_posix()
            return f"{shown}:{frame.f_lineno}, in {frame.f_code.co_name}"
        frame = frame.f_back
    return LIBRARY
