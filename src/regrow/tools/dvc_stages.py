"""The stages that dvc.yaml declares, as DVC itself reads them, whether they ever ran or not."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regrow.base.errors import RegrowError

Look = Callable[[Path, list[tuple[str, str]]], None]  # is given the root, and (file and stage, path) of each output


@dataclass(frozen=True)
class DeclaredStage:
    """A stage. cmd: text, or a list of them. deps, outs: paths, in the order of dvc.lock. cached: the outs that DVC's
    cache holds, not Git. persisting: those that are not deleted before a run. params: file -> key -> value, {} for a
    file that is not there."""

    name: str
    cmd: Any
    deps: tuple[str, ...]
    outs: tuple[str, ...]
    cached: frozenset[str]
    persisting: frozenset[str]
    params: Mapping[str, Mapping[str, Any]]


def declared(root: Path) -> list[DeclaredStage]:
    """The stages of the project's own dvc.yaml, in the order in which DVC runs them.

    Raises RegrowError if DVC can't read them.
    """
    with _stages(root) as stages:
        return [_declared(stage) for stage in stages]


def ignored(root: Path, names: Collection[str]) -> dict[str, bytes]:
    """Have Git ignore what these stages make and DVC keeps, as DVC does when it runs them.

    Returns path -> content of each .gitignore that is another now. Raises RegrowError if Git holds such an output.
    """
    before: dict[Path, bytes] = {}
    with _stages(root) as stages:
        for out in (out for stage in stages if stage.name in names for out in stage.outs if out.use_scm_ignore):
            file = Path(out.fs_path).parent / ".gitignore"
            file.parent.mkdir(parents=True, exist_ok=True)
            before.setdefault(file, _content(file))
            out.ignore()
    return {file.relative_to(root).as_posix(): _content(file) for file in before if _content(file) != before[file]}


@contextmanager
def looked_at(look: Look) -> Iterator[None]:
    """Inside, `look` is given what DVC in this process is about to run, before any of it runs.

    What it raises ends DVC.
    """
    from dvc.repo import reproduce

    plain = reproduce.plan_repro

    def planned(*arguments: Any, **options: Any) -> Any:
        steps = plain(*arguments, **options)
        if steps:
            try:
                look(Path(steps[0].repo.root_dir), _outputs(steps))
            except RegrowError as error:
                raise StoppedError(error) from None
        return steps

    reproduce.plan_repro = planned
    try:
        yield
    finally:
        reproduce.plan_repro = plain


class StoppedError(BaseException):
    """An error of ours that DVC is not to take for one of its own."""

    def __init__(self, error: RegrowError) -> None:
        self.error = error
        super().__init__(str(error))


def _outputs(stages: Iterable[Any]) -> list[tuple[str, str]]:
    found = []
    for stage in stages:
        name = getattr(stage, "name", None)
        file = Path(os.path.relpath(stage.path, stage.repo.root_dir)).as_posix()
        for out in stage.outs:
            path = os.path.relpath(out.fs_path, stage.repo.root_dir) if out.protocol == "local" else str(out)
            found.append((f"{file}, stage {name}" if name else file, Path(path).as_posix()))
    return found


@contextmanager
def _stages(root: Path) -> Iterator[list[Any]]:
    from dvc.repo.reproduce import plan_repro

    with _repo(root) as repo:
        yield [stage for stage in plan_repro(repo.index.graph) if stage.path_in_repo == "dvc.yaml"]


@contextmanager
def _repo(root: Path) -> Iterator[Any]:
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo(str(root)) as repo:
            yield repo
    except (DvcException, ValueError) as error:  # its schema lets through what it then can't read
        raise RegrowError(f"DVC can't read it: {error}", where="dvc.yaml") from None


def _declared(stage: Any) -> DeclaredStage:
    from dvc.stage.utils import split_params_deps

    params, deps = split_params_deps(stage)
    first = {one.def_path: one.def_path != one.DEFAULT_PARAMS_FILE for one in params}
    return DeclaredStage(
        stage.name,
        stage.cmd,
        tuple(sorted(dep.def_path for dep in deps)),
        tuple(sorted(out.def_path for out in stage.outs)),
        frozenset(out.def_path for out in stage.outs if out.use_cache),
        frozenset(out.def_path for out in stage.outs if out.persist),
        {
            one.def_path: dict(sorted(one.read_params().items()))
            for one in sorted(params, key=lambda one: (first[one.def_path], one.def_path))
        },
    )


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""
