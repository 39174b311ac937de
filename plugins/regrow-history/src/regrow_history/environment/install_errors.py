"""What an installer said when it failed, as one error that names the package and what to do."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from regrow import layout
from regrow.base.errors import Exit, RegrowError

NAME = r"([A-Za-z0-9][\w.-]*(?:==[\w.!+-]+)?)"
PACKAGE = re.compile(
    rf"(?:Hash mismatch for `|Failed to (?:download|build|install|fetch|read)[^`]*`|satisfies the requirement |"
    rf"No matching distribution found for |Because (?:there is no version of )?|Failed building wheel for |"
    rf"Failed to fetch: \S+/simple/){NAME}"
)
INSTALLED = re.compile(rf"Failed to install: \S+ \({NAME}\)")
PIP_HASH = re.compile(rf"^\s+{NAME} from .*:$", re.MULTILINE)
FULL = re.compile(r"No space left on device|Disk quota exceeded|There is not enough space|os error 28\b|Errno 28\b")
HASH = re.compile(r"Hash mismatch|DO NOT MATCH THE HASHES")
NETWORK = re.compile(
    r"dns error|error sending request|client error|NewConnectionError|ConnectTimeout|timed out|"
    r"Network is unreachable|network was disabled|Connection (?:refused|reset)|name resolution",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"`?\b[a-z][a-z+]*://[^\s`)]+`?")  # may hold a password, and is no use to who reads it


def said_why(lines: Sequence[str], place: Path, vendor: Iterable[str] = ()) -> RegrowError:
    """The error for what an installer printed while it built in `place`. vendor: wheels that lay beside the lock."""
    text = "\n".join(lines)
    package = _package(text)
    if FULL.search(text):
        fix = "free some, or set REGROW_HOME to a folder on another disk, and run the same command again"
        return RegrowError("there is no space left to build the environment", where=str(place.parent), fix=fix)
    if HASH.search(text):
        wrong = f"{package or 'a package'} was offered with other bytes than are pinned, and was not installed"
        fix = "the package index that this machine uses has changed it, or the lock was changed: see git log -- " + (
            layout.REQUIREMENTS
        )
        return RegrowError(wrong, where=layout.REQUIREMENTS, fix=fix, code=Exit.UNSAFE)
    if NETWORK.search(text):
        wrong = f"{package or 'a package'} is not in the installer's cache, and the package index can't be reached"
        fix = "connect to it (its settings are uv's and pip's own) and run the same command again,\n"
    else:
        wrong = f"{package or 'a package'} can't be installed: {_last(lines)}"
        fix = "give the installer a folder or an index that has it (UV_FIND_LINKS, UV_INDEX; without uv PIP_...),\n"
    fix += "or replay with the packages that are here: --env current"
    name = package.partition("==")[0]
    if name and canonicalize_name(name) not in {canonicalize_name(file.partition("-")[0]) for file in vendor}:
        wrong += f"\n  the lock pins it, and there is no wheel of it in the commit's {layout.VENDOR}/"
        wrong += " (Git may have been told to ignore it)"
    return RegrowError(wrong, where=layout.REQUIREMENTS, fix=fix, code=Exit.ENVIRONMENT)


def _package(text: str) -> str:
    """The package an installer complains of, "" if it names none."""
    for pattern in (INSTALLED, PIP_HASH, PACKAGE):
        if found := pattern.search(text):
            return found[1]
    return ""


def _last(lines: Sequence[str]) -> str:
    """The innermost reason, on one line and without addresses."""
    said = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith(("hint", "[notice]"))]
    reasons = [line for line in said if line.startswith(("cause:", "error:", "ERROR:"))]
    text = (reasons or said or ["without a word"])[-1].removeprefix("cause:").strip()
    return ADDRESS.sub("(an address)", text)[:300]
