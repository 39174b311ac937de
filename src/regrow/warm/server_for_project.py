"""A warm server for the stages of a project."""

import os
from contextlib import AbstractContextManager
from pathlib import Path

from regrow import layout
from regrow.base.yaml_files import alike
from regrow.environment import variables
from regrow.fingerprint import read
from regrow.plugin.project import Project
from regrow.warm import client


def served(
    project: Project, *, keep: bool = False, compiles: bool = True, jobs: int = 1
) -> AbstractContextManager[str]:
    """There is one inside, with what the project's fingerprints name; yields why not, else "".

    keep: it stays on afterwards. compiles: whether it is to compile before it runs stages. jobs: how many of these at
    once.
    """
    portable, wanted = needs(project.root)
    terms = client.Terms(keep, wanted, compiles, jobs)
    return client.kept(variables.variables(os.environ, portable), terms)


def needs(root: Path) -> tuple[bool, set[str]]:
    """Of a project's fingerprints: whether all stages take the portable kernels, and what they stand on."""
    files = list((root / layout.FINGERPRINTS).glob("*.lock"))
    portable = all(read.is_portable(file) for file in files)
    return portable, read.packages(files) | read.modules(files) | _readers(root / layout.PARAMS)


def _readers(settings: Path) -> set[str]:
    """The package with which stages read these settings once more, if they do."""
    try:
        return set() if alike(settings.read_text(encoding="utf-8")) else {"omegaconf"}
    except (OSError, UnicodeDecodeError):
        return set()  # stages say what is wrong
