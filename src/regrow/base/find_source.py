"""Where a module's source lies, found without importing it or its parents.

Nothing is remembered from one call to the next, unless the caller does: files come and go while a process lives.
"""

import sys
from collections.abc import MutableMapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path


def _spec(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """What the import system would find, editable installs' own finders in their place."""
    for finder in sys.meta_path:
        if finder is PathFinder or getattr(finder, "__module__", "").startswith("__editable__"):
            # by its last part alone: of a dotted name it would ask for the parent among the imported modules
            found = finder.find_spec(name.rpartition(".")[2] if finder is PathFinder else name, path)
            if found is not None:
                return found
    return None


def find(name: str, known: MutableMapping[str, ModuleSpec | None] | None = None) -> ModuleSpec | None:
    """The spec of a dotted name, or None. known: what was found before, and is taken for true; it grows."""
    known = {} if known is None else known
    if name not in known:
        parent, _, _ = name.rpartition(".")
        folders = folders_of(find(parent, known)) if parent else None
        known[name] = _spec(name, folders) if name and (folders or not parent) else None
    return known[name]


def folders_of(spec: ModuleSpec | None) -> list[str]:
    """The folders in which a package's modules lie."""
    found = spec.submodule_search_locations if spec else None
    # a namespace's own list asks for its parent among the imported modules
    return list(getattr(found, "_path", found) or ())


def source_of(spec: ModuleSpec | None) -> Path | None:
    """The .py file of what was found; None if it has none (built in, compiled, a folder without __init__)."""
    return Path(spec.origin) if spec and spec.origin and spec.origin.endswith(".py") else None


def find_source(name: str) -> Path | None:
    """The .py file of a module or of a package's __init__; None if it has none (built in, compiled, absent)."""
    return source_of(find(name))


def find_folder(package: str) -> Path | None:
    """The folder of a package (also one without __init__.py), or None."""
    folders = folders_of(find(package))
    return Path(folders[0]) if folders else None
