"""The environment of a commit: built from its requirements.lock once for each Python, shared by all replays."""

import hashlib
import json
import os
import platform
import re
import shutil
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from regrow import layout
from regrow.base.atomic import write_text
from regrow.base.errors import Exit, RegrowError
from regrow.base.one_at_a_time import only_one
from regrow.base.user_cache import cache_home, private
from regrow.environment import files
from regrow.environment.records import EditedFile, below
from regrow.environment.requirements import locked_versions
from regrow_history.environment import installer
from regrow_history.environment.install_errors import said_why

ENVIRONMENTS = "environments"
COMPLETE = "complete"  # written last; names the folder that was built and what is in it
USED = "used"  # its date says when
WAIT = 3600.0  # seconds for another process that builds the same one
TOLD = ("Resolved", "Building", "Built", "Downloading", "Collecting", "Prepared", "Installed", "Bytecode")
WHEEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.!+-]*\.whl")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Environment:
    """folder: the virtual environment. python, bin: its interpreter and its programs. built: now, not found.
    seconds: what finding or building it took."""

    folder: Path
    python: Path
    bin: Path
    built: bool
    seconds: float


def locked(
    lock: bytes,
    vendor: Mapping[str, bytes],
    python: str,
    *,
    home: Path | None = None,
    progress: Say | None = None,
) -> Environment:
    """The environment that a requirements.lock and the wheels beside it make, with Python `python` ("3.11").

    vendor: file name -> bytes. home: where environments are kept, `cache_home()` by default. Raises RegrowError:
    UNSAFE for a wheel or lock that can't be trusted, ENVIRONMENT where Python, an installer or a package can't be had,
    BUSY when another process builds it for an hour, FAILURE for a full disk.
    """
    started = time.monotonic()
    say = progress or (lambda line: None)
    _check(lock, vendor, python)
    root = private((private(home) if home else cache_home()) / ENVIRONMENTS)
    place = root / key(lock, vendor, python)
    found = _find(place, python, say)
    built = False
    if found is None:
        with _alone(place, say):
            found = _find(place, python, say)  # the one that was waited for may have made it
            built = found is None
            found = found or _build(place, lock, vendor, python, say)
    _mark_used(place)
    return Environment(found, _python(found), _programs(found), built, time.monotonic() - started)


def key(lock: bytes, vendor: Mapping[str, bytes], python: str) -> str:
    """What an environment is told from others by: lock, wheels, Python, platform."""
    libc = "-".join(platform.libc_ver()[:1])  # wheels for glibc are not those for musl
    wheels = sorted((name, _sha256(data)) for name, data in vendor.items())
    said = json.dumps([_sha256(lock), wheels, python, sysconfig.get_platform(), libc])
    return _sha256(said.encode())[:40]


def clean(keep_days: float, *, home: Path | None = None) -> list[str]:
    """Remove the environments that nothing used for `keep_days` days; returns their keys. Unfinished ones go, too."""
    root = (home or cache_home()) / ENVIRONMENTS
    oldest = time.time() - keep_days * 86400
    removed = []
    for place in sorted(root.iterdir()) if root.is_dir() else ():
        if not place.is_dir() or _last_used(place) > oldest:
            continue
        try:
            with only_one(_lock_file(place), "cleaning environments", ""):
                (place / COMPLETE).unlink(missing_ok=True)  # first, so that the rest is never taken for whole
                shutil.rmtree(place, ignore_errors=True)
        except RegrowError:
            continue  # being built
        removed.append(place.name)
    return removed


def _check(lock: bytes, vendor: Mapping[str, bytes], python: str) -> None:
    """Refuse what would make the environment depend on more than lock and wheels, or can't work at all."""
    text = lock.decode("utf-8", "replace")
    for number, line in enumerate(re.sub(r"\\\r?\n", "  ", text).splitlines(), 1):
        if line.lstrip().startswith("-"):
            wrong = f"holds an option ({line.split()[0]!r}, requirement {number}): a lock names packages only"
            raise RegrowError(wrong, where=layout.REQUIREMENTS, fix="write it with: make lock", code=Exit.UNSAFE)
    pinned = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", text))
    for name, data in sorted(vendor.items()):
        if not WHEEL.fullmatch(name):
            raise RegrowError(f"{name!r} is not the name of a wheel", where=layout.VENDOR, code=Exit.UNSAFE)
        if _sha256(data) not in pinned:
            wrong = f"is not one that {layout.REQUIREMENTS} pins: its sha256 is {_sha256(data)}"
            fix = "it was changed, or belongs to another lock: git log -- vendor requirements.lock"
            raise RegrowError(wrong, where=f"{layout.VENDOR}/{name}", fix=fix, code=Exit.UNSAFE)
    if not re.fullmatch(r"\d+\.\d+", python):
        raise RegrowError(f"{python!r} is not a version of Python", where="fingerprints", code=Exit.ENVIRONMENT)
    if "regrow" not in locked_versions(text):
        wrong = "pins no regrow, so nothing could run a stage"
        fix = "to replay with the packages that are here: --env current"
        raise RegrowError(wrong, where=layout.REQUIREMENTS, fix=fix, code=Exit.ENVIRONMENT)


def _find(place: Path, python: str, say: Say) -> Path | None:
    """The finished environment in `place`, if it is there, each file is as its package recorded it, and it runs."""
    try:
        told = json.loads((place / COMPLETE).read_text(encoding="utf-8"))
        folder = place / Path(str(told["folder"])).name
        wrong = files.differences(below(folder)) if told["own"] is True else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if wrong:
        say(f"the environment that was built before is not used: {wrong[0]}")
    runs = wrong == [] and _regrow(folder).is_file() and installer.is_python(_python(folder), python)
    return folder if runs else None


def _build(place: Path, lock: bytes, vendor: Mapping[str, bytes], python: str, say: Say) -> Path:
    """Build it in a folder of its own: what an orphan of an attempt that was killed still writes is no part of it."""
    program = installer.find_python(python)
    if program is None:
        wrong = f"the commit ran on Python {python}, and none was found here"
        fix = f"install python{python} so that it is on PATH, or replay with what is here: --env current"
        raise RegrowError(wrong, where="environment", fix=fix, code=Exit.ENVIRONMENT)
    say(f"building the environment of {layout.REQUIREMENTS} for Python {python}, once")
    try:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="build-", dir=place))
        with tempfile.TemporaryDirectory(prefix="from-", dir=place) as inputs:
            _install(folder, Path(inputs), lock, vendor, program, say)
        told = {"folder": folder.name, "own": True, "lock": _sha256(lock), "python": python}  # no file is another's
        write_text(place / COMPLETE, json.dumps(told, sort_keys=True) + "\n")
    except BaseException as error:  # Ctrl-C, too
        shutil.rmtree(place, ignore_errors=True)
        if isinstance(error, OSError):
            raise said_why([str(error)], place) from None
        raise
    return folder


def _install(folder: Path, inputs: Path, lock: bytes, vendor: Mapping[str, bytes], program: Path, say: Say) -> None:
    (inputs / layout.REQUIREMENTS).write_bytes(lock)
    (inputs / layout.VENDOR).mkdir()
    for name, data in vendor.items():
        (inputs / layout.VENDOR / name).write_bytes(data)
    if said := installer.make_venv(program, folder):
        raise said_why(said, folder.parent)
    if lines := _run_installer(folder, inputs, say):
        raise said_why(lines, folder.parent, vendor)
    if wrong := _held(folder):
        say(f"the installer's cache holds a file that was edited, so packages are fetched anew: {wrong[0]}")
        lines = _run_installer(folder, inputs, say, anew=True)
        if lines or (wrong := _held(folder)):
            raise _edited(wrong, said_why(lines, folder.parent) if lines else None)
    if not _regrow(folder).is_file():
        raise RegrowError("brings no command `regrow`", where=layout.REQUIREMENTS, code=Exit.ENVIRONMENT)


def _run_installer(folder: Path, inputs: Path, say: Say, *, anew: bool = False) -> list[str]:
    """What it said if it failed, else []."""
    commands = installer.install_commands(
        _python(folder), inputs / layout.REQUIREMENTS, inputs / layout.VENDOR, anew=anew
    )
    if not commands:
        fix = "install uv where regrow is: pip install uv"
        raise RegrowError("there is neither uv nor pip", where="environment", fix=fix, code=Exit.ENVIRONMENT)
    lines: list[str] = []
    for command in commands:
        code, lines = installer.run(command, inputs, lambda line: say(line.strip()) if _is_progress(line) else None)
        if code == 0:
            return []
    return lines or ["without a word"]


def _held(folder: Path) -> list[EditedFile]:
    """What was installed, held against what its packages recorded."""
    return files.differences(below(folder), new=True)


def _edited(wrong: list[EditedFile], reason: RegrowError | None) -> RegrowError:
    """An environment would hold what nobody published."""
    what = "the installer's cache holds files that were edited:" if reason else "packages are not as they say:"
    text = "\n  ".join([what, *files.told(wrong)])
    text += f"\n  and they can't be had anew: {reason.problems[0].wrong}" if reason else ""
    fix = f"clear that cache: uv cache clean {' '.join(sorted({one.package for one in wrong if one.package}))}"
    return RegrowError(text, where="environment", fix=fix, code=Exit.ENVIRONMENT)


def _is_progress(line: str) -> bool:
    """Not what a first attempt complains of: a second one may go well."""
    return line.lstrip().startswith(TOLD)


@contextmanager
def _alone(place: Path, say: Say) -> Iterator[None]:
    """While this process is the one that builds in `place`; another one is waited for, which is said."""
    what, fix = "building this environment", "wait for it, or end it, and try again"
    with ExitStack() as held:
        try:
            held.enter_context(only_one(_lock_file(place), what, fix))
        except RegrowError:
            say("waiting for another process that builds the same environment")
            held.enter_context(only_one(_lock_file(place), what, fix, wait=WAIT))
        yield


def _lock_file(place: Path) -> Path:
    return place.with_name(f"{place.name}.lock")


def _mark_used(place: Path) -> None:
    with suppress(OSError):  # where it can only be read, it still serves
        (place / USED).touch()


def _last_used(place: Path) -> float:
    file = place / USED
    return (file if file.exists() else place).stat().st_mtime


def _programs(folder: Path) -> Path:
    return folder / ("Scripts" if os.name == "nt" else "bin")


def _python(folder: Path) -> Path:
    return _programs(folder) / ("python.exe" if os.name == "nt" else "python")


def _regrow(folder: Path) -> Path:
    return _programs(folder) / ("regrow.exe" if os.name == "nt" else "regrow")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
