"""What there is of a project to show: files that a commit holds, artifacts that a run recorded, findings, the bundle.

Nothing is believed that does not lie there: a file counts if its bytes are those that its stage recorded, and the
record if HEAD holds it as it lies.
"""

import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any

from regrow import layout
from regrow.artifacts import type_of
from regrow.artifacts.model_types import trusting
from regrow.base.yaml_files import read_yaml
from regrow.compile.dvc_yaml import path_of
from regrow.compile.pipeline import Pipeline
from regrow.stage.outputs import handler
from regrow.tools import git

if TYPE_CHECKING:
    from regrow_serve.bundle import Bundle

PASSED = "passed"
WORKFLOWS = (".github/workflows", ".gitlab-ci.yml", "ci")


class LackingError(Exception):
    """There is no evidence; the text says what is missing, and what to do."""


@dataclass(frozen=True)
class Evidence:
    """A thing that shows something."""

    #: from the project's folder; "commit" for one of Git's
    path: str
    #: of its bytes; for a commit, its name
    sha256: str
    #: the day of the commit that holds it as it is
    day: datetime.date
    #: the artifact's name, "" for a file that no stage makes
    artifact: str = ""


@dataclass(frozen=True)
class Proof:
    """That a test of the rubric is met: in a sentence, and by what."""

    said: str
    evidence: tuple[Evidence, ...]


@dataclass
class Case:
    """A project at its commit."""

    pipeline: Pipeline
    #: HEAD
    commit: str
    #: for ages
    today: datetime.date
    #: what could be read so far, by artifact
    known: dict[str, tuple[Any, Evidence]] = field(default_factory=dict)
    #: the factories of components that the contract kit has tried
    contract: set[str] = field(default_factory=set)

    @property
    def root(self) -> Any:
        """The project's folder."""
        return self.pipeline.project.root

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """Those in force."""
        return self.pipeline.settings

    @cached_property
    def files(self) -> Mapping[str, tuple[str, str]]:
        """What HEAD holds: path -> (mode, object)."""
        return git.files(self.root, self.commit)

    def day_of(self, path: str) -> datetime.date:
        """When a file was last changed, by Git."""
        found = git.lines(self.root, "log", "-1", "--format=%cs", self.commit, "--", path)
        return datetime.date.fromisoformat(found[0]) if found else self.today

    def file(self, path: str) -> Evidence:
        """A file that HEAD holds as it lies. Raises LackingError."""
        if path not in self.files:
            raise LackingError(f"{path} is not in Git")
        lies = self.root / path
        if not lies.is_file():
            raise LackingError(f"{path} is gone: git checkout -- {path}")
        if git.hash_files(self.root, [path], filters=True).get(path) != self.files[path][1]:
            raise LackingError(f"{path} is edited, and the edit is not committed")
        return Evidence(path, hashlib.sha256(lies.read_bytes()).hexdigest(), self.day_of(path))

    def commit_itself(self, name: str, said: str = "commit") -> Evidence:
        """A commit as evidence."""
        found = git.lines(self.root, "log", "-1", "--format=%cs", name)
        return Evidence(said, name, datetime.date.fromisoformat(found[0]) if found else self.today)

    def artifact(self, name: str) -> tuple[Any, Evidence]:
        """An artifact's value, and itself as evidence. Raises LackingError where no stage makes it, it is not there, it
        is not what the stage recorded, or the record is not committed."""
        if name not in self.known:
            self.known[name] = self._artifact(name)
        return self.known[name]

    def _artifact(self, name: str) -> tuple[Any, Evidence]:
        artifact, evidence = self._recorded(name)
        kind = type_of(artifact)
        with trusting(self.pipeline.plugins.model_types):
            try:
                return handler(kind).read(self.root / evidence.path), evidence
            except (ValueError, OSError) as error:
                raise LackingError(f"{evidence.path} can't be read: {error}") from None

    def recorded(self, name: str) -> Evidence:
        """An artifact as evidence, without reading it. Raises LackingError as `artifact` does."""
        return self._recorded(name)[1]

    def _recorded(self, name: str) -> tuple[Any, Evidence]:
        makers = {made.name: (stage, made) for stage in self.pipeline.plugins.stages.values() for made in stage.makes}
        if name not in makers:
            raise LackingError(f"no stage of this project makes {name}")
        stage, artifact = makers[name]
        path, record = path_of(artifact), layout.hashes(stage.name)
        held = self.file(record)
        said = json.loads((self.root / record).read_bytes()).get("outputs", {}).get(path, {})
        lies = self.root / path
        if not lies.is_file():
            raise LackingError(f"{path} is not there: dvc pull, or regrow run")
        found = hashlib.sha256(lies.read_bytes()).hexdigest()
        if found != said.get("sha256"):
            raise LackingError(f"{path} is not what the stage {stage.name} made: regrow run")
        return artifact, Evidence(path, found, held.day, name)

    def findings(self, *patterns: str) -> Iterator[tuple[Mapping[str, Any], Evidence]]:
        """All findings whose code is of a pattern, of all stages whose findings count. Raises LackingError for none."""
        found, why = [], []
        for stage in self.pipeline.plugins.stages.values():
            for made in (one for one in stage.makes if one.type == "findings"):
                try:
                    listed, evidence = self.artifact(made.name)
                except LackingError as error:
                    why.append(str(error))
                    continue
                found += [(one, evidence) for one in listed if any(fnmatchcase(one["code"], p) for p in patterns)]
        if not found:
            more = f"; {why[0]}" if why else ""
            raise LackingError(f"no stage has a finding {' or '.join(patterns)}{more}")
        yield from found

    def passed(self, *patterns: str, few: int = 1) -> Proof:
        """That all findings of these codes passed, `few` of them at least. Raises LackingError that names the first
        one that did not."""
        found = list(self.findings(*patterns))
        for one, _ in found:
            if one["verdict"] != PASSED and one["severity"] != "info":
                raise LackingError(f"{one['code']}: {one['verdict']}. {one.get('seen') or one['title']}")
        if len(found) < few:
            raise LackingError(f"{len(found)} findings {' or '.join(patterns)}, and {few} are the least")
        said = "; ".join(one["title"] for one, _ in found[:2])
        more = f", and {len(found) - 2} more" if len(found) > 2 else ""
        return Proof(f"{said}{more}", tuple(dict.fromkeys(evidence for _, evidence in found)))

    @cached_property
    def _bundle(self) -> "tuple[Bundle, Evidence] | LackingError":
        from regrow import RegrowError

        try:
            evidence = self.recorded("bundle")
            from regrow_serve.bundle import Bundle

            return Bundle.load(self.root / evidence.path, evidence.sha256), evidence
        except LackingError as error:
            return error
        except (ImportError, RegrowError) as error:
            return LackingError(f"the bundle can't be used: {error}")

    def bundle(self) -> "tuple[Bundle, Evidence]":
        """The bundle, loaded. Raises LackingError."""
        if isinstance(self._bundle, LackingError):
            raise self._bundle
        return self._bundle

    def workflow(self, *words: str) -> Evidence:
        """A workflow of the continuous integration whose steps run a command with all these words, such as "regrow",
        "replay". Comments and names of steps do not count. Raises LackingError."""
        for path in (one for one in self.files if one.startswith(WORKFLOWS) and one.endswith((".yml", ".yaml"))):
            evidence = self.file(path)
            for line in _commands(read_yaml((self.root / path).read_text(encoding="utf-8"), path)):
                if set(words) <= set(line.replace("/", " ").split()):
                    return evidence
        raise LackingError(f"no workflow of the continuous integration runs `{' '.join(words)}`")


def _commands(value: Any) -> Iterator[str]:
    """The lines of all `run` and `script` of a workflow."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in ("run", "script"):
                for text in [inner] if isinstance(inner, str) else inner or ():
                    yield from (line for line in str(text).splitlines() if not line.lstrip().startswith("#"))
            else:
                yield from _commands(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _commands(inner)
