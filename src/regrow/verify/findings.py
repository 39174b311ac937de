"""What verify found: data first; the command line makes text of it."""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from regrow.base.errors import Exit

GIT = "Git"
WORKSPACE = "workspace"
OBJECTS, INPUTS, OUTPUTS, SWORN = "Git objects", "inputs", "outputs", "sha256 statements"
SETTINGS, STAGES, CODE, WHEELS = "settings", "commands and dependencies", "code of fingerprints", "lock and wheels"
UNCOMPARED = " can't be compared: "  # between a unit of code and the reason
NAMED = 3  # units of a package that differ in text
DECLARED = "declared inputs alone"  # a stage touched nothing else, and its code asks neither clock nor chance


class Level(StrEnum):
    """How bad it is. UNPROVEN: a claim that could be neither proven nor broken. A note changes no exit code."""

    MISMATCH = "mismatch"
    MISSING = "missing"
    UNPROVEN = "not proven"
    NOTE = "note"


@dataclass(frozen=True)
class Discrepancy:
    """One thing that is not as recorded. place: Git, workspace, cache, a remote, or the file that contradicts.
    path: of the input or output. recorded, actual: hashes or values, "" if none. set_aside: where a corrupt object
    went, "" if nowhere. kind: of the claim, "" where an input or output is meant. unit: of code, "module:name"."""

    level: Level
    place: str
    path: str
    wrong: str
    recorded: str = ""
    actual: str = ""
    fix: str = ""
    set_aside: str = ""
    kind: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Proof:
    """How many claims of one kind turned out to be what."""

    proven: int = 0
    broken: int = 0
    not_proven: int = 0


@dataclass(frozen=True)
class Count:
    """What was hashed in one place. size: bytes."""

    files: int = 0
    size: int = 0


@dataclass(frozen=True)
class Report:
    """commit: full name. places: place -> what was hashed there. sha256: how many paths were compared by it too.
    claims: kind -> how many of them are proven."""

    commit: str
    places: Mapping[str, Count] = field(default_factory=dict)
    findings: tuple[Discrepancy, ...] = ()
    sha256: int = 0
    claims: Mapping[str, Proof] = field(default_factory=dict)

    @property
    def code(self) -> Exit:
        """MISMATCH before DATA_MISSING before NOT_PROVEN before OK."""
        levels = {finding.level for finding in self.findings}
        if Level.MISMATCH in levels:
            return Exit.MISMATCH
        if Level.MISSING in levels:
            return Exit.DATA_MISSING
        return Exit.NOT_PROVEN if Level.UNPROVEN in levels else Exit.OK

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "commit": self.commit,
            "exit_code": int(self.code),
            "findings": [{**asdict(finding), "level": str(finding.level)} for finding in self.findings],
            "places": {place: asdict(count) for place, count in self.places.items()},
            "sha256_compared": self.sha256,
            "claims": {kind: asdict(proof) for kind, proof in self.claims.items()},
        }


def by_package(findings: Iterable[Discrepancy]) -> list[Discrepancy]:
    """For reading: units of one package that differ for one reason are one finding, where the first of them stood."""
    groups: dict[object, list[Discrepancy]] = {}
    for number, one in enumerate(findings):
        package = one.unit.partition(":")[0].partition(".")[0]
        key = (one.level, package, one.wrong.partition(UNCOMPARED)[2]) if package else number
        groups.setdefault(key, []).append(one)
    return [_together(group) if len(group) > 1 else group[0] for group in groups.values()]


def _together(group: list[Discrepancy]) -> Discrepancy:
    first, units = group[0], list(dict.fromkeys(one.unit for one in group))
    more = f" and {len(units) - NAMED} more (--json names all)" if len(units) > NAMED else ""
    named = ", ".join(units[:NAMED]) + more
    stages = list(dict.fromkeys(one.place.rpartition("/")[2].removesuffix(".lock") for one in group))
    ran = f"stage{'s' * (len(stages) > 1)} {', '.join(stages)}"
    package = units[0].partition(":")[0].partition(".")[0]
    said = f"{len(units)} units of code of {package}" if len(units) > 1 else units[0]
    _, uncompared, why = first.wrong.partition(UNCOMPARED)
    if uncompared:
        wrong = f"{said}, for {ran},{UNCOMPARED}{why}: {named}"
    else:
        wrong = f"{ran} ran on other code than the commit has: {said}"
        wrong += f": {named}" if len(units) > 1 else ""
    path = first.path if len({one.path for one in group}) == 1 else posixpath.commonpath([one.path for one in group])
    return replace(first, path=path, place=posixpath.dirname(first.place), wrong=wrong, recorded="", actual="")
