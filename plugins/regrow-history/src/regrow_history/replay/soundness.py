"""Whether the record that is replayed is itself sound: a replay that agrees with a forged record proves nothing."""

from collections.abc import Iterable
from pathlib import Path

from regrow.base.errors import Problem
from regrow.record.commit_record import Recorded
from regrow.verify.check import verify
from regrow.verify.findings import DECLARED, GIT, WORKSPACE, Discrepancy, Level


def judged(root: Path, recorded: Recorded) -> tuple[list[Problem], list[Problem]]:
    """(What contradicts the commit's record, what of it can be neither proven nor broken): in the commit, in the cache,
    and, where it is checked out, in its results.

    Edits of code and settings in the work tree are no part of the commit, and are let be. Nothing is changed.
    """
    # the replay makes fingerprints anew, so the code is not read here
    found = [
        finding
        for finding in verify(root, recorded.commit, set_aside=False, reads_code=False).findings
        if finding.kind != DECLARED  # the replay watches its stages itself
    ]
    unsound, unproven = (_of_the_commit(found, level, recorded) for level in (Level.MISMATCH, Level.UNPROVEN))
    # a recorded output may be gone, as it comes again; what the commit itself lacks, such as a wheel, does not
    lacking = [finding for finding in found if finding.level is Level.MISSING and finding.place == GIT]
    return [_problem(finding) for finding in [*unsound, *lacking]], [_problem(finding) for finding in unproven]


def _of_the_commit(findings: Iterable[Discrepancy], level: Level, recorded: Recorded) -> Iterable[Discrepancy]:
    wrong = [finding for finding in findings if finding.level is level]
    here = [finding for finding in wrong if WORKSPACE in finding.place]
    kept = {*recorded.makers, *(entry.path for entry in recorded.inputs)}
    another_run = any(finding.path not in kept and finding.path.endswith(("dvc.lock", ".dvc")) for finding in here)
    for finding in wrong:
        if finding not in here or (not another_run and _below(finding.path, kept)):
            yield finding


def _below(path: str, kept: Iterable[str]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in kept)


def _problem(finding: Discrepancy) -> Problem:
    told = f"{finding.wrong} ({finding.place})" if finding.place not in finding.wrong else finding.wrong
    if finding.recorded or finding.actual:
        told += f": recorded {finding.recorded or 'nothing'}, found {finding.actual or 'nothing'}"
    return Problem(told, finding.path, finding.fix)
