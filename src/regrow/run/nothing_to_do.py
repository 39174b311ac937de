"""Whether there is nothing to do, told from a snapshot of what the last run stood on, before DVC is imported.

The snapshot is taken only when DVC itself has found all up to date. A change of anything in it, and any doubt, means
that DVC has to look. File times alone are not trusted: the time of a file's last change of any kind counts, too, which
no call can set; only a clock that was turned back could deceive it.
"""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regrow import __version__, layout
from regrow.base.file_stamp import About, about, libraries
from regrow.tools.git_variables import HELD

COUNT = ("DVC_", "GIT_", "HYDRA_", "PYTHON", "XDG_", "REGROW_PACKAGE")
ENVIRONMENT, TREE, LIBRARIES = "environment", "tree", "libraries"
UP_TO_DATE = "Data and pipelines are up to date."  # as DVC says it
_asked = False  # before the command line was imported, which takes longer than this


def nothing_to_do_here() -> bool:
    """`nothing_to_do` for the project around the current folder; only the first time in a process, then False."""
    global _asked
    if _asked:
        return False
    _asked = True
    try:
        root = layout.find_project(Path.cwd())
    except OSError:
        return False  # the command says what is wrong
    return root is not None and nothing_to_do(root)


def nothing_to_do(root: Path) -> bool:
    """Whether the project, and all that it stands on, is as when DVC last found it up to date."""
    known = _read(root)
    same = known.get("process") == process() and all(_same(known.get(part)) for part in (ENVIRONMENT, TREE))
    return same and known.get(LIBRARIES) == libraries((known.get(LIBRARIES) or [""])[0])


def same_environment(root: Path) -> bool:
    """Whether packages, plugins and dvc.yaml are as they were then: what is compiled is stale only by files of ours."""
    known = _read(root)
    return known.get("process") == process() and _same(known.get(ENVIRONMENT))


def keep(
    root: Path, environment: Mapping[str, About | None], tree: Mapping[str, About | None], code: list[str]
) -> None:
    """Keep what was looked at before DVC said that all is up to date, for the next run. code: `libraries`."""
    snapshot = {"process": process(), ENVIRONMENT: environment, TREE: tree, LIBRARIES: code}
    file = root / layout.SNAPSHOT
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    new.write_text(json.dumps(snapshot), encoding="utf-8", errors="surrogateescape")
    new.replace(file)


def process() -> str:
    """A hash of what is not a file: the Python, the folder it is in, and variables that DVC, Git or Python read."""
    read = {name for name in os.environ if name.startswith(COUNT) and name not in HELD} | {"HOME", "USER"}
    said = {name: value for name, value in os.environ.items() if name in read}
    whole = [__version__, sys.version, sys.prefix, sorted(said.items())]
    return hashlib.sha256(repr(whole).encode("utf-8", "surrogateescape")).hexdigest()


def _same(known: Mapping[str, About | None] | None) -> bool:
    return known is not None and all(about(path) == then for path, then in known.items())


def _read(root: Path) -> dict[str, Any]:
    try:
        known = json.loads((root / layout.SNAPSHOT).read_text(encoding="utf-8", errors="surrogateescape"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
