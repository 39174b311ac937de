"""Every logged answer of a day again, from the bundle that gave it, held against the log to the bit."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from regrow import RegrowError
from regrow.base.errors import Exit
from regrow_monitor.log_files import Part, bundle_file, sealed
from regrow_serve.answers import Answer, by_fallback, by_model, judged
from regrow_serve.bundle import Bundle
from regrow_serve.fallback import FALLBACK
from regrow_serve.guard import Guard, Judgement
from regrow_serve.prediction_log import canonical
from regrow_serve.schema import Typed

AT_ONCE, SHOWN = 2048, 5


@dataclass
class Replayed:
    """Of a day. lacking: rows whose inputs were not all kept. other: (id, logged, made again), the first few."""

    day: str
    rows: int = 0
    identical: int = 0
    lacking: int = 0
    differ: int = 0
    other: list[tuple[str, Any, Any]] = field(default_factory=list)

    def said(self) -> str:
        """In a sentence."""
        told = f"{self.day}: of {self.rows:,} answers {self.identical:,} are reproduced to the bit"
        told += f", {self.differ:,} are not" if self.differ else ""
        return told + (f"; of {self.lacking:,} the inputs were not kept" if self.lacking else "")


def replay_day(folder: Path, day: str) -> Replayed:
    """folder: of sealed days, with their bundles.

    Raises RegrowError (MISMATCH) for a part that is not as sealed, and (ENVIRONMENT) where a bundle does not give its
    own examples with the packages that are here: its answers would say nothing.
    """
    made, bundles = Replayed(day), {}
    for part in sealed(folder, day)[1]:
        digest = part.header["bundle"]
        if digest not in bundles:
            bundles[digest] = _of_day(_loaded(folder, digest), datetime.date.fromisoformat(day))
        _replay(bundles[digest], part, made)
    return made


def _loaded(folder: Path, digest: str) -> Bundle:
    bundle = Bundle.load(bundle_file(folder, digest), digest)
    if failing := bundle.self_test():
        wrong = f"fails {len(failing)} of its own examples here: what it answers says nothing about the log"
        fix = "use the packages of its requirements.lock"
        raise RegrowError(wrong, where=f"bundle {digest[:12]}", fix=fix, code=Exit.ENVIRONMENT)
    return bundle


@dataclass(frozen=True)
class _GuardOf(Guard):
    """A guard for which it is another day: how old a lookup is decides what it says."""

    day: datetime.date = datetime.date.min

    def judge(self, typed: Typed, today: datetime.date | None = None) -> Judgement:
        """As on that day."""
        return super().judge(typed, self.day)


def _of_day(bundle: Bundle, day: datetime.date) -> Bundle:
    one = bundle.guard
    then = _GuardOf(one.schema, one.policy, one.lookups, one.assumptions, day)
    return replace(bundle, guard=then, last=bundle.last and _of_day(bundle.last, day))


def _replay(bundle: Bundle, part: Part, made: Replayed) -> None:
    scored = {one.name for one in bundle.schema.needed} | {rule["column"] for rule in bundle.fallback["rules"]}
    whole = not scored & {*part.header["dropped"]}
    for some in _pieces(list(part.rows())):
        known = [one for one in some if whole and "row" in one]
        made.rows += len(some)
        made.lacking += len(some) - len(known)
        for one, answer in zip(known, _again(bundle, part.header, known), strict=True):
            now = {name: value for name, value in answer.as_json().items() if name != "remarks"}
            if canonical(now) == canonical(one["answer"]):
                made.identical += 1
                continue
            made.differ += 1
            if len(made.other) < SHOWN:
                made.other.append((one["id"], one["answer"], now))


def _pieces(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    return (rows[n : n + AT_ONCE] for n in range(0, len(rows), AT_ONCE))


def _again(bundle: Bundle, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> list[Answer]:
    """What the server would answer: by the model, or as the fallback that it says it was."""
    rows = [{**one["row"], **dict.fromkeys(one.get("extra", ()))} for one in lines]
    answers: list[Answer] = by_model(bundle, rows) if rows else []
    last = f"; the bundle {bundle.last.digest[:12]} answers" if bundle.last else None
    for place, one in enumerate(lines):
        why = one["answer"].get("why", "")
        if header["instead"] and why == header["instead"]:
            answers[place].source, answers[place].why = FALLBACK, why
        elif one["answer"]["source"] == FALLBACK:
            by_last = last is not None and why.endswith(last)
            few = [rows[place]]
            (answers[place],) = by_fallback(
                bundle, few, why.removesuffix(last or ""), judged(bundle, few), last=by_last
            )
    return answers


def replay(day: str) -> Exit:
    """What `regrow replay --predictions DAY` and `regrow monitor replay DAY` do."""
    from regrow.plugin.project import open_project
    from regrow_monitor.seal import SOURCE
    from regrow_serve.commands import in_recipe

    in_recipe()
    project = open_project()
    folder = project.path(project.sources.get(SOURCE, "log/sealed"))
    made = replay_day(folder, day)
    click.echo(made.said())
    for name, logged, now in made.other:
        click.echo(f"  {name}: logged {logged}\n  {' ' * len(name)}  now    {now}")
    return Exit.MISMATCH if made.differ else Exit.OK
