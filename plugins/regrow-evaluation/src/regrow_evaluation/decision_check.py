"""Whether a decision is of what lies there: hashes it cites, hashes that stages recorded, the card, the waivers."""

import datetime
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from regrow import RegrowError, layout
from regrow.artifacts import type_of
from regrow.base.errors import Exit, Problem
from regrow.compile.dvc_yaml import path_of
from regrow.plugin.declare import Artifact, Stage
from regrow.plugin.manager import load_plugins
from regrow.plugin.project import Project

DECISION, CARD, BUNDLE = "decision", "card", "bundle"


@dataclass(frozen=True)
class Wrong:
    """What is wrong, and the exit code for that."""

    wrong: str
    where: str
    fix: str
    code: Exit

    @property
    def problem(self) -> Problem:
        """As errors have it."""
        return Problem(self.wrong, self.where, self.fix)


@dataclass(frozen=True)
class Files:
    """A project's files as they lie, or as a commit holds them."""

    project: Project
    #: a path's bytes, None where it is not there
    read: Callable[[str], bytes | None]
    #: the stages of this project by name
    stages: Mapping[str, Stage]
    #: the day of the commit; None for files as they lie
    day: datetime.date | None = None

    @classmethod
    def of(cls, project: Project, revision: str | None) -> "Files":
        """Raises RegrowError for a revision that is no commit."""
        stages = load_plugins(project).stages
        if revision is None:
            return cls(project, lambda path: _bytes(project, path), stages)
        from regrow.record.commit_record import read_commit
        from regrow.tools import git

        recorded = read_commit(project.root, revision)
        told = git.describe(project.root, recorded.commit)
        return cls(project, recorded.bytes, stages, datetime.date.fromisoformat(str(told["date"])[:10]))

    @property
    def artifacts(self) -> dict[str, tuple[Stage, Artifact]]:
        """Name -> who makes it."""
        return {made.name: (stage, made) for stage in self.stages.values() for made in stage.makes}

    def json(self, path: str) -> Any:
        """Parsed; None where it is not there or is no JSON."""
        try:
            return json.loads(self.read(path) or b"null")
        except ValueError:
            return None

    def recorded(self, stage: str, path: str) -> str | None:
        """The sha256 that a stage says its output has."""
        record = self.json(layout.hashes(stage))
        said = (record or {}).get("outputs", {}).get(path) if isinstance(record, dict) else None
        return str(said["sha256"]) if isinstance(said, dict) and "sha256" in said else None


def _bytes(project: Project, path: str) -> bytes | None:
    file = project.path(path)
    return file.read_bytes() if file.is_file() else None


def checked(files: Files, today: datetime.date) -> tuple[dict[str, Any], list[Wrong]]:
    """The decision, and what is wrong with it. Raises RegrowError where there is none."""
    known = files.artifacts
    path = path_of(known[DECISION][1]) if DECISION in known else "decision.json"
    made = files.json(path)
    if not isinstance(made, dict) or not isinstance(made.get("judged"), dict):
        raise RegrowError("there is no decision", where=path, fix="make one: regrow run", code=Exit.DATA_MISSING)
    forged = [*_forged(files, [DECISION, CARD, *made["judged"]])]
    return made, [*forged, *_stale(files, made), *_card(files, forged), *_waivers(made, path, today)]


def _forged(files: Files, names: list[str]) -> Iterator[Wrong]:
    """Files that are not what their stage recorded."""
    for name in names:
        if name not in files.artifacts:
            continue
        stage, artifact = files.artifacts[name]
        path = path_of(artifact)
        data, recorded = files.read(path), files.recorded(stage.name, path)
        if data is None or recorded is None or hashlib.sha256(data).hexdigest() == recorded:
            continue
        wrong = f"is not what the stage {stage.name} made: a number or a word was changed afterwards"
        yield Wrong(wrong, path, f"git checkout -- {path}, or make it anew: regrow run", Exit.MISMATCH)


def _stale(files: Files, made: Mapping[str, Any]) -> Iterator[Wrong]:
    """What was judged, and is another now, or is gone."""
    fix = "decide anew: regrow run"
    for name, cited in made["judged"].items():
        if name not in files.artifacts:
            yield Wrong(f"cites {name!r}, which no stage makes", DECISION, fix, Exit.MISMATCH)
            continue
        stage, artifact = files.artifacts[name]
        now = files.recorded(stage.name, path_of(artifact))
        if now != cited:
            wrong = f"the decision is stale: it judged another {path_of(artifact)} than the stage {stage.name} made"
            yield Wrong(wrong, "decision.json", fix, Exit.MISMATCH)


def _card(files: Files, forged: list[Wrong]) -> Iterator[Wrong]:
    """The lines of the card that are not those its sections give; of files as they lie, as others are in the cache."""
    if CARD not in files.artifacts or files.day is not None:
        return
    stage, artifact = files.artifacts[CARD]
    path = path_of(artifact)
    text = files.read(path)
    if text is None or not any(one.where == path for one in forged):
        return
    given = {}
    for need in stage.inputs:
        made = files.artifacts[need][1]
        file = files.project.path(path_of(made))
        if not file.is_file():
            return
        given[need] = _handler(made).read(file)
    from regrow_evaluation.report import report

    arguments = stage.gather(given.__getitem__)
    anew = report(**arguments, settings=None)["card"].splitlines()
    for line in unified_diff(anew, text.decode("utf-8", "replace").splitlines(), lineterm="", n=0):
        if line.startswith("+") and not line.startswith("+++"):
            yield Wrong(f"says what no artifact holds: {line[1:].strip()}", path, "regrow run", Exit.MISMATCH)


def shipped(files: Files, made: Mapping[str, Any]) -> tuple[str, list[Wrong]]:
    """Of the bundle that lies there, where a plugin makes one: a sentence that it is the model which was judged, or
    what stands against that.

    The stage `bundle` scores the held-out rows anew from their raw columns, and makes none where one comes out
    otherwise; how many there were is in it, beside the decision.
    """
    if BUNDLE not in files.artifacts or files.day is not None:
        return "", []
    artifact = files.artifacts[BUNDLE][1]
    path = path_of(artifact)
    file = files.project.path(path)
    if not file.is_file():
        return "", []
    if wrong := list(_forged(files, [BUNDLE])):
        return "", wrong
    try:
        bundle = _handler(artifact).read(file)
    except ValueError as error:
        return "", [Wrong(f"can't be read: {error}", path, "regrow run", Exit.MISMATCH)]
    held = bundle.members.get("decision.json")
    if held is not None and json.loads(held) != made:
        return "", [Wrong("holds another decision than decision.json", path, "regrow run", Exit.MISMATCH)]
    tried = bundle.about["tried"]
    if not tried["compared"]:
        return (
            f"the bundle {bundle.digest[:12]}: its model is another fit than those that were judged, as under k-fold",
            [],
        )
    return f"the bundle {bundle.digest[:12]} answers all {tried['compared']:,} held-out rows bit for bit as judged", []


def _handler(artifact: Artifact) -> Any:
    from importlib import import_module

    return import_module(type_of(artifact).module)


def _waivers(made: Mapping[str, Any], path: str, today: datetime.date) -> Iterator[Wrong]:
    for gate in made.get("gates", ()):
        waiver = gate.get("waiver")
        if waiver and datetime.date.fromisoformat(waiver["until"]) < today:
            wrong = f"the waiver of {gate['name']} ended on {waiver['until']} ({waiver['name']}: {waiver['reason']})"
            fix = f"mend what it lets through, or renew gates.rules.{gate['name']}.waiver"
            yield Wrong(wrong, path, fix, Exit.FAILURE)
