"""A project's files, as they lie or as a commit holds them, and what its stages recorded of them."""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regrow import RegrowError, layout
from regrow.base.errors import Exit
from regrow.base.yaml_files import read_yaml
from regrow.compile.dvc_yaml import path_of
from regrow.plugin.project import Project
from regrow_evaluation.decision_check import Files
from regrow_govern import governance

MONITOR, MONITOR_LOCK = "monitor/dvc.yaml", "monitor/dvc.lock"


@dataclass(frozen=True)
class Evidence:
    """What mitigations and promotions look at."""

    files: Files
    #: None: the files as they lie
    revision: str | None = None

    @classmethod
    def of(cls, project: Project, revision: str | None = None) -> "Evidence":
        """Raises RegrowError for a revision that is no commit, or recorded no run."""
        return cls(Files.of(project, revision), revision)

    def mapping(self, path: str) -> Mapping[str, Any]:
        """A YAML or JSON file's content; empty where it is not there."""
        data = self.files.read(path)
        found = read_yaml(data.decode("utf-8", "replace"), path) if data else None
        return found if isinstance(found, Mapping) else {}

    def recorded(self, name: str) -> str | None:
        """The sha256 that the stage recorded of an artifact."""
        if name not in self.files.artifacts:
            return None
        stage, artifact = self.files.artifacts[name]
        return self.files.recorded(stage.name, path_of(artifact))

    def path(self, name: str) -> str:
        """Where an artifact lies."""
        return path_of(self.files.artifacts[name][1]) if name in self.files.artifacts else ""

    def gates(self) -> dict[str, Mapping[str, Any]]:
        """The gates that the decision tells of, by name, of those that the settings still hold."""
        made = self.files.json(self.path("decision") or "decision.json") or {}
        there = (self.mapping(layout.PARAMS).get("gates") or {}).get("rules") or {}
        return {one["name"]: one for one in made.get("gates", ()) if one["name"] in there}

    def findings(self) -> dict[str, tuple[Mapping[str, Any], str]]:
        """Code -> finding, and what keeps its file from being taken for it, or "". Of a commit, from Git or from DVC's
        cache or remote; what no place has is not there."""
        made = {}
        for stage, artifact in self.files.artifacts.values():
            if artifact.type == "findings":
                path = path_of(artifact)
                data = self._bytes(artifact.name, path)
                recorded = self.files.recorded(stage.name, path)
                changed = data is not None and hashlib.sha256(data).hexdigest() != recorded
                wrong = f"{path} is not what the stage {stage.name} made" if changed else ""
                for one in json.loads(data or b"[]"):
                    made[str(one["code"])] = (one, wrong)
        return made

    def _bytes(self, name: str, path: str) -> bytes | None:
        data = self.files.read(path)
        if data is not None or self.revision is None:
            return data
        from regrow_history.experiments.opened import OpenProject

        with tempfile.TemporaryDirectory(prefix="regrow-findings-") as folder, suppress(RegrowError):
            return OpenProject(self.files.project).at(self.revision).save(name, Path(folder)).read_bytes()
        return None

    def drills(self) -> tuple[Mapping[str, Any], dict[str, bool]]:
        """The table of drills, and whether each passed."""
        table = self.files.json(governance.DRILL)
        table = table if isinstance(table, Mapping) else {}
        return table, {str(one["drill"]): bool(one["passed"]) for one in table.get("drills", ())}

    def monitors(self) -> dict[str, bool]:
        """The stages of the pipeline of monitoring, and whether each has run."""
        ran = self.mapping(MONITOR_LOCK).get("stages") or {}
        return {name: name in ran for name in self.mapping(MONITOR).get("stages") or {}}

    def names(self) -> Iterator[tuple[str, str]]:
        """Everything that a mitigation can name here: kind, name."""
        for kind, found in (("gate", self.gates()), ("check", self.findings()), ("drill", self.drills()[1]),
                            ("monitor", self.monitors())):  # fmt: skip
            yield from ((kind, name) for name in sorted(found))
        yield "drill", "replay"

    @property
    def bundle(self) -> str:
        """The sha256 of the bundle. Raises RegrowError where none is recorded."""
        return self._required(
            "bundle", 'plugins = [..., "serve"] in pyproject.toml, then: regrow compile && regrow run'
        )

    @property
    def decision(self) -> str:
        """The sha256 of the decision. Raises RegrowError where none is recorded."""
        return self._required("decision", "make one: regrow run, and commit")

    def _required(self, name: str, fix: str) -> str:
        found = self.recorded(name)
        if found is None:
            raise RegrowError(
                f"records no {name}", where=self.revision or "the project", fix=fix, code=Exit.DATA_MISSING
            )
        return found
