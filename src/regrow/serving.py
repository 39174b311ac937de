"""A warm server for the stages of a project."""

import os
from contextlib import AbstractContextManager

from regrow import determinism, names, stated
from regrow.project import Project
from regrow.warm import client


def served(project: Project, *, keep: bool = False, compiles: bool = True) -> AbstractContextManager[str]:
    """There is one inside, with what the project's fingerprints name; yields why not, else "".

    keep: it stays on afterwards. compiles: whether it is to compile before it runs stages.
    """
    files = list(project.path(names.FINGERPRINTS).glob("*.lock"))
    portable = all(stated.is_portable(file) for file in files)
    terms = client.Terms(keep, stated.packages(files), compiles)
    return client.kept(determinism.variables(os.environ, portable), terms)
