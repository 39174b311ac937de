"""What stands against a run before any compute is spent: a list, so that all of it is told at once."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from regrow.base.errors import Exit, Problem, RegrowError
from regrow.base.user_cache import require_private
from regrow.environment import problems
from regrow.environment.records import EditedFile
from regrow.plugin.project import Project
from regrow.run import other_runs, refusals
from regrow.run.missing_data import require_data
from regrow.tools import declared_paths
from regrow.tools.declared_paths import DeclaredPath


class Objection(NamedTuple):
    """A result that no commit could give again, and the exit code of a run that is refused for it."""

    problem: Problem
    code: Exit


def require_own(project: Project, reads_data: bool = True) -> list[DeclaredPath]:
    """The paths that DVC's files declare. Raises RegrowError where somebody else works in this tree, what is written
    would lie outside of it, or tracked data is gone."""
    other_runs.require(project)
    require_private()
    declared = declared_paths.of_project(project.root)
    declared_paths.require_inside(project.root, declared=declared)
    if reads_data:
        require_data(project.root, declared)
    return declared


def preflight(
    project: Project, edited: Callable[[], Sequence[EditedFile]], uncommitted: Callable[[], Iterable[Problem]]
) -> list[Objection]:
    """What no lock gives of the environment, and what no commit could hold.

    edited: files of packages that are not as they were installed. uncommitted: as `uncommitted.problems` gives it; it
    is asked last, as it is being waited for.

    Raises RegrowError for what nobody may allow: other versions than locked, no place to keep results.
    """
    problems.require_environment(project)
    refusals.require_place(project)
    environment = [*refusals.unlocked(project), *problems.edited(edited())]
    found = [Objection(problem, Exit.ENVIRONMENT) for problem in environment]
    return [*found, *(Objection(problem, Exit.UNSAFE) for problem in uncommitted())]


def refuse(found: Sequence[Objection], otherwise: str = "") -> None:
    """Raise RegrowError with all of them, if there are any, and the exit code of the first. otherwise: what else
    there is."""
    if found:
        told = refusals.or_else((one.problem for one in found if one.code == Exit.ENVIRONMENT), otherwise)
        raise RegrowError.of([*told, *(one.problem for one in found if one.code != Exit.ENVIRONMENT)], found[0].code)
