"""Replay many commits, several at once, each in a process of its own: a row for each, environments built once."""

import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base import process
from regrow.base.errors import Exit, RegrowError
from regrow.tools import git
from regrow_history.replay.replay import Replay, Say, replay
from regrow_history.replay.replay import as_json as replay_as_json

ONE = "regrow_history.replay"  # what runs one of them


@dataclass(frozen=True)
class HistoryRow:
    """One commit. told: its result in words. code: as `regrow replay` of it would exit."""

    commit: str
    subject: str
    told: str
    code: Exit = Exit.OK
    outputs: int = 0
    identical: int = 0
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Course:
    """What they have in common. running: their processes. alone: whoever says something, or begins one, has it. over:
    none is to begin any more."""

    root: Path
    env: str
    hears: Say
    running: set[process.Started] = field(default_factory=set)
    alone: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def say(self, line: str) -> None:
        """Tell the user."""
        with self.alone:
            self.hears(line)


def replay_all(
    root: Path, text: str, *, env: str = "locked", jobs: int = 1, say: Say = lambda _: None
) -> list[HistoryRow]:
    """Replay each commit of a range (or of a revision's history), oldest first; one that fails stops no other.

    jobs: how many at once. Raises RegrowError if the range names no commit.
    """
    commits = [] if text.startswith("-") else git.revisions(root, text)
    if not commits:
        raise RegrowError(f"{text!r} names no commits", where="--all", fix="such as: --all main~20..main")
    course = _Course(root, env, say)
    beside = ThreadPoolExecutor(jobs)
    try:
        asked = [
            beside.submit(_replayed, course, commit, f"{number}/{len(commits)}")
            for number, commit in enumerate(commits, 1)
        ]
        return [one.result() for one in asked]
    finally:  # after Ctrl-C, too
        beside.shutdown(wait=False, cancel_futures=True)
        with course.alone:
            course.over.set()
            for one in course.running:
                one.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
        beside.shutdown()


def _replayed(course: _Course, commit: str, which: str) -> HistoryRow:
    """Its row, as another process finds it."""
    subject = git.describe(course.root, commit)["subject"]
    course.say(f"commit {which} {commit[:10]} {subject[:60]}")
    if git.show(course.root, commit, layout.DVC_LOCK) is None:
        return HistoryRow(commit, subject, "no run was recorded")
    with _begun(course, commit) as one:
        found: dict[str, Any] = {}
        for line in one.stdout or ():
            with contextlib.suppress(ValueError):  # what a library prints
                told = json.loads(line)
                found = told.get("row", found)
                if "say" in told:
                    course.say(f"{commit[:10]} {told['say']}")
    with course.alone:
        course.running.discard(one)
    if not found:
        return HistoryRow(commit, subject, f"its replay ended early, with {one.returncode}", Exit.FAILURE)
    return HistoryRow(**found | {"code": Exit(found["code"])})


def _begun(course: _Course, commit: str) -> process.Started:
    asked = [sys.executable, "-P", "-m", ONE, str(course.root), commit, course.env]
    with course.alone:
        if course.over.is_set():
            raise RegrowError("was stopped", where=f"commit {commit[:10]}")
        one = process.start(asked, pipe="stdout")
        course.running.add(one)
    return one


def replay_one(root: Path, commit: str, env: str) -> None:
    """Replay a commit; print what there is to say, and at the end its row, as lines of JSON."""
    subject = git.describe(root, commit)["subject"]
    try:
        row = _row(subject, replay(root, commit, env=env, say=lambda line: _tell({"say": line})))
    except RegrowError as error:
        row = HistoryRow(commit, subject, str(error.problems[0].wrong), error.code, detail={"problems": [str(error)]})
    except Exception as error:
        told = f"an error of regrow's own: {type(error).__name__}: {error}"
        row = HistoryRow(commit, subject, told, Exit.FAILURE, detail={"problems": [told]})
    _tell({"row": asdict(row)})


def _tell(told: dict[str, Any]) -> None:
    print(json.dumps(told), flush=True)


def _row(subject: str, result: Replay) -> HistoryRow:
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
    return HistoryRow(result.commit, subject, told, result.code, result.total, identical, replay_as_json(result))


def code(rows: Iterable[HistoryRow]) -> Exit:
    """One exit code for all: a mismatch before all else, then the first that is not 0; and where none had recorded
    anything, FAILURE."""
    rows = list(rows)
    codes = [row.code for row in rows if row.code] or ([] if any(row.outputs for row in rows) else [Exit.FAILURE])
    return Exit.MISMATCH if Exit.MISMATCH in codes else codes[0] if codes else Exit.OK


def as_json(rows: Iterable[HistoryRow]) -> list[dict[str, Any]]:
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
