"""What a commit recorded: its stages with their commands, inputs and outputs by hash, read from Git objects alone."""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pathspec

from regrow import layout
from regrow.base.errors import Exit, RegrowError
from regrow.base.hashing import IGNORE, MD5, ignored
from regrow.base.yaml_files import read_yaml
from regrow.plugin.components import nearest
from regrow.tools import dvc_templates, git
from regrow.tools.dvc_templates import Read, ResolvedStages

Files = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Entry:
    """A file or folder with its hash. path: from the project. md5: with ".dir" for a folder, "" if unknown.
    size: bytes, -1 if unknown. in_git: Git holds its bytes; else DVC's cache. persist: not deleted before a run.
    files: of a folder, how many; -1 if unknown. executable: whether a file is. cached: whether DVC's cache may hold it.
    """

    path: str
    md5: str
    size: int = -1
    in_git: bool = False
    persist: bool = False
    files: int = -1
    executable: bool = False
    cached: bool = True


@dataclass(frozen=True)
class StageRecord:
    """A stage as dvc.lock tells it. folder: where its command runs. params: file -> key -> value. ran: False for one
    that only dvc.yaml tells of, so that nothing is known of what it made. declared: the commands that dvc.yaml says,
    () where that can't be told."""

    name: str
    commands: tuple[str, ...]
    folder: str = ""
    deps: tuple[Entry, ...] = ()
    outs: tuple[Entry, ...] = ()
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ran: bool = True
    declared: tuple[str, ...] = ()

    @property
    def is_ours(self) -> bool:
        """Whether regrow runs it: then its environment is regrow's."""
        return all(one == layout.COMPILE_COMMAND or one.startswith(layout.STAGE_COMMAND) for one in self.commands)


@dataclass(frozen=True)
class Recorded:
    """commit: full name. files: path -> (mode, object). stages: in an order they can run in. data: what .dvc files
    track. ignore: what DVC does not see, by the .dvcignore files of the commit. pipelines: each dvc.yaml, with values
    put in. head: the commit that this one, which nothing refers to, holds edits of; "" for any other."""

    root: Path
    commit: str
    files: Files
    stages: tuple[StageRecord, ...]
    data: tuple[Entry, ...]
    ignore: pathspec.GitIgnoreSpec
    pipelines: Mapping[str, ResolvedStages] = field(default_factory=dict)
    head: str = ""

    @property
    def base(self) -> str:
        """The commit that experiments of it begin from."""
        return self.head or self.commit

    @cached_property
    def makers(self) -> dict[str, str]:
        """Path of an output -> stage."""
        return {out.path: stage.name for stage in self.stages for out in stage.outs}

    @cached_property
    def held(self) -> set[str]:
        """Files and folders that Git holds."""
        return _with_folders(self.files)

    @property
    def inputs(self) -> tuple[Entry, ...]:
        """What stages read, no stage makes and DVC's cache holds; each once."""
        tracked = {entry.path: entry for entry in self.data}
        found = dict(tracked)
        for stage in self.stages:
            for dep in stage.deps:
                if dep.path not in self.makers and not dep.in_git:
                    found.setdefault(dep.path, dep)
        return tuple(found[path] for path in sorted(found))

    def text(self, path: str) -> str | None:
        """A file's text as the commit holds it, or None."""
        data = self.bytes(path)
        return None if data is None else data.decode("utf-8", "replace")

    def bytes(self, path: str) -> bytes | None:
        """A file's bytes as the commit holds it, or None. Raises RegrowError as `regrow.tools.git_objects` does."""
        mode, name = self.files.get(path, ("", ""))
        return git.blobs(self.root, {name: f"{path} of commit {self.commit[:10]}"})[name] if is_file(mode) else None


def resolve(root: Path, revision: str) -> str:
    """The full name of the commit that a revision, or a DVC experiment, names.

    Raises RegrowError for anything else, options included; and, by its code, for a commit that is not as it was made.
    """
    commit = git.resolve(root, revision) if revision and not revision.startswith("-") else None
    experiments = git.experiments(root) if commit is None else {}
    commit = commit or experiments.get(revision)
    if commit is None:
        git.require_whole(root, revision)
        hint = f"; experiments: {nearest(revision, list(experiments))}" if experiments else ""
        raise RegrowError(f"{revision!r} names no commit{hint}", where="revision", fix="see: git log --oneline --all")
    return commit


def read_commit(root: Path, revision: str, *, run: bool = True) -> Recorded:
    """What the commit recorded. run: whether it has to have recorded a run.

    Raises RegrowError if there is no such commit, it recorded no run, or what it holds of one can't be read (exit code
    MISMATCH).
    """
    commit = resolve(root, revision)
    return read_files(root, commit, git.files(root, commit), run=run)


def read_index(root: Path) -> Recorded:
    """What a commit made now would record, of what is staged. Raises RegrowError as `read_commit` does."""
    staged = {path: (entry.mode, entry.name) for path, entry in git.index(root, git.committing(root)).items()}
    return read_files(root, resolve(root, "HEAD"), staged, whose="of what is staged", run=False)


def read_files(root: Path, commit: str, files: Files, *, whose: str = "", run: bool = True) -> Recorded:
    """What files of a commit, or of one to come after it, record. Raises RegrowError as `read_commit` does."""
    if run and not any(posixpath.basename(path) == layout.DVC_LOCK for path in files):
        fix = "run the pipeline (dvc repro) and commit dvc.lock with the rest"
        raise RegrowError(f"holds no {layout.DVC_LOCK}: no run was recorded", where=f"commit {commit[:10]}", fix=fix)
    named = {path: name for path, (mode, name) in files.items() if is_file(mode)}
    wanted = [path for path in named if is_dvcs(path) or posixpath.basename(path) == IGNORE]
    objects = git.blobs(root, {named[path]: f"{path} of commit {commit[:10]}" for path in wanted})
    texts = {path: objects[named[path]] for path in wanted}
    spec = ignored({path: data for path, data in texts.items() if posixpath.basename(path) == IGNORE})
    texts = {path: data for path, data in texts.items() if is_dvcs(path) and not spec.match_file(path)}

    def read(path: str) -> bytes | None:
        name = named.get(path)
        return git.blobs(root, {name: f"{path} of commit {commit[:10]}"}).get(name) if name else None

    return _read(root, commit, files, texts, whose or f"of {commit[:10]}", spec, read)


def read_workspace(commit: Recorded) -> Recorded:
    """What DVC's files in the work tree say now, where they may differ from those of the commit that Git holds.

    Raises RegrowError as `read_commit` does.
    """
    root = commit.root
    new = git.untracked(root, f":(glob)**/{layout.DVC_LOCK}", f":(glob)**/{layout.DVC_YAML}", ":(glob)**/*.dvc")
    wanted = [path for path in (*commit.files, *new) if is_dvcs(path) and (root / path).is_file()]
    texts = {path: (root / path).read_bytes() for path in wanted}
    return _read(root, commit.commit, commit.files, texts, "here", commit.ignore, dvc_templates.on_disk(root))


def is_file(mode: str) -> bool:
    """Whether an entry of a commit is a file or a link, and no submodule."""
    return mode.startswith(("100", "120"))


def is_dvcs(path: str) -> bool:
    """Whether a file is one of those in which DVC records what it tracks."""
    name = posixpath.basename(path)
    return name in {layout.DVC_LOCK, layout.DVC_YAML} or (name.endswith(".dvc") and name != ".dvc")


def _read(root: Path, commit: str, files: Files, texts: Mapping[str, bytes], whose: str,
          ignore: pathspec.GitIgnoreSpec, read: Read) -> Recorded:  # fmt: skip
    documents = {path: _document(data, f"{path} {whose}") for path, data in texts.items()}
    held = _with_folders(files)
    yamls = [path for path in texts if posixpath.basename(path) == layout.DVC_YAML]
    pipelines = {path: dvc_templates.resolve(documents[path], posixpath.dirname(path), read) for path in yamls}
    locks = [path for path in texts if posixpath.basename(path) == layout.DVC_LOCK]
    try:
        stages = [stage for path in locks for stage in _stages(path, documents, pipelines, held)]
        data = [e for path in texts if path.endswith(".dvc") for e in _tracked(path, documents[path], held)]
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        fix = "git log -p dvc.lock shows who changed it"
        raise RegrowError(f"its dvc.lock is not of DVC's form: {error}", where=f"DVC's files {whose}", fix=fix,
                          code=Exit.MISMATCH) from None  # fmt: skip
    return Recorded(root, commit, files, tuple(_ordered(stages, commit)), tuple(data), ignore, pipelines)


def _with_folders(files: Iterable[str]) -> set[str]:
    held = set(files)
    for path in files:
        while (path := posixpath.dirname(path)) and path not in held:
            held.add(path)
    return held


def _document(data: bytes, name: str) -> dict[str, Any]:
    try:
        document = read_yaml(data.decode("utf-8", "replace"), name)
    except RegrowError as error:
        raise RegrowError.of(error.problems, Exit.MISMATCH) from None
    return document if isinstance(document, dict) else {}


def _stages(
    lock: str, documents: Mapping[str, Any], pipelines: Mapping[str, ResolvedStages], held: set[str]
) -> Iterable[StageRecord]:
    above = posixpath.dirname(lock)
    prefix = f"{above}:" if above else ""
    pipeline = pipelines.get(posixpath.join(above, layout.DVC_YAML), ResolvedStages({}))
    for name, entry in (documents[lock].get("stages") or {}).items():
        if (pipeline.stages or pipeline.unresolved) and not pipeline.has(name):
            continue  # DVC leaves the records of stages that are gone from dvc.yaml; it would not run them
        written = pipeline.stages.get(name) or {}
        folder = _path(above, str(written.get("wdir") or ""))
        options = _options(written)
        yield StageRecord(
            prefix + name,
            commands(entry),
            folder,
            tuple(_entry(item, folder, held) for item in entry.get("deps") or ()),
            tuple(_entry(item, folder, held, options) for item in entry.get("outs") or ()),
            {file: dict(values) for file, values in (entry.get("params") or {}).items()},
            declared=commands(written),
        )


def commands(stage: Mapping[str, Any]) -> tuple[str, ...]:
    """The commands of a stage of dvc.lock or dvc.yaml."""
    said = stage.get("cmd") or ()
    return tuple(map(str, said)) if isinstance(said, list | tuple) else (str(said),)


def _options(written: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What dvc.yaml says of the outputs of a stage, such as that DVC does not delete one before it runs."""
    listed = [item for section in ("outs", "metrics", "plots") for item in written.get(section) or ()]
    pairs = [pair for item in listed if isinstance(item, dict) for pair in item.items()]
    return {path: options for path, options in pairs if isinstance(options, dict)}


def _entry(
    item: Mapping[str, Any],
    folder: str,
    held: set[str],
    options: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> Entry:
    """md5 is "" for what can't be one."""
    written = str(item["path"])
    path, said = _path(folder, written), options.get(written, {})
    md5 = str(item.get("md5") or "") if item.get("hash", "") == "md5" else ""  # else DVC 2's, of text with other ends
    md5 = md5 if MD5.fullmatch(md5) else ""
    size, files = int(item.get("size", -1)), int(item.get("nfiles", -1))
    persist, cached = bool(said.get("persist")), said.get("cache", True) is not False
    return Entry(path, md5, size, path in held, persist, files, bool(item.get("isexec")), cached)


def _path(folder: str, written: str) -> str:
    path = posixpath.normpath(posixpath.join(folder, written))
    return "" if path == "." else path


def _tracked(manifest: str, document: Mapping[str, Any], held: set[str]) -> Iterable[Entry]:
    folder = _path(posixpath.dirname(manifest), str(document.get("wdir") or ""))
    for item in document.get("outs") or ():
        yield _entry(item, folder, held)


def _ordered(stages: list[StageRecord], commit: str) -> Iterable[StageRecord]:
    by_name = {stage.name: stage for stage in stages}
    makers = {out.path: stage.name for stage in stages for out in stage.outs}

    def needed(stage: StageRecord) -> list[str]:
        found = {
            maker
            for dep in stage.deps
            for path, maker in makers.items()
            if maker != stage.name
            and (dep.path == path or dep.path.startswith(f"{path}/") or path.startswith(f"{dep.path}/"))
        }
        return sorted(found)  # the same order in every process

    try:
        order = TopologicalSorter({stage.name: needed(stage) for stage in stages}).static_order()
        return [by_name[name] for name in order]
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise RegrowError(f"its stages need each other in a circle: {circle}", where=f"commit {commit[:10]}") from None
