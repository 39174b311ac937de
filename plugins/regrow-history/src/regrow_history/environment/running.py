"""Whether the environment of this process is one that a lock makes, so that none has to be built."""

import csv
import io
import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.utils import canonicalize_name, parse_wheel_filename

from regrow import layout
from regrow.environment import files
from regrow.environment.records import here
from regrow.environment.requirements import locked_versions

SEEDS = {"pip"}  # what `python -m venv` puts there, and no stage imports


def unlike_lock(lock: bytes, vendor: Mapping[str, bytes], python: str) -> list[str]:
    """Why this environment does not stand for the one that `lock`, the wheels of `vendor` (file name -> bytes) and
    Python `python` ("3.11") make; [] if it does.

    Compared are Python, the names and versions of all packages, where they came from, each file with what its package
    recorded, and what a wheel of `vendor` records with what is installed. A lock pins several archives of a version
    (one a platform), and an installed package does not say which of them it was: that is not compared.
    """
    place = here()
    own = "{}.{}".format(*sys.version_info[:2])
    if own != python or sys.implementation.name != "cpython":
        return [f"it has Python {own}, not {python}"]
    if not place.is_virtual:
        return ["it is not a virtual environment"]
    found: dict[str, Distribution] = {}
    for one in distributions(path=[*map(str, reversed(place.sites))]):
        found[canonicalize_name(one.name)] = one
    if wrong := [*_versions(locked_versions(lock.decode("utf-8", "replace")), found), *_origins(found, lock.decode())]:
        return wrong
    if wrong := list(_wheels(vendor, found)):
        return wrong
    return files.told(files.differences(place))


def _versions(pins: Mapping[str, str], found: Mapping[str, Distribution]) -> Iterator[str]:
    for name in sorted(pins.keys() | (found.keys() - SEEDS)):
        here_, locked = found[name].version if name in found else "not installed", pins.get(name, "not locked")
        if here_ != locked:
            yield f"{name}: locked {locked}, here {here_}" if name in pins else f"{name} is here, and not locked"


def _origins(found: Mapping[str, Distribution], lock: str) -> Iterator[str]:
    """Packages from a folder or an address, whose code may be any, but for archives that the lock pins."""
    for name, one in sorted(found.items()):
        if said := one.read_text("direct_url.json"):
            try:
                digest = json.loads(said)["archive_info"]["hashes"]["sha256"]
            except (ValueError, KeyError, TypeError):
                digest = ""
            if not digest or f"sha256:{digest}" not in lock:
                yield f"{name} was not installed from what {layout.REQUIREMENTS} pins"


def _wheels(vendor: Mapping[str, bytes], found: Mapping[str, Distribution]) -> Iterator[str]:
    """Wheels beside the lock whose files are not those that are installed: one version may have been built twice."""
    for file, data in sorted(vendor.items()):
        name = parse_wheel_filename(file)[0]
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            (record,) = (path for path in archive.namelist() if path.endswith(".dist-info/RECORD"))
            wanted = _rows(archive.read(record).decode("utf-8", "replace"))
        if name in found and not wanted <= _rows(found[name].read_text("RECORD") or ""):
            yield f"{name} was not installed from {layout.VENDOR}/{file}"


def _rows(record: str) -> set[tuple[str, str]]:
    """(file, hash) of what a RECORD names; not what an installer puts in other places, or writes anew."""
    rows = (row for row in csv.reader(record.splitlines()) if len(row) > 1 and row[1])
    return {(row[0], row[1]) for row in rows if ".data/" not in row[0] and Path(row[0]).name != "INSTALLER"}
