"""What has to be the same on every machine that takes part in a sweep."""

import sys
from dataclasses import dataclass

from regrow import __version__
from regrow.base.errors import Exit, RegrowError
from regrow.environment import files, problems
from regrow.environment.records import here
from regrow.environment.requirements import locked_versions

FIX = "install what requirements.lock says where the workers are, and regrow[dask]; then start them again"


@dataclass(frozen=True)
class Needed:
    """python: such as "3.11". lock: the text of requirements.lock."""

    python: str
    regrow: str
    lock: str


def needed(lock: str) -> Needed:
    """What this machine has, with the text of the project's lock."""
    return Needed(f"{sys.version_info.major}.{sys.version_info.minor}", __version__, lock)


def differences(wanted: Needed) -> list[str]:
    """What is not the same here, a line each."""
    own = needed("")
    found = [f"Python: {own.python}, not {wanted.python}"] if own.python != wanted.python else []
    found += [f"regrow: {own.regrow}, not {wanted.regrow}"] if own.regrow != wanted.regrow else []
    found += problems.other_packages(locked_versions(wanted.lock))
    return found + files.told(files.differences(here()))


def other(who: str, lines: list[str]) -> RegrowError:
    """The error that tells of differences."""
    wrong = "\n  ".join(["its environment is not the one here:", *lines])
    return RegrowError(wrong, where=who, fix=FIX, code=Exit.ENVIRONMENT)
