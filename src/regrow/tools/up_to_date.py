"""What DVC's answer to `dvc repro` stands on, and whether the answer is that nothing is to be done."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from regrow.tools.dvc_templates import sources

T = TypeVar("T")


def if_up_to_date(root: Path, look: Callable[[Iterable[Path]], Mapping[str, T]]) -> dict[str, T] | None:
    """What `look` makes of the paths that count, if DVC, asked afterwards, finds that nothing has changed.

    The paths are those of the tree that DVC does not ignore, DVC's own settings, and the objects in its cache; the tree
    is looked at before DVC reads any of it. None, too, where there is more to it than files of this project, or DVC
    can't read its own.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo, lock_repo

    try:
        with Repo(str(root)) as repo:
            tree = _walk(repo, root) if Path(repo.root_dir) == root else []
            seen = dict(look([*tree, *_put_in(tree, root), *_settings(root)]))
            if not tree:
                return None
            with lock_repo(repo):  # what is read of dvc.yaml then serves twice
                items = [(stage, item) for stage in repo.index.stages for item in (*stage.deps, *stage.outs)]
                if not all(_is_plain(stage, item, root) for stage, item in items):
                    return None
                cached = (item for _, item in items if getattr(item, "use_cache", False))
                seen |= look(sorted({path for item in cached for path in _objects(item)}))
                return None if repo.status() else seen
    except DvcException:
        return None


def _settings(root: Path) -> list[Path]:
    from dvc.config import Config

    return [Path(file) for file in Config(str(root / ".dvc")).files.values()]


def _put_in(tree: Iterable[Path], root: Path) -> set[Path]:
    """What is put into a dvc.yaml, wherever it is."""
    pipelines = (path.relative_to(root).as_posix() for path in tree if path.name == "dvc.yaml")
    return {root / file for one in pipelines for file in sources(root, one)}


def _is_plain(stage: Any, item: Any, root: Path) -> bool:
    """Whether an input or output is a file or folder of the project."""
    if stage.frozen and item in stage.deps:
        return True  # is not looked at
    return item.protocol == "local" and Path(item.fs_path).is_relative_to(root)


def _objects(item: Any) -> set[Path]:
    """The objects of an output in the cache; of a folder, those of its files, too."""
    names = [item.hash_info.value] if item.hash_info else []
    tree = item.get_obj() if names and str(names[0]).endswith(".dir") else None
    names += [info.value for _, (_, info) in tree.iteritems()] if tree is not None else []
    return {Path(item.cache.oid_to_path(name)) for name in names}


def _walk(repo: Any, root: Path) -> list[Path]:
    """The folders that DVC does not ignore, and the files in them; none where a link leads to another folder."""
    found: list[Path] = []
    for place, folders, files in os.walk(root):
        folders[:] = [one for one in folders if not repo.dvcignore.is_ignored_dir(f"{place}{os.sep}{one}")]
        if any(Path(place, one).is_symlink() for one in folders):
            return []
        found += [Path(place), *(Path(place, one) for one in files)]
    return found
