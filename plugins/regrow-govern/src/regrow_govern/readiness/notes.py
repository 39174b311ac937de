"""What was done by hand: governance/readiness/*.yaml, a note a file, by somebody whom Git or an SSH key vouches for."""

import datetime
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from regrow import RegrowError, Strict
from regrow.base.errors import Problem
from regrow.base.yaml_files import read_yaml
from regrow.tools import git
from regrow_govern import governance, ssh_signature
from regrow_govern.readiness.case import Case, Evidence, LackingError
from regrow_govern.roles import NAMESPACE, Roles

FOLDER = "governance/readiness"
DAYS = 365  # a note without an end counts so long


class Note(Strict):
    """The file."""

    test: str = Field(description="such as model.1")
    by: str = Field(min_length=3, description="name and e-mail of who did it")
    date: datetime.date
    reason: str = Field(min_length=10, description="what was done, and what came out")
    until: datetime.date | None = Field(default=None, description="the last day on which it counts")
    evidence: list[str] = Field(default=[], description="files of the project that show it")


@dataclass(frozen=True)
class Done:
    """A note that counts."""

    note: Note
    evidence: tuple[Evidence, ...]
    #: who vouches that `by` wrote it: "signed" by a key, or "committed"
    how: str


def read(case: Case, known: set[str]) -> tuple[dict[str, Done], dict[str, str]]:
    """Test -> the newest note that counts; and of the others, test -> why one does not.

    known: the tests there are. Raises RegrowError, with every problem, for a file that is no note.
    """
    problems: list[Problem] = []
    found: dict[str, Done] = {}
    refused: dict[str, str] = {}
    for file in sorted((case.root / FOLDER).glob("*.yaml")):
        path = f"{FOLDER}/{file.name}"
        try:
            note = _parsed(file, path, known)
        except RegrowError as error:
            problems += error.problems
            continue
        try:
            done = _counted(case, note, path)
        except LackingError as error:
            refused[note.test] = f"{path}: {error}"
            continue
        if note.test not in found or found[note.test].note.date < note.date:
            found[note.test] = done
    if problems:
        raise RegrowError.of(problems)
    return found, refused


def _parsed(file: Path, path: str, known: set[str]) -> Note:
    content = read_yaml(file.read_text(encoding="utf-8"), path)
    try:
        note = Note.model_validate(_days(content))
    except ValidationError as error:
        raise RegrowError.of(
            Problem(str(one["msg"]), f"{path}: {'.'.join(map(str, one['loc']))}", "see docs/readiness.md")
            for one in error.errors()
        ) from None
    if note.test not in known:
        raise RegrowError(
            f"{note.test!r} is no test", where=path, fix="regrow readiness lists them: data.1 to monitoring.7"
        )
    return note


def _days(content: Any) -> Any:
    """Text such as 2026-12-31 as a day."""
    if not isinstance(content, dict):
        return content
    made = dict(content)
    for key in ("date", "until"):
        if isinstance(made.get(key), str):
            with suppress(ValueError):
                made[key] = datetime.date.fromisoformat(made[key])
    return made


def _counted(case: Case, note: Note, path: str) -> Done:
    """Raises LackingError for a note that is not committed, too old, or that nobody vouches for."""
    evidence = (case.file(path), *map(case.file, note.evidence))
    end = note.until or note.date + datetime.timedelta(days=DAYS)
    if note.date > case.today:
        raise LackingError(f"is of {note.date}, which is still to come")
    if end < case.today:
        raise LackingError(f"counted until {end}")
    if f"{path}.sig" in case.files:
        case.file(f"{path}.sig")
        who = signer(case, path, note)
        return Done(note, evidence, f"signed by {who}")
    name, email = git.lines(case.root, "log", "-1", "--format=%an%n%ae", case.commit, "--", path)[:2]
    if email.lower() not in note.by.lower() and name.lower() not in note.by.lower():
        raise LackingError(f"says it is by {note.by}, and {name} <{email}> committed it: let them commit or sign it")
    return Done(note, evidence, f"committed by {name}")


def signer(case: Case, path: str, note: Note) -> str:
    """Who signed a note, by the keys in governance/roles.yaml. Raises LackingError unless it is who it is by."""
    try:
        roles = governance.committed(case.root, governance.ROLES, Roles)
        signature = (case.root / f"{path}.sig").read_text(encoding="ascii")
        who = ssh_signature.signer((case.root / path).read_bytes(), signature, NAMESPACE, roles.allowed_signers())
    except (RegrowError, ValueError) as error:
        raise LackingError(f"its signature can't be verified: {' '.join(str(error).split())}") from None
    person = roles.with_email(who) if who else None
    if (
        who is None
        or person is None
        or not person[1].emails & {word.strip("<>,()").lower() for word in note.by.split()}
    ):
        raise LackingError(f"{path}.sig is no signature of {note.by} by a key in {governance.ROLES}")
    return who
