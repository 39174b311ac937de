"""Import the project's own code from its source, and never from bytecode.

Python trusts a cached .pyc whose source has the same size and the same second; an edit within that second would be
hashed into the fingerprint, but the old code would run.
"""

import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, ExtensionFileLoader, FileFinder, SourceFileLoader
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.plugin.project import Project

_hooked: set[str] = set()


class _FromSource(SourceFileLoader):
    """Without the source's date Python neither reads nor writes bytecode."""

    def path_stats(self, path: Any) -> Any:
        raise OSError(f"no bytecode for {path}")


def use_own_code(project: Project) -> None:
    """Put the project's src/ first on sys.path: each checkout (also DVC's temporary ones) runs its own code."""
    source = str(project.path(layout.SOURCE))
    if sys.path[:1] != [source]:  # also where PYTHONPATH or an editable install put it further back
        sys.path[:] = [source, *(folder for folder in sys.path if folder != source)]
    if source in _hooked:
        return
    _hooked.add(source)
    sys.path_hooks.insert(0, _hook_for(Path(source)))
    for path in [path for path in sys.path_importer_cache if f"{path}{os.sep}".startswith(source + os.sep)]:
        del sys.path_importer_cache[path]


def _hook_for(source: Path) -> Any:
    plain = FileFinder.path_hook((ExtensionFileLoader, EXTENSION_SUFFIXES), (_FromSource, SOURCE_SUFFIXES))

    def hook(path: str) -> FileFinder:
        if not Path(path).is_relative_to(source):
            raise ImportError(path)
        return plain(path)  # type: ignore[return-value]

    return hook
