"""Replay many commits: a row for each, environments built once per lock."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regrow import names
from regrow.errors import Exit, RegrowError
from regrow.replay.commit import Replay, Say, replay
from regrow.replay.commit import as_json as replay_as_json
from regrow.tools import git


@dataclass(frozen=True)
class Row:
    """One commit. told: its result in words. code: as `regrow replay` of it would exit."""

    commit: str
    subject: str
    told: str
    code: Exit = Exit.OK
    outputs: int = 0
    identical: int = 0
    detail: dict[str, Any] = field(default_factory=dict)


def replay_all(root: Path, text: str, *, env: str = "locked", say: Say = lambda _: None) -> list[Row]:
    """Replay each commit of a range (or of a revision's history), oldest first; one that fails stops no other.

    Raises RegrowError if the range names no commit.
    """
    commits = [] if text.startswith("-") else git.revisions(root, text)
    if not commits:
        raise RegrowError(f"{text!r} names no commits", where="--all", fix="such as: --all main~20..main")
    rows = []
    for number, commit in enumerate(commits, 1):
        subject = git.describe(root, commit)["subject"]
        say(f"commit {number}/{len(commits)} {commit[:10]} {subject[:60]}")
        if git.show(root, commit, names.DVC_LOCK) is None:
            rows.append(Row(commit, subject, "no run was recorded"))
            continue
        try:
            rows.append(_row(subject, replay(root, commit, env=env, say=say)))
        except RegrowError as error:
            rows.append(
                Row(commit, subject, str(error.problems[0].wrong), error.code, detail={"problems": [str(error)]})
            )
    return rows


def _row(subject: str, result: Replay) -> Row:
    identical = sum(row.identical for row in result.rows)
    different = [row.path for row in result.rows if not row.identical]
    words = {
        Exit.OK: "identical",
        Exit.EQUIVALENT: "equivalent",
        Exit.NOT_PROVEN: "identical here, not proven elsewhere",
    }
    told = words.get(result.code, "different: ")
    if result.code not in words:
        told += ", ".join(different) or "; ".join(problem.where for problem in result.problems)
    return Row(result.commit, subject, told, result.code, len(result.rows), identical, replay_as_json(result))


def code(rows: Iterable[Row]) -> Exit:
    """One exit code for all: a mismatch before all else, then the first that is not 0."""
    codes = [row.code for row in rows if row.code]
    return Exit.MISMATCH if Exit.MISMATCH in codes else codes[0] if codes else Exit.OK


def as_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows as plain data."""
    return [
        {
            "commit": row.commit,
            "subject": row.subject,
            "result": row.told,
            "exit_code": int(row.code),
            "outputs": row.outputs,
            "identical": row.identical,
            **({"replay": row.detail} if row.detail else {}),
        }
        for row in rows
    ]
