"""How many claims of a commit are proven, broken, or neither, kind by kind."""

from collections.abc import Iterable, Mapping, Sequence

from regrow.record.commit_record import Recorded
from regrow.verify.claims import Claim
from regrow.verify.findings import (
    CODE,
    DECLARED,
    INPUTS,
    OBJECTS,
    OUTPUTS,
    SETTINGS,
    STAGES,
    SWORN,
    WHEELS,
    Discrepancy,
    Level,
    Proof,
)


def proofs_of(
    recorded: Recorded, claims: Sequence[Claim], totals: Mapping[str, int], findings: Iterable[Discrepancy]
) -> dict[str, Proof]:
    """Kind -> proof. totals: how many claims were looked at, of the kinds that are not of files."""
    found = list(findings)
    of_files = [one for one in found if not one.kind]
    proofs = {OBJECTS: _of_kind(OBJECTS, len(recorded.held) + 2, found)}  # with the commit, and its top folder
    for kind, is_input in ((INPUTS, True), (OUTPUTS, False)):
        proofs[kind] = _of_claims([one for one in claims if (one.owner == "input") is is_input], of_files)
    return proofs | {
        kind: _of_kind(kind, totals.get(kind, 0), found) for kind in (SWORN, SETTINGS, STAGES, CODE, WHEELS, DECLARED)
    }


def _of_kind(kind: str, total: int, findings: Iterable[Discrepancy]) -> Proof:
    found = [one for one in findings if one.kind == kind]
    broken = len({(one.path, one.wrong) for one in found if one.level is Level.MISMATCH})
    unknown = len({(one.path, one.wrong) for one in found if one.level in {Level.MISSING, Level.UNPROVEN}})
    return Proof(max(total - broken - unknown, 0), broken, unknown)


def _of_claims(claims: Sequence[Claim], found: Sequence[Discrepancy]) -> Proof:
    levels = [_worst(claim, found) for claim in claims]
    broken, unknown = levels.count(Level.MISMATCH), levels.count(Level.MISSING) + levels.count(Level.UNPROVEN)
    return Proof(len(levels) - broken - unknown, broken, unknown)


def _worst(claim: Claim, found: Iterable[Discrepancy]) -> Level:
    """Of what was found about a file or folder, or below it."""
    about = {one.level for one in found if one.path == claim.path or one.path.startswith(f"{claim.path}/")}
    return next((level for level in Level if level in about), Level.NOTE)
