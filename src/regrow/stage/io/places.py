"""Sets of folders, apart for inside the project and outside; and which folders hold code, fonts and caches."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from regrow.base import find_source, loaded_modules
from regrow.stage.io import rules


class Places:
    """Folders with all below them.

    A folder around the project does not hold the project's own files: a project in the temporary folder is a project.
    """

    def __init__(self, root: str, folders: Iterable[str]) -> None:
        self._roots = tuple(rules.both([root]))
        forms = rules.both(folders)
        self._inner = _ends({form for form in forms if rules.below(form, self._roots)} - set(self._roots))
        self._outer = _ends({form for form in forms if not rules.below(form, self._roots)})
        self._edges = _ends(self._roots)

    def hold(self, path: str) -> bool:
        """Whether an absolute path is one of the folders or lies below."""
        path += os.sep
        return path.startswith(self._inner if path.startswith(self._edges) else self._outer)


def _ends(folders: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(folder.rstrip(os.sep) + os.sep for folder in folders))


def remember_loaded() -> None:
    """To be called before this process forks: see `regrow.base.loaded_modules`."""
    loaded_modules.remember(_ends(rules.installed()))


def code_folders(packages: Iterable[str]) -> list[str]:
    """The folders of packages, as written and with links followed; of a single module its file."""
    found = [find_source.find_folder(name) or find_source.find_source(name) for name in packages]
    return sorted(rules.both(str(path) for path in found if path))


def of_libraries(root: str) -> tuple[list[str], list[str]]:
    """What Python and its packages may read, and what they may also write, for a project at `root`."""
    home = Path.home() if os.environ.get("HOME") or os.name == "nt" else Path(root)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    fonts = [home / ".fonts", home / ".local/share/fonts", home / "Library/Fonts"]
    caches = [cache / "matplotlib", cache / "fontconfig", home / ".matplotlib"]
    if "MPLCONFIGDIR" in os.environ:
        caches.append(Path(os.environ["MPLCONFIGDIR"]))
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return [*rules.installed(), *rules.SYSTEM, *map(str, fonts), *_on_path(root, str(home))], [
        *map(str, caches),
        *([str(config / "matplotlib")] if not (config / "matplotlib").exists() else []),
    ]


def _on_path(root: str, home: str) -> list[str]:
    """Where else code comes from: sys.path, and packages imported by another way (editable installs).

    Not the project's own, nor folders as wide as the home or the project, which are on sys.path by accident.
    """
    wide = rules.both([root, home, os.getcwd()])  # noqa: PTH109
    entries = [path for entry in sys.path if entry and (path := rules.absolute(entry))]
    found = [path for path in entries if not any(rules.below(one, [path]) for one in wide)]
    known = _ends(rules.both([*rules.installed(), *found]))
    found += [place for place in loaded_modules.tops() if not place.startswith(known)]
    project = rules.both([root])
    return [place for place in found if not any(rules.below(form, project) for form in rules.both([place]))]
