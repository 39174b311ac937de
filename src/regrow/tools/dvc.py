"""What is asked of DVC itself, through its Python interface; and starting it."""

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from regrow.errors import RegrowError
from regrow.tools.bring_back import from_cache
from regrow.tools.commands import Execute, Running, taken_over
from regrow.tools.dvc_stages import Look, StoppedError, looked_at

ABSENT = ""
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


def changed_files(root: Path) -> dict[str, list[FileChange]]:
    """For each stage of dvc.yaml, the files that differ from dvc.lock, hashed by DVC.

    Raises RegrowError if DVC refuses.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    changes: dict[str, list[FileChange]] = {}
    try:
        with Repo(str(root)) as repo, repo.lock:
            for stage in repo.index.stages:
                name = getattr(stage, "name", None)
                if name is None:
                    continue
                sides = [(item, False) for item in stage.deps] + [(item, True) for item in stage.outs]
                changes[name] = [
                    _change(item, is_output)
                    for item, is_output in sides
                    if not hasattr(item, "params") and item.hash_info and item.workspace_status()
                ]
    except DvcException as error:
        raise RegrowError(str(error), where="dvc") from None
    return changes


def _change(item: Any, is_output: bool) -> FileChange:
    before, after = item.hash_info.value or ABSENT, ABSENT
    files: dict[str, tuple[str, str]] = {}
    if item.exists:
        _, _, now = item._build(item.cache, item.fs_path, item.fs, item.hash_name, ignore=item.dvcignore, dry_run=True)
        after = now.hash_info.value
        files = _file_changes(item.get_obj(), now)
    return FileChange(str(item), is_output, before, after, files)


def _file_changes(before: Any, after: Any) -> dict[str, tuple[str, str]]:
    """Path in the folder -> (hash before, after), where both listings can be had."""

    def listing(tree: Any) -> dict[str, str]:
        return {"/".join(key): info.value for key, (_, info) in tree.iteritems()} if hasattr(tree, "iteritems") else {}

    old, new = listing(before), listing(after)
    if not old or not new:
        return {}
    return {
        n: (old.get(n, ABSENT), new.get(n, ABSENT)) for n in sorted(old.keys() | new.keys()) if old.get(n) != new.get(n)
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
    jobs: int = 1,
    execute: Execute = lambda *_: None,
    look: Look = lambda *_: None,
) -> int:
    """Do what `dvc *arguments` does, in this process, in the project; the exit code is that of `dvc`.

    The environment's programs come first on PATH, so that `cmd: regrow ...` and DVC's own queue find them.
    Outputs that the cache holds are brought back. jobs: stages that may run at once. execute: is asked first to run
    their commands. look: as `dvc_stages.looked_at` has it.
    """
    from dvc.cli import main

    from regrow.tools import lockfile
    from regrow.tools.side_by_side import at_once

    programs = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])
    os.chdir(root)
    try:
        running = Running()
        beside = at_once(jobs, running) if jobs > 1 else nullcontext()
        back = nullcontext() if "--dry" in arguments else from_cache()
        with lockfile.by_stage(), taken_over(execute, running), looked_at(look), back, beside:
            return int(main(list(arguments)))
    except StoppedError as stopped:
        raise stopped.error from None
    except SystemExit as end:
        return int(end.code or 0)
