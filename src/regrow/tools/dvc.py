"""What is asked of DVC itself, through its Python interface; and starting it."""

import gc
import io
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from regrow.base.errors import RegrowError
from regrow.base.yaml_files import ABSENT
from regrow.tools.dvc_patches.commands import Execute, taken_over
from regrow.tools.dvc_patches.replaced import Replaced as Replaced
from regrow.tools.dvc_patches.replaced import Tell, told
from regrow.tools.dvc_stages import Look, StoppedError, looked_at

NONE = ""  # the hash of what is not there
SELDOM = 200_000  # new objects between two looks of the garbage collector


@dataclass(frozen=True)
class FileChange:
    """A dependency or output that is not what dvc.lock says: its hashes, "" for absent.

    For a folder, its files' too.
    """

    path: str
    is_output: bool
    before: str
    after: str
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class StageChange:
    """A stage beside its record in dvc.lock, {} for none. cmd: what it would run. needs, makes: paths. files: those
    that differ. params: key -> (before, after) of those that do, with the name of a file that is not params.yaml."""

    record: Mapping[str, Any]
    cmd: Any
    needs: tuple[str, ...]
    makes: tuple[str, ...]
    files: tuple[FileChange, ...]
    params: Mapping[str, tuple[Any, Any]]


def changes(root: Path, texts: Mapping[str, str]) -> dict[str, StageChange]:
    """Each stage of each dvc.yaml, its files hashed by DVC.

    texts: path -> content of files of settings, as they are going to be. Raises RegrowError if DVC refuses.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    files = _going_to_be({str(root / path): text for path, text in texts.items()})
    try:
        with Repo(str(root), fs=files) as repo, repo.lock:
            stages = [stage for stage in repo.index.stages if getattr(stage, "name", None)]
            params = [_params(stage) for stage in stages]
            files.texts.clear()  # DVC remembers the hashes of files as they are
            both = zip(stages, params, strict=True)
            return {_name(stage): _stage_change(stage, found) for stage, found in both}
    except DvcException as error:
        raise RegrowError(str(error), where="dvc") from None


def _going_to_be(texts: dict[str, str]) -> Any:
    """The file system with other texts, by their full paths."""
    from dvc.fs import LocalFileSystem

    class ChangedFiles(LocalFileSystem):
        def exists(self, path: Any, *arguments: Any, **options: Any) -> Any:
            return self._has(path) or super().exists(path, *arguments, **options)

        def open(self, path: Any, mode: str = "r", **options: Any) -> Any:
            if not self._has(path):
                return super().open(path, mode, **options)
            text = self.texts[str(Path(path).absolute())]
            return io.BytesIO(text.encode()) if "b" in mode else io.StringIO(text)

        def _has(self, path: Any) -> bool:
            return isinstance(path, str) and str(Path(path).absolute()) in self.texts

    files = ChangedFiles()
    files.texts = texts
    return files


def _name(stage: Any) -> str:
    folder = stage.path_in_repo.rpartition("/")[0]
    return f"{folder}:{stage.name}" if folder else str(stage.name)


def _stage_change(stage: Any, params: Mapping[str, tuple[Any, Any]]) -> StageChange:
    sides = [(item, False) for item in stage.deps] + [(item, True) for item in stage.outs]
    files = [(item, is_output) for item, is_output in sides if not hasattr(item, "params")]
    record = (stage.dvcfile.lockfile_contents.get("stages") or {}).get(stage.name) or {}
    return StageChange(
        record,
        stage.cmd,
        tuple(_path(item) for item, is_output in files if not is_output),
        tuple(map(_path, stage.outs)),
        tuple(_change(item, is_output) for item, is_output in files if record and item.workspace_status()),
        params,
    )


def _path(item: Any) -> str:
    return str(item.fs.relpath(item.fs_path, item.repo.root_dir)) if item.is_in_repo else str(item)


def _params(stage: Any) -> dict[str, tuple[Any, Any]]:
    found: dict[str, tuple[Any, Any]] = {}
    for one in (item for item in stage.deps if hasattr(item, "params")):
        before, after = one.hash_info.value or {}, one.read_params()
        prefix = "" if _path(one) == one.DEFAULT_PARAMS_FILE else f"{_path(one)}:"
        keys = one.params or sorted({*before, *after})
        pairs = {f"{prefix}{key}": (before.get(key, ABSENT), after.get(key, ABSENT)) for key in keys}
        found |= {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
    return found


def _change(item: Any, is_output: bool) -> FileChange:
    before, after = item.hash_info.value or NONE, NONE
    files: dict[str, tuple[str, str]] = {}
    if item.exists:
        _, _, now = item._build(item.cache, item.fs_path, item.fs, item.hash_name, ignore=item.dvcignore, dry_run=True)
        after = now.hash_info.value
        files = _file_changes(item.get_obj(), now)
    return FileChange(_path(item), is_output, before, after, files)


def _file_changes(before: Any, after: Any) -> dict[str, tuple[str, str]]:
    """Path in the folder -> (hash before, after), where both listings can be had."""

    def listing(tree: Any) -> dict[str, str]:
        return {"/".join(key): info.value for key, (_, info) in tree.iteritems()} if hasattr(tree, "iteritems") else {}

    old, new = listing(before), listing(after)
    if not old or not new:
        return {}
    return {
        n: (old.get(n, NONE), new.get(n, NONE)) for n in sorted(old.keys() | new.keys()) if old.get(n) != new.get(n)
    }


def prepare() -> None:
    """Import what `run` needs, which takes a while. The garbage collector does not look at it; at the rest, seldom."""
    gc.disable()
    try:
        for module in (
            "dvc.cli",
            "dvc.cli.parser",
            "dvc.repo",
            "dvc.repo.reproduce",
            "dvc.stage.run",
            "dvc.scm",
            "networkx",
        ):
            import_module(module)
    finally:
        gc.freeze()
        gc.set_threshold(SELDOM)
        gc.enable()


def run(
    arguments: Sequence[str],
    root: Path,
    execute: Execute = lambda *_: None,
    look: Look = lambda *_: None,
    *,
    before: Tell = lambda _: None,
    failed: Tell = lambda _: None,
) -> int:
    """Do what `dvc *arguments` does, in this process, in the project; the exit code is that of `dvc`.

    The environment's programs come first on PATH, so that `cmd: regrow ...` and DVC's own queue find them.
    execute: is asked first to run their commands. look: as `dvc_stages.looked_at`
    has it. before: hears of what is about to be replaced. failed: of the stages that fail.
    """
    from dvc.cli import main

    from regrow.tools.dvc_patches import lockfile, params

    programs = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])
    os.chdir(root)
    _without_hints()
    try:
        hears = told(root, before, failed)
        with lockfile.by_stage(), params.parsed_once(), taken_over(execute), looked_at(look), hears:
            return int(main(list(arguments)))
    except StoppedError as stopped:
        raise stopped.error from None
    except SystemExit as end:
        return int(end.code or 0)


def _without_hints() -> None:
    """Drop DVC's lines on its own files, which come once a stage: what a run ends with is its result."""
    from dvc import dvcfile
    from dvc.repo import scm_context

    for module in (dvcfile, scm_context):
        module.logger.addFilter(lambda record: record.levelno != logging.INFO)
