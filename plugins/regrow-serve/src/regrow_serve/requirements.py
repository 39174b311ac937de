"""requirements.lock of a bundle: the packages that scoring needs, and no others, with the hashes of the project's."""

import re
from collections.abc import Iterable, Sequence

from regrow_serve.sbom import Package

_ENTRY = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)(.*)", re.DOTALL)
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


def lock(packages: Sequence[Package], project: str) -> bytes:
    """One entry a package, as pip takes it. project: the text of the project's lock, whose hashes they get if it has
    every one of them in its version: pip wants hashes for all or for none."""
    hashes = {(name, version): _HASH.findall(rest) for name, version, rest in _entries(project)}
    if without_hashes(packages, project):
        hashes = {}
    lines = []
    for one in packages:
        known = sorted({*hashes.get((one.name, one.version), ())})
        lines.append(" \\\n".join([f"{one.name}=={one.version}", *(f"    --hash={digest}" for digest in known)]))
    return "".join(f"{line}\n" for line in lines).encode()


def without_hashes(packages: Sequence[Package], project: str) -> list[str]:
    """The packages that the project's lock has not, or has in other versions."""
    known = {(name, version) for name, version, rest in _entries(project) if _HASH.search(rest)}
    return [one.name for one in packages if (one.name, one.version) not in known]


def _entries(text: str) -> Iterable[tuple[str, str, str]]:
    for entry in re.sub(r"\\\r?\n", " ", text).splitlines():
        if found := _ENTRY.match(entry):
            name, version, rest = found.groups()
            yield re.sub(r"[-_.]+", "-", name).lower(), version, rest
