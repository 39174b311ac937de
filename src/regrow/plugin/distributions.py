"""What is installed, as import finds it: versions, requirements, and which distribution brings a module."""

import importlib.metadata
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, EntryPoint

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

MODULE = re.compile(r'(?m)^"?([^",\n]+\.(?:py|so|pyd))"?,')


@dataclass(frozen=True)
class Installed:
    """A distribution. name: canonical. tops: what it lets one import. requires: as it says it."""

    name: str
    version: str
    tops: frozenset[str]
    requires: tuple[str, ...]
    entry_points: tuple[EntryPoint, ...]


def distributions() -> Iterator[Installed]:
    """All, in the order of sys.path; one may be there twice, and the first counts.

    What a folder holds is read once in a process: without parsing metadata as mail and making a path object of every
    file, as importlib.metadata does, which takes seven times as long.
    """
    for folder in dict.fromkeys(sys.path):
        try:
            changed = os.stat(folder or os.curdir).st_mtime_ns  # noqa: PTH116 - of every folder, each time
        except OSError:
            continue
        yield from _in(folder, changed)


def distribution(name: str) -> Installed | None:
    """The one of that name, or None."""
    wanted = canonicalize_name(name)
    return next((one for one in distributions() if one.name == wanted), None)


def owners(modules: Iterable[str]) -> dict[str, str]:
    """The distributions that bring these modules, or plugins in their packages -> their versions; regrow's apart."""
    tops = {module.partition(".")[0] for module in modules} - {"regrow"}
    return {
        one.name: one.version
        for one in reversed(list(distributions()))
        if tops & {*one.tops, *(entry.value.partition(":")[0].partition(".")[0] for entry in one.entry_points)}
    }


@cache
def needs(one: Installed) -> tuple[str, ...]:
    """The canonical names of what it requires in this environment, extras apart."""
    found = []
    for text in one.requires:
        try:
            needed = Requirement(text)
        except InvalidRequirement:
            continue
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            found.append(canonicalize_name(needed.name))
    return tuple(found)


@cache
def _in(folder: str, _changed: int) -> tuple[Installed, ...]:
    found = importlib.metadata.distributions(path=[folder])
    return tuple(made for one in found if (made := _read(one)))


def _read(found: Distribution) -> Installed | None:
    head = (found.read_text("METADATA") or found.read_text("PKG-INFO") or "").partition("\n\n")[0]
    said = {key: value for key in ("Name", "Version") for value in re.findall(rf"(?m)^{key}: *(\S+)", head)[:1]}
    if len(said) < 2:
        return None
    requires = re.findall(r"(?m)^Requires-Dist: *(.+)$", head)
    if found.read_text("METADATA") is None:  # an egg keeps them elsewhere
        requires = found.requires or []
    points = tuple(found.entry_points) if found.read_text("entry_points.txt") else ()
    return Installed(canonicalize_name(said["Name"]), said["Version"], frozenset(_tops(found)), tuple(requires), points)


def _tops(found: Distribution) -> set[str]:
    """What it says, else what its list of files shows."""
    if said := (found.read_text("top_level.txt") or "").split():
        return set(said)
    files = MODULE.findall(found.read_text("RECORD") or "")
    return {file.partition("/")[0].partition(".")[0] for file in files} - {""}
