"""Tags in GTO's format: `NAME@v1.0.0` registers a version, `NAME#prod#1` moves a stage to a commit; `gto show` reads
them. The message of each holds, as JSON, the digests and the evidence it was made on.

gto itself is not imported: it takes a second to load, and a server asks ten times a second.
Format: https://github.com/iterative/gto (gto/constants.py, gto/tag.py)
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regrow import RegrowError
from regrow.base.errors import Exit
from regrow.plugin.project import Project
from regrow.tools import git
from regrow_govern import git_write

MODEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9/_-]*[a-zA-Z0-9])?"
VERSION = re.compile(rf"(?P<name>{MODEL})@v(?P<version>\d+\.\d+\.\d+)")
STAGE = re.compile(rf"(?P<name>{MODEL})#(?P<stage>{MODEL})#(?P<count>\d+)")
_FIELDS = ("%(refname:lstrip=2)", "%(*objectname)", "%(taggername)", "%(taggeremail:trim)", "%(taggerdate:iso-strict)",
           "%(contents)")  # fmt: skip
_END, _FIELD = "\x1e", "\x1f"  # no name or message of ours holds them
_BEGIN = "\n{"


@dataclass(frozen=True)
class Move:
    """A tag that moves a stage of a model to a commit. evidence: what its message says in JSON."""

    tag: str
    model: str
    stage: str
    count: int
    commit: str
    by: str
    email: str
    since: str
    evidence: Mapping[str, Any]
    signed: bool

    @property
    def bundle(self) -> str:
        """The sha256 of the bundle that was promoted, "" where the tag says none."""
        return str(self.evidence.get("bundle", ""))

    @property
    def version(self) -> str:
        """Such as v1.0.0."""
        return str(self.evidence.get("version", ""))

    @property
    def action(self) -> str:
        """promote or roll back."""
        return str(self.evidence.get("action", "promote"))


def name_of(project: Project) -> str:
    """What the model is called: the project's package, as GTO takes names."""
    return (project.package or project.root.name or "model").replace("_", "-")


def _tags(root: Path) -> list[list[str]]:
    fields = _FIELD.join(_FIELDS).replace(_FIELD, "%1f") + "%1e"
    printed = (git.output(root, "for-each-ref", f"--format={fields}", "refs/tags") or b"").decode("utf-8", "replace")
    rows = [one.lstrip("\n").split(_FIELD) for one in printed.split(_END)]
    return [row for row in rows if len(row) == len(_FIELDS) and row[1]]  # lightweight tags are none of ours, or GTO's


def moves(root: Path, stage: str = "", model: str = "") -> list[Move]:
    """Every move, oldest first; of a stage or a model alone where one is named."""
    found = []
    for tag, commit, by, email, since, message in _tags(root):
        match = STAGE.fullmatch(tag)
        if match and stage in ("", match["stage"]) and model in ("", match["name"]):
            said, signed = _evidence(message), "-----BEGIN SSH SIGNATURE-----" in message
            found.append(
                Move(tag, match["name"], match["stage"], int(match["count"]), commit, by, email, since, said, signed)
            )
    return sorted(found, key=lambda one: (one.model, one.count))


def current(root: Path, stage: str = "", model: str = "") -> list[Move]:
    """What each stage of each model stands at: its last move."""
    last = {(one.model, one.stage): one for one in moves(root, stage, model)}
    return [one for _, one in sorted(last.items())]


def versions(root: Path, model: str) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Version -> commit and evidence, in order."""
    found = {}
    for tag, commit, *_, message in _tags(root):
        match = VERSION.fullmatch(tag)
        if match and match["name"] == model:
            found[f"v{match['version']}"] = (commit, _evidence(message))
    return dict(sorted(found.items(), key=lambda one: _number(one[0])))


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.removeprefix("v").split("."))


def next_version(known: Sequence[str]) -> str:
    """v1.0.0 first, then the next whole one."""
    return f"v{max((_number(one)[0] for one in known), default=0) + 1}.0.0"


def _evidence(message: str) -> Mapping[str, Any]:
    begin = message.find(_BEGIN)
    try:
        found, _ = json.JSONDecoder().raw_decode(message[begin + 1 :]) if begin >= 0 else ({}, 0)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def message(line: str, evidence: Mapping[str, Any]) -> str:
    """A tag's message: a line to read, then what it was made on."""
    return f"{line}\n\n{json.dumps(evidence, indent=1, sort_keys=True, ensure_ascii=False)}\n"


def register(root: Path, model: str, version: str, commit: str, evidence: Mapping[str, Any], key: Path | None) -> str:
    """Tag a commit as a version. Raises RegrowError where the version is taken, or is none."""
    name = f"{model}@{version}"
    if not VERSION.fullmatch(name):
        raise RegrowError(f"{version!r} is no version", where="--version", fix="such as v1.0.0")
    git_write.tag(root, name, commit, message(f"Register {model} {version}", evidence), key)
    return name


def move(
    root: Path, model: str, stage: str, commit: str, line: str, evidence: Mapping[str, Any], key: Path | None
) -> str:
    """Tag a commit as where a stage stands from now on."""
    count = max((one.count for one in moves(root, model=model)), default=0) + 1
    name = f"{model}#{stage}#{count}"
    if not STAGE.fullmatch(name):
        raise RegrowError(f"{stage!r} is no name of a stage", where="--to", fix="letters, digits, - and _")
    git_write.tag(root, name, commit, message(line, evidence), key)
    return name


def the_current(root: Path, stage: str, model: str) -> Move:
    """Where a stage stands. Raises RegrowError where nothing was promoted to it."""
    found = current(root, stage, model)
    if not found:
        fix = f"regrow promote REV --to {stage}; or fetch the tags: git fetch --tags"
        raise RegrowError(f"no model is promoted to {stage}", where=model, fix=fix, code=Exit.DATA_MISSING)
    return found[0]
