"""What `regrow run` refuses before any compute is spent: a result that its commit could not give again."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from regrow import layout
from regrow.base import hashing
from regrow.base.disk_space import require_room
from regrow.base.errors import Exit, Problem, RegrowError
from regrow.environment import problems
from regrow.environment.records import EditedFile
from regrow.environment.requirements import read_lock
from regrow.fingerprint import read
from regrow.plugin import distributions
from regrow.plugin.project import Project
from regrow.settings import in_force
from regrow.settings.compose import compose
from regrow.tools import stores

SETTLED = {layout.PARAMS, layout.SETTINGS_LOCK}  # by the compile stage, in every run


def require_overrides(project: Project, overrides: list[str]) -> None:
    """Raise RegrowError for what `-S` gives and conf/, a schema or a stage refuses; a choice of several is DVC's."""
    from regrow.compile import columns, files_to_write
    from regrow.tools import hydra

    if not overrides or hydra.is_sweep(overrides):
        return
    known, plugins = files_to_write.load(project)
    made = files_to_write.make(known, plugins, compose(known, overrides))
    if wrong := columns.problems(known, plugins, made.checked, made.settings, made.files):
        raise RegrowError.of(wrong)


def odd_packages(
    project: Project, differences: Callable[[], list[EditedFile]], allowed: bool, otherwise: str
) -> list[Problem]:
    """What of the environment its lock would not give again; RegrowError (exit code ENVIRONMENT) unless `allowed`.

    Other versions than locked are never allowed. otherwise: what else there is.
    """
    problems.require_environment(project)
    found = [*unlocked(project), *problems.edited(differences())]
    if found and not allowed:
        raise RegrowError.of(or_else(found, otherwise), Exit.ENVIRONMENT)
    return found


def unlocked(project: Project) -> list[Problem]:
    """Packages that stages stand on, are here, and no clone would get: a lock that names others does not name them."""
    pins = read_lock(project)
    files = project.path(layout.FINGERPRINTS).glob("*.lock")
    fingerprints = {file.stem: read.packages([file]) | {*distributions.owners(read.modules([file]))} for file in files}
    here = {one.name for one in distributions.distributions()} if pins else set()
    found = sorted((set().union(*fingerprints.values()) & here) - pins.keys())
    if not found:
        return []
    on = {name: ", ".join(sorted(stage for stage, stood in fingerprints.items() if name in stood)) for name in found}
    lines = ["has no line for packages that stages stand on:", *(f"{name}: {stages}" for name, stages in on.items())]
    fix = f"put them into requirements.in (and wheels that no index has into {layout.VENDOR}/), then: make lock"
    return [Problem("\n  ".join(lines), layout.REQUIREMENTS, fix)]


def or_else(found: Iterable[Problem], otherwise: str) -> list[Problem]:
    """Problems that also say what else there is."""
    return [replace(problem, fix=f"{problem.fix}\n{otherwise}".rstrip()) for problem in found]


def require_compiled(project: Project) -> None:
    """Raise RegrowError if the compile stage can't settle by itself what is stale: the shape, or code outside src/."""
    from regrow.compile import write_and_check  # the warm server has said already, most of the time

    stale = [problem for problem in write_and_check.check(project)[0] if problem.where not in SETTLED]
    shape = {problem.where for problem in stale} & {layout.DVC_YAML, layout.PLUGIN_DEFAULTS}
    if stale and (shape or not compile_runs(project)):
        raise RegrowError.of(stale)


def compile_runs(project: Project) -> bool:
    """Whether DVC will run the compile stage: an input or output of it is not what dvc.lock says."""
    stage = in_force.read_dvc_lock(project).get(layout.COMPILE) or {}
    items = [*(stage.get("deps") or ()), *(stage.get("outs") or ())]
    return not items or any(_md5(project, str(item.get("path"))) != item.get("md5") for item in items)


def _md5(project: Project, path: str) -> str:
    try:
        return hashing.of_path(project.path(path), project.root).md5
    except OSError:
        return ""


def require_place(project: Project) -> None:
    """Raise RegrowError if results could not be kept: a cache that can't be written to, or no room for them."""
    cache = stores.cache(project.root).folder
    outs = [item for stage in in_force.read_dvc_lock(project).values() for item in stage.get("outs") or ()]
    require_room([project.root, *([cache] if cache else [])], 2 * sum(int(item.get("size", 0)) for item in outs))
