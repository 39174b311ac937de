"""Where a module's source lies, found without importing it or its parents."""

import sys
from functools import lru_cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path


def _spec(name: str, path: tuple[str, ...]) -> ModuleSpec | None:
    """What the import system would find, editable installs' own finders included."""
    for finder in sys.meta_path:
        if finder is not PathFinder and getattr(finder, "__module__", "").startswith("__editable__"):
            found = finder.find_spec(name, list(path) or None)
            if found is not None:
                return found
    return PathFinder.find_spec(name, list(path) or None)


@lru_cache(maxsize=4096)
def _find(name: str, search: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]] | None:
    """(file, folders to search for submodules) of a dotted name; `search` is sys.path, so that the cache knows it."""
    parent, _, _ = name.rpartition(".")
    path: tuple[str, ...] = search
    if parent:
        above = _find(parent, search)
        if above is None or not above[1]:
            return None
        path = above[1]
    spec = _spec(name, path)
    if spec is None:
        return None
    return spec.origin, tuple(spec.submodule_search_locations or ())


def find_source(name: str) -> Path | None:
    """The .py file of a module or of a package's __init__; None if it has none (built in, compiled, absent)."""
    found = _find(name, tuple(sys.path))
    if found is None or not found[0] or not found[0].endswith(".py"):
        return None
    return Path(found[0])


def find_folder(package: str) -> Path | None:
    """The folder of a package (also one without __init__.py), or None."""
    found = _find(package, tuple(sys.path))
    return Path(found[1][0]) if found and found[1] else None


def exists(name: str) -> bool:
    """Whether a module or package of that name can be found."""
    return _find(name, tuple(sys.path)) is not None
