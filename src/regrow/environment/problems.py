"""What of the running environment is not as its lock and its packages' records say, as problems with their remedy."""

from collections.abc import Iterable, Mapping, Sequence

from regrow import layout
from regrow.base.errors import Exit, Problem, RegrowError
from regrow.environment import files
from regrow.environment.records import EditedFile
from regrow.environment.requirements import read_lock
from regrow.plugin import distributions
from regrow.plugin.project import Project


def require_environment(project: Project) -> None:
    """Raise RegrowError (exit code ENVIRONMENT) if packages are not installed as the lock says."""
    if other := other_packages(read_lock(project)):
        wrong = "\n  ".join([f"the environment is not the one that {layout.REQUIREMENTS} says:", *other])
        fix = "to install what the lock says: make setup\nto lock what you want: requirements.in, then make lock"
        raise RegrowError(wrong, where="packages", fix=fix, code=Exit.ENVIRONMENT)


def other_packages(pins: Mapping[str, str]) -> list[str]:
    """The packages that are not installed in the versions pinned, a line each."""
    versions = {one.name: one.version for one in reversed(list(distributions.distributions()))}
    return [
        f"{name}: locked {pinned}, here {here}"
        for name, pinned in sorted(pins.items())
        if (here := versions.get(name, "not installed")) != pinned
    ]


def edited(found: Sequence[EditedFile]) -> list[Problem]:
    """What to say of files of packages that are not as they were installed."""
    if not found:
        return []
    lines = ["the environment is not as its packages were installed:", *files.told(found)]
    return [Problem("\n  ".join(lines), "packages", f"to put it right: {repair(found)}")]


def repair(found: Iterable[EditedFile]) -> str:
    """What installs anew what was edited, from what the lock pins and not from the installer's cache."""
    packages = {one.package for one in found}
    if "" in packages:
        return "make setup (it builds the environment anew)"
    again = "".join(f" --reinstall-package {name}" for name in sorted(packages))
    return f"make setup\nor: uv pip sync --no-cache{again} --find-links {layout.VENDOR} {layout.REQUIREMENTS}"
