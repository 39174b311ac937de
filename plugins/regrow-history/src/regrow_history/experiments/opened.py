"""A project from Python: any artifact of any commit, read by its hash and looked at again, and nothing of it run."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from regrow.artifacts import TYPES, type_of
from regrow.artifacts.model_types import trusting
from regrow.base import hashing
from regrow.base.errors import Exit, RegrowError
from regrow.base.safe_path import safe_join
from regrow.compile.dvc_yaml import path_of
from regrow.plugin.components import nearest
from regrow.plugin.declare import Artifact, ArtifactType
from regrow.plugin.manager import load_plugins
from regrow.plugin.project import Project, open_project
from regrow.record.commit_record import Entry, Recorded, read_commit
from regrow.stage.outputs import handler
from regrow_history.experiments import table
from regrow_history.replay.inputs import Supplies

if TYPE_CHECKING:
    import pandas as pd

BUNDLE, MODEL, METRICS = "bundle", "model", "metrics"


@dataclass(frozen=True)
class OpenProject:
    """A project, to look into."""

    project: Project

    def at(self, revision: str = "HEAD") -> "OpenCommit":
        """A commit, or an experiment by its name. Raises RegrowError where there is none, or it recorded no run."""
        plugins = load_plugins(self.project)
        declared = {path_of(made): made for stage in plugins.stages.values() for made in stage.makes}
        return OpenCommit(read_commit(self.project.root, revision), plugins.types, declared, plugins.model_types)

    def experiments(self, revision: str = "HEAD") -> "pd.DataFrame":
        """One line an experiment that began from the commit, and one for itself: name, commit, metrics, settings."""
        import pandas as pd

        found = table.read(self.project, revision)
        named = [{"experiment": row.name, "commit": row.commit, **row.values} for row in found.rows]
        return pd.DataFrame(named, columns=["experiment", "commit", *found.metrics, *found.settings])


class OpenCommit(Mapping[str, Any]):
    """What a commit recorded: name of an artifact, or path of an output, -> its value as a stage would get it."""

    def __init__(
        self,
        recorded: Recorded,
        types: Mapping[str, ArtifactType],
        declared: Mapping[str, Artifact],
        model_types: Iterable[str] = (),
    ) -> None:
        self.recorded, self.types, self.declared = recorded, {**TYPES, **types}, declared
        self._model_types = tuple(model_types)  # what models may hold, as today's components declare it

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Name -> output: as today's plugins call what lies there, else by the file's name without its ending."""
        outs = [out for stage in self.recorded.stages for out in stage.outs if self._type(out.path)]
        return {self._name(out.path): out for out in outs}

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.entries))

    def __len__(self) -> int:
        return len(self.entries)

    def __getitem__(self, name: str) -> Any:
        """Its value. Raises RegrowError where no place has it as it was recorded."""
        entry = self._entry(name)
        kind = self._type(entry.path)
        if kind is None:
            raise RegrowError("is of no known type", where=entry.path, fix="get it as a file: .save(name, folder)")
        with tempfile.TemporaryDirectory(prefix="regrow-") as folder, trusting(self._model_types):
            return handler(kind).read(self.save(name, Path(folder)))

    def save(self, name: str, folder: Path | str) -> Path:
        """Write an output below a folder, at its path in the project; returns where. Raises as reading it does."""
        entry, folder = self._entry(name), Path(folder)
        if not entry.in_git:
            Supplies.of(self.recorded, self.recorded.root).deliver([entry], folder)
            return folder / entry.path
        data = self.recorded.bytes(entry.path) or b""
        if hashing.of_bytes(data).md5 != entry.md5:
            raise RegrowError("is not what dvc.lock says", where=entry.path, code=Exit.MISMATCH)
        file = safe_join(folder, entry.path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def model(self) -> Any:
        """The scorer: the bundle, where the commit has one (`.predict(rows)` takes raw rows); else the pipeline."""
        return self[BUNDLE if BUNDLE in self.entries else MODEL]

    @property
    def metrics(self) -> dict[str, Any]:
        """The metrics of the stage `evaluate`, or of whatever else calls them so."""
        found: dict[str, Any] = self[METRICS]
        return found

    def _entry(self, name: str) -> Entry:
        by_path = {out.path: out for stage in self.recorded.stages for out in stage.outs}
        found = self.entries.get(name) or by_path.get(name)
        if found is None:
            where = f"commit {self.recorded.commit[:10]}"
            raise RegrowError(f"has no artifact {name!r}; {nearest(name, list(self))}", where=where)
        return found

    def _name(self, path: str) -> str:
        known = self.declared.get(path)
        return known.name if known else PurePosixPath(path).name.partition(".")[0]

    def _type(self, path: str) -> ArtifactType | None:
        """As declared, else the type whose folder and ending a path has."""
        if path in self.declared:
            return type_of(self.declared[path])
        folder, _, file = path.rpartition("/")
        return next((one for one in self.types.values() if folder == one.folder and _ends(file, one.ending)), None)


def _ends(file: str, ending: str) -> bool:
    return file.endswith(ending) if ending else "." not in file


def open_here(path: Path | str = ".") -> OpenProject:
    """The project around a folder. Raises RegrowError where there is none."""
    return OpenProject(open_project(Path(path)))
