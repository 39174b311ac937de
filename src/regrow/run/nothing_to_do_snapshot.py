"""Take the snapshot by which `regrow.run.nothing_to_do` knows that there is nothing to do."""

import hashlib
import site
from collections.abc import Iterable, Iterator
from pathlib import Path

from regrow import layout
from regrow.base import file_stamp, find_source
from regrow.environment import files
from regrow.environment.records import here
from regrow.fingerprint import read
from regrow.plugin import distributions
from regrow.plugin.project import Project
from regrow.run import nothing_to_do
from regrow.tools import git, up_to_date


def arm(project: Project) -> None:
    """Keep a snapshot if DVC finds all up to date, and everything is of a kind that a snapshot can tell a change of.

    What it stands on is looked at before DVC does: an edit in between is then seen by one of the two.
    """
    file = project.path(layout.SNAPSHOT)
    file.unlink(missing_ok=True)
    if project.path(layout.NOT_REPLAYABLE).exists() or git.top(project.root) is None:
        return
    stated = list(_fingerprints(project))
    code = files.code_of(here(), read.packages(stated) | {*distributions.owners(read.modules(stated))})
    libraries = file_stamp.libraries("\0".join(code))
    if not code or libraries[1] != hashlib.sha256(b"".join(code.values())).hexdigest():
        return  # edited since it was held against what was installed
    around = file_stamp.looked_at(environment(project))
    more = file_stamp.looked_at(git.state_files(project.root))
    tree = up_to_date.if_up_to_date(project.root, file_stamp.looked_at)
    if tree:
        nothing_to_do.keep(project.root, around, tree | more, libraries)


def environment(project: Project) -> Iterator[Path]:
    """What compiled files depend on outside conf/ and src/: installed packages, the code of plugins, dvc.yaml."""
    yield project.path(layout.DVC_YAML)
    for installed in map(Path, site.getsitepackages()):
        yield installed
        yield from installed.glob("*.pth")
    for package in sorted(_packages(project)):
        folder, file = find_source.find_folder(package), find_source.find_source(package)
        found: list[Path] = [folder, *_below(folder)] if folder else [file] if file else []
        if found and not found[0].is_relative_to(project.root):
            yield from found


def _packages(project: Project) -> set[str]:
    """The top-level packages whose code or data fingerprints name."""
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in _fingerprints(project))
    named = (line.split(" ")[1] for text in texts for line in text.splitlines() if line.startswith(("code ", "data ")))
    return {name.partition(":")[0].partition(".")[0] for name in named}


def _fingerprints(project: Project) -> Iterable[Path]:
    return project.path(layout.FINGERPRINTS).glob("*.lock")


def _below(folder: Path) -> Iterable[Path]:
    return (path for path in sorted(folder.rglob("*")) if "__pycache__" not in path.parts)
