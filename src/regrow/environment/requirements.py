"""requirements.lock: which versions it pins for this Python, and which of them are not the ones installed."""

import re
from collections.abc import Iterable

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from regrow import layout
from regrow.base.yaml_files import read_text
from regrow.plugin.distributions import owners
from regrow.plugin.project import Project


def locked_versions(text: str) -> dict[str, str]:
    """Distribution -> version of a requirements file with pins, for this Python and platform."""
    pins: dict[str, str] = {}
    for line in re.sub(r"\\\n", " ", text).splitlines():
        try:
            requirement = Requirement(line.partition(" --hash")[0].partition(" #")[0].strip())
        except InvalidRequirement:
            continue
        pinned = [s.version for s in requirement.specifier if s.operator == "=="]
        if pinned and (requirement.marker is None or requirement.marker.evaluate()):
            pins[canonicalize_name(requirement.name)] = pinned[0]
    return pins


def read_lock(project: Project) -> dict[str, str]:
    """The pins of the project's lock, {} if it has none."""
    file = project.path(layout.REQUIREMENTS)
    return locked_versions(read_text(file, layout.REQUIREMENTS)) if file.is_file() else {}


def other_versions(project: Project, fingerprints: Iterable[str]) -> list[str]:
    """Packages that a fingerprint stands on in another version than the lock's, a line each; others are let be."""
    pins = read_lock(project)
    lines = [line.split(" ") for text in fingerprints for line in text.splitlines()]
    found = {(line[1], line[2]) for line in lines if line[0] == "package"}
    found |= {*owners(line[1].partition(":")[0] for line in lines if line[0] == "code").items()}
    return [f"{name}: locked {pins[name]}, here {here}" for name, here in sorted(found) if pins.get(name, here) != here]
