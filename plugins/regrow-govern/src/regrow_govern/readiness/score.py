"""All tests of the rubric for a project, and its score."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from regrow import RegrowError
from regrow.compile.pipeline import Pipeline
from regrow.plugin.project import Project
from regrow.tools import git
from regrow_govern.readiness import notes
from regrow_govern.readiness.case import Case, Evidence, LackingError
from regrow_govern.readiness.rubric import SECTIONS, Test, tests

AUTOMATIC, BY_HAND, NO = "automatic", "by hand", "no"
POINTS = {AUTOMATIC: 1.0, BY_HAND: 0.5, NO: 0.0}
#: what the evidence of a project may fail with, when it is not what it should be
FAULTS = (LackingError, RegrowError, ValueError, KeyError, TypeError, AttributeError, OSError)


@dataclass(frozen=True)
class Verdict:
    """One test, and what there is."""

    test: Test
    #: automatic, by hand or no
    status: str
    #: what shows it, or what is missing
    said: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Readiness:
    """All of them."""

    commit: str
    today: datetime.date
    verdicts: tuple[Verdict, ...]

    def points(self, section: str) -> float:
        """Of seven."""
        return sum(POINTS[one.status] for one in self.verdicts if one.test.section == section)

    @property
    def score(self) -> float:
        """The least of the four sections."""
        return min(map(self.points, SECTIONS))

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "commit": self.commit,
            "day": self.today.isoformat(),
            "score": self.score,
            "sections": {section: self.points(section) for section in SECTIONS},
            "tests": [_told(one, self.today) for one in self.verdicts],
        }


def _told(one: Verdict, today: datetime.date) -> Mapping[str, Any]:
    evidence = [
        {
            "path": e.path,
            "artifact": e.artifact,
            "sha256": e.sha256,
            "day": e.day.isoformat(),
            "age": (today - e.day).days,
        }
        for e in one.evidence
    ]
    made = {"test": one.test.key, "asks": one.test.asks, "status": one.status, "said": one.said, "evidence": evidence}
    return made if one.status == AUTOMATIC else {**made, "fix": one.test.fix}


def assess(project: Project, today: datetime.date) -> Readiness:
    """Of HEAD, as it lies here. Raises RegrowError where nothing is committed, for broken plugins and settings, and for
    notes that are none."""
    commit = git.resolve(project.root, "HEAD")
    if commit is None:
        raise RegrowError("nothing is committed yet", where=str(project.root), fix="git commit")
    case = Case(Pipeline.load(project), commit, today)
    listed = tests()
    by_hand, refused = notes.read(case, {one.key for one in listed})
    return Readiness(commit, today, tuple(_verdict(case, one, by_hand, refused) for one in listed))


def _verdict(case: Case, test: Test, by_hand: Mapping[str, notes.Done], refused: Mapping[str, str]) -> Verdict:
    why = []
    for way in test.ways:
        try:
            proof = way(case)
        except FAULTS as error:
            why.append(_line(error))
            continue
        return Verdict(test, AUTOMATIC, proof.said, proof.evidence)
    if done := by_hand.get(test.key):
        note = done.note
        return Verdict(test, BY_HAND, f"{note.by}, {note.date}, {done.how}: {note.reason}", done.evidence)
    return Verdict(test, NO, "; ".join([*filter(None, [refused.get(test.key)]), *why]))


def _line(error: Exception) -> str:
    """What is missing, in a line."""
    text = str(error) if isinstance(error, LackingError | RegrowError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())


def lines(made: Readiness, width: int = 80) -> Iterator[str]:
    """For a terminal."""
    import textwrap

    for section in SECTIONS:
        yield f"{section}: {made.points(section):g} of 7"
        for one in (one for one in made.verdicts if one.test.section == section):
            yield f"  {one.test.key.rpartition('.')[2]} {one.status:9} {one.test.asks}"
            indent = " " * 14
            yield from textwrap.wrap(one.said, width, initial_indent=indent, subsequent_indent=indent)
            for e in one.evidence[:3]:
                yield f"{indent}{e.path} {e.sha256[:12]}, {_age((made.today - e.day).days)}"
            if one.status != AUTOMATIC:
                yield from textwrap.wrap(f"-> {one.test.fix}", width, initial_indent=indent, subsequent_indent=indent)
    least = ", ".join(section for section in SECTIONS if made.points(section) == made.score)
    yield f"score: {made.score:g} of 7, the least of the four ({least}); commit {made.commit[:10]}"


def _age(days: int) -> str:
    return "today" if days <= 0 else f"{days} day{'s' * (days != 1)} old"
