"""Pythons, virtual environments and the installers (uv, else pip): found and started here."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from regrow.base.process import TIED

# Whoever calls is inside some environment, of which nothing may leak in; the settings of the machine for
# its package index (UV_*, PIP_*) stay, but for those that change what is installed, or where to.
LEAKS = {
    *("VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "__PYVENV_LAUNCHER__"),
    *("UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_BREAK_SYSTEM_PACKAGES", "UV_PROJECT_ENVIRONMENT", "UV_WORKING_DIRECTORY"),
    *("UV_CONSTRAINT", "UV_OVERRIDE", "UV_EXCLUDE", "UV_EXCLUDE_NEWER", "UV_NO_VERIFY_HASHES", "UV_PREVIEW"),
    *("PIP_PYTHON", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_DRY_RUN"),
    *("PIP_CONSTRAINT", "PIP_REQUIREMENT", "PIP_UPLOADED_PRIOR_TO", "PIP_QUIET", "PIP_VERBOSE", "PIP_LOG"),
}
ASK = "import sys; print('%s %d.%d' % (sys.implementation.name, *sys.version_info[:2]))"


def clean_environment(current: Mapping[str, str]) -> dict[str, str]:
    """Environment variables for an installer, out of `current`; no Python is ever downloaded."""
    kept = {name: value for name, value in current.items() if name not in LEAKS and not name.startswith("PYTHON")}
    return {**kept, "UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def is_python(program: Path, version: str) -> bool:
    """Whether a program runs, and is CPython `version` ("3.11")."""
    done = _ask([str(program), "-I", "-S", "-c", ASK])
    return done.split() == ["cpython", version]


def find_python(version: str) -> Path | None:
    """A Python of `version`: this one if it fits, else python3.X on PATH, else one that uv knows."""
    if version == "{}.{}".format(*sys.version_info[:2]) and sys.implementation.name == "cpython":
        return Path(sys.executable)
    return next((program for program in _candidates(version) if is_python(program, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    """Every one on PATH: the first may be a shim that has no such version."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        if folder and (found := shutil.which(f"python{version}", path=folder)):
            yield Path(found)
    uv = find_uv()
    if uv and (told := _ask([uv, "python", "find", "--no-project", version]).strip()):
        yield Path(told)


def _ask(command: Sequence[str]) -> str:
    """What a command prints, "" if it can't be run, fails or hangs."""
    environment = clean_environment(os.environ)
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def find_uv() -> str | None:
    """The uv of this environment, else the one on PATH, else None."""
    try:
        from uv import find_uv_bin

        return os.fspath(find_uv_bin())
    except (ImportError, OSError):
        return shutil.which("uv")


def make_venv(python: Path, folder: Path) -> list[str]:
    """An empty virtual environment; [] if it was made, else what was said."""
    code, said = run([str(python), "-I", "-m", "venv", "--without-pip", str(folder)], folder.parent, lambda _: None)
    return said or [f"exit code {code}"] if code else []


def link_mode(folder: Path) -> str:
    """How uv is to fill an environment in `folder`: as clones, which share bytes until one is written to, else copies.

    Never as hard links: an edit of one would be an edit of uv's cache, and of every environment. Asked to clone where
    that can't be, uv links.
    """
    clone = "-c" if sys.platform == "darwin" else "--reflink=always"
    with tempfile.TemporaryDirectory(prefix="clone-", dir=folder) as scratch:
        one, other = Path(scratch, "one"), Path(scratch, "other")
        one.write_text("1", encoding="utf-8")
        _ask(["cp", clone, str(one), str(other)])
        return "clone" if other.is_file() and other.stat().st_size else "copy"


def install_commands(python: Path, requirements: Path, links: Path, *, anew: bool = False) -> list[list[str]]:
    """Commands to try in turn, each of which installs a lock with hashes into the environment of `python`.

    uv first asks its own cache alone, so that a warm one needs no index. anew: take nothing from a cache. [] if there
    is neither uv nor pip.
    """
    if uv := find_uv():
        start = [uv, "pip", "sync", "--python", str(python), "--require-hashes", "--compile-bytecode"]
        start += ["--link-mode", link_mode(requirements.parent)]
        places = [
            str(links),
            *filter(None, os.environ.get("UV_FIND_LINKS", "").split(",")),
        ]  # else the first hides them
        end = [*(part for place in places for part in ("--find-links", place)), str(requirements)]
        return [[*start, "--no-cache", "--reinstall", *end]] if anew else [[*start, "--offline", *end], [*start, *end]]
    pip = [sys.executable, "-I", "-m", "pip"]
    if not _ask([*pip, "--version"]):
        return []
    start = [*pip, "--python", str(python), "install", "--no-input", "--progress-bar", "off", "--no-deps"]
    start += ["--no-cache-dir", "--force-reinstall"] if anew else []
    return [[*start, "--require-hashes", "--find-links", str(links), "-r", str(requirements)]]


def run(command: Sequence[str], folder: Path, progress: Callable[[str], None]) -> tuple[int, list[str]]:
    """Run an installer in `folder`, its lines told to `progress` as they come. Returns (exit code, lines)."""
    lines: list[str] = []
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=clean_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            preexec_fn=TIED,
        )
    except OSError as error:
        return 1, [f"{command[0]}: {error.strerror}"]
    with process:
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                progress(lines[-1])
        except BaseException:  # Ctrl-C, too: it must not go on behind our back
            process.kill()
            raise
    return process.returncode, lines
