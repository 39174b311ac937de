"""A finished experiment becomes a commit under refs/exps, its outputs objects in the cache: as DVC itself leaves it."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import normpath
from textwrap import dedent
from typing import Any

from regrow import layout
from regrow.base import hashing
from regrow.base.yaml_files import look_up, read_yaml
from regrow.record.commit_record import Entry, Recorded, StageRecord
from regrow.tools.dvc_patches import lockfile
from regrow_history.sweep.prepared import Experiment
from regrow_history.tools import git_commits


def reference(base: str, name: str) -> str:
    """The name that DVC finds an experiment of a commit by."""
    return f"refs/exps/{base[:2]}/{base[2:]}/{name}"


def failure(base: str, name: str) -> str:
    """The name of one that failed, which is none of DVC's."""
    return f"{layout.FAILURES}/{base[:2]}/{base[2:]}/{name}"


@dataclass
class ExperimentCommits:
    """Commits experiments of `recorded`. more: path -> content of other files that differ in all of them. lines: what
    its dvc.lock says of a stage, of those that were asked for."""

    recorded: Recorded
    writer: git_commits.Writer
    more: Mapping[str, bytes] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, recorded: Recorded, more: Mapping[str, bytes]) -> "ExperimentCommits":
        """For the experiments of a commit. Raises RegrowError if Git does not know who the author is."""
        return cls(recorded, git_commits.Writer.of(recorded.root), more)

    @cached_property
    def stages(self) -> Mapping[str, Any]:
        """What the commit's dvc.lock says of each stage; of those that did not run, what it will say but for hashes."""
        locked, declared = (self._stages_of(file) for file in (layout.DVC_LOCK, layout.DVC_YAML))
        new = [stage for stage in self.recorded.stages if not stage.ran]
        return locked | {stage.name: _unhashed(stage, declared[stage.name]["cmd"]) for stage in new}

    def _stages_of(self, file: str) -> dict[str, Any]:
        document = read_yaml(self.recorded.text(file) or "", file) or {}
        return dict(document.get("stages") or {})

    @cached_property
    def lock(self) -> str:
        """The same in DVC's form of text."""
        return lockfile.text({"schema": "2.0", "stages": self.stages})

    def prepare(self) -> None:
        """Read at once what the first commit would read."""
        _ = self.lock

    def commit(self, experiment: Experiment, known: Mapping[str, Entry], blobs: Mapping[str, bytes]) -> str:
        """Make the commit: the base with settings, fingerprints, dvc.lock, and outputs that Git keeps. Its full name.

        Raises RegrowError if Git refuses.
        """
        files, executable = self._files(experiment, known, blobs, frozenset())
        base = self.recorded.base
        place = reference(base, experiment.name)
        return self.writer.add(place, base, _message(experiment), files, executable, edits=self.edits)

    def fail(
        self,
        experiment: Experiment,
        known: Mapping[str, Entry],
        blobs: Mapping[str, bytes],
        left: Collection[str],
        reason: str,
    ) -> str:
        """Record one that failed as it was then: `dvc repro` of this commit goes on with the stages in `left`.

        The reason is in the message. Returns the commit. Raises RegrowError if Git refuses.
        """
        files, executable = self._files(experiment, known, blobs, left)
        base, message = self.recorded.base, f"{_message(experiment)}\n{reason}\n"
        place = failure(base, experiment.name)
        return self.writer.add(place, base, message, files, executable, anew=True, edits=self.edits)

    @property
    def edits(self) -> str:
        """The commit with the work tree's edits, "" if there are none."""
        return self.recorded.commit if self.recorded.head else ""

    def _files(
        self, experiment: Experiment, known: Mapping[str, Entry], blobs: Mapping[str, bytes], left: Collection[str]
    ) -> tuple[dict[str, bytes], set[str]]:
        """Path -> content of what differs from the base; and those of them that are executable."""
        files = {path: text.encode() for path, text in experiment.files.items()} | dict(self.more)
        executable: set[str] = set()
        for stage in self.recorded.stages:
            if stage.name not in left:
                outs = [known[out.path] for out in stage.outs if out.in_git and out.path not in files]
                files |= {out.path: blobs[out.md5] for out in outs}
                executable |= {out.path for out in outs if out.executable}
        files[layout.DVC_LOCK] = self.locked(experiment, known, left).encode()
        return files, executable

    def locked(self, experiment: Experiment, known: Mapping[str, Entry], left: Collection[str] = ()) -> str:
        """The text of dvc.lock, as DVC writes it after it has run these stages but those in `left`."""
        ran = {stage.name: stage.ran for stage in self.recorded.stages}  # DVC leaves those that are gone from dvc.yaml
        stages = {
            name: self.written(name, experiment, known) if name in ran and name not in left else entry
            for name, entry in self.stages.items()
            if name not in left or ran[name]
        }
        text: str | None = self.lock if len(stages) == len(self.stages) else None
        for name, written in stages.items():
            if text is not None and _text(written) != _text(self.stages[name]):  # 1 is not 1.0
                text = lockfile.replaced(text, name, self._lines(name, written))
        return lockfile.text({"schema": "2.0", "stages": stages}) if text is None else text

    def written(self, name: str, experiment: Experiment, known: Mapping[str, Entry]) -> dict[str, Any]:
        """A stage's entry in dvc.lock, with what it was run on and what it made."""
        written = dict(self.stages[name])
        for section in ("deps", "outs"):
            if section in written:
                written[section] = [_item(item, known[normpath(str(item["path"]))]) for item in written[section]]
        if layout.PARAMS in (params := dict(written.get("params") or {})):
            params[layout.PARAMS] = {key: look_up(experiment.settings, key) for key in params[layout.PARAMS]}
            written["params"] = params
        return written

    def text(self, name: str, written: Mapping[str, Any]) -> str:
        """A stage's entry in dvc.lock, in DVC's form of text, without the stage's name."""
        return dedent(self._lines(name, written).partition("\n")[2])

    def _lines(self, name: str, written: Mapping[str, Any]) -> str:
        """What dvc.lock says of a stage; most often it is another hash here and there."""
        if name not in self.lines:
            self.lines[name] = lockfile.block(name, self.stages[name])
        made = lockfile.rehashed(self.lines[name], self.stages[name], written)
        return lockfile.block(name, written) if made is None else made


def _message(experiment: Experiment) -> str:
    return f"regrow sweep: {' '.join(experiment.overrides) or 'as it is'}\n"


def _text(entry: Any) -> str:
    return json.dumps(entry, default=str)


def _unhashed(stage: StageRecord, cmd: Any) -> dict[str, Any]:
    """A stage's entry in dvc.lock, in DVC's order, without hashes."""
    deps, outs = ([{"path": one.path} for one in side] for side in (stage.deps, stage.outs))
    whole = {"cmd": cmd, "deps": deps, "params": dict(stage.params), "outs": outs}
    return {section: told for section, told in whole.items() if told}


def _item(written: Mapping[str, Any], entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {"path": written["path"], "hash": "md5", "md5": entry.md5, "size": entry.size}
    if entry.files >= 0:
        told["nfiles"] = entry.files
    return told | ({"isexec": True} if entry.executable else {})


def as_entry(path: str, digest: hashing.Digest, in_git: bool) -> Entry:
    """An output by its hashes."""
    return Entry(path, digest.md5, digest.size, in_git, files=len(digest.files) if digest.files else -1)


def compiled(experiment: Experiment) -> Iterable[Entry]:
    """What the compile stage makes of an experiment."""
    for path, text in experiment.files.items():
        yield as_entry(path, hashing.of_bytes(text.encode()), True)
