"""What `regrow run` refuses before any compute is spent: a result that its commit could not give again."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from regrow import environment_files, hashing, held, installed, names, stated
from regrow.environment_records import Difference
from regrow.errors import Exit, Problem, RegrowError
from regrow.lock import read_lock
from regrow.project import Project
from regrow.room import require_room
from regrow.tools import git, stores

# What a pipeline stands on and people edit; what the pipeline itself writes is no edit.
STOOD_ON = (names.CONF, names.SOURCE, names.PYPROJECT, names.REQUIREMENTS, names.VENDOR, names.DVC_YAML, ".dvcignore")
NO_CODE = re.compile(r"(^|/)(__pycache__|\.ipynb_checkpoints|[^/]+\.egg-info)(/|$)|\.py[co]$|~$|\.swp$")
SETTLED = {names.PARAMS, names.SETTINGS_LOCK}  # by the compile stage, in every run
ALLOW = "or, for a result that is marked as not replayable: regrow run --allow-dirty"


def require_environment(project: Project) -> None:
    """Raise RegrowError (exit code ENVIRONMENT) if packages are not installed as the lock says."""
    if other := other_packages(read_lock(project)):
        wrong = "\n  ".join([f"the environment is not the one that {names.REQUIREMENTS} says:", *other])
        fix = "to install what the lock says: make setup\nto lock what you want: requirements.in, then make lock"
        raise RegrowError(wrong, where="packages", fix=fix, code=Exit.ENVIRONMENT)


def other_packages(pins: Mapping[str, str]) -> list[str]:
    """The packages that are not installed in the versions pinned, a line each."""
    versions = {one.name: one.version for one in reversed(list(installed.distributions()))}
    return [
        f"{name}: locked {pinned}, here {here}"
        for name, pinned in sorted(pins.items())
        if (here := versions.get(name, "not installed")) != pinned
    ]


def odd_packages(
    project: Project, differences: Callable[[], list[Difference]], allowed: bool, otherwise: str
) -> list[Problem]:
    """What of the environment its lock would not give again; RegrowError (exit code ENVIRONMENT) unless `allowed`.

    Other versions than locked are never allowed. otherwise: what else there is.
    """
    require_environment(project)
    found = [*unlocked(project), *edited(differences())]
    if found and not allowed:
        raise RegrowError.of(or_else(found, otherwise), Exit.ENVIRONMENT)
    return found


def edited(found: Sequence[Difference]) -> list[Problem]:
    """What to say of files of packages that are not as they were installed."""
    if not found:
        return []
    lines = ["the environment is not as its packages were installed:", *environment_files.told(found)]
    return [Problem("\n  ".join(lines), "packages", f"to put it right: {repair(found)}")]


def repair(found: Iterable[Difference]) -> str:
    """What installs anew what was edited, from what the lock pins and not from the installer's cache."""
    packages = {one.package for one in found}
    if "" in packages:
        return "make setup (it builds the environment anew)"
    again = "".join(f" --reinstall-package {name}" for name in sorted(packages))
    return f"make setup\nor: uv pip sync --no-cache{again} --find-links {names.VENDOR} {names.REQUIREMENTS}"


def unlocked(project: Project) -> list[Problem]:
    """Packages that stages stand on, are here, and no clone would get: a lock that names others does not name them."""
    pins = read_lock(project)
    fingerprints = list(project.path(names.FINGERPRINTS).glob("*.lock"))
    here = {one.name for one in installed.distributions()} if pins else set()
    return [
        Problem(
            f"has no line for {name}, and {', '.join(_standing_on(name, fingerprints))} stands on it",
            names.REQUIREMENTS,
            f"put {name} into requirements.in (and its wheel into {names.VENDOR}/, if it has one), then: make lock",
        )
        for name in sorted((stated.packages(fingerprints) & here) - pins.keys())
    ]


def _standing_on(package: str, fingerprints: Iterable[Path]) -> list[str]:
    return sorted(f"stage {file.stem}" for file in fingerprints if package in stated.packages([file]))


def dirt(project: Project, otherwise: str = "") -> list[Problem]:
    """Files the pipeline stands on that HEAD does not hold as they are, and untracked ones that a stage stands on.

    otherwise: what else than a commit would do. Raises RegrowError (exit code UNSAFE) where there is no commit at all.
    """
    head = git.resolve(project.root, "HEAD")
    if head is None:
        fix = 'git add -A && git commit -m "first"'
        raise RegrowError("has no commit yet", where="Git", fix=fix, code=Exit.UNSAFE)
    recorded = git.files(project.root, head)
    stages = held.read_dvc_lock(project)
    made = {path for stage in stages.values() for path in _paths(stage, "outs")}
    made |= {names.PLUGIN_DEFAULTS}
    read = {path for stage in stages.values() for path in _paths(stage, "deps")} - made
    own = {path for path in recorded if path not in made and (_stood_on(path) or path in read)}
    found = [*_edited(project, {path: recorded[path] for path in sorted(own)}), *_untracked(project, recorded)]
    return or_else(found, otherwise)


def or_else(found: Iterable[Problem], otherwise: str) -> list[Problem]:
    """Problems that also say what else there is."""
    return [replace(problem, fix=f"{problem.fix}\n{otherwise}".rstrip()) for problem in found]


def _paths(stage: Mapping[str, Any], side: str) -> Iterable[str]:
    return (str(item.get("path")) for item in stage.get(side) or ())


def _stood_on(path: str) -> bool:
    return path.endswith(".dvc") or any(path == one or path.startswith(f"{one}/") for one in STOOD_ON)


def _edited(project: Project, recorded: Mapping[str, tuple[str, str]]) -> Iterable[Problem]:
    now = git.hash_files(project.root, recorded)
    for path, (mode, name) in recorded.items():
        if mode not in {"100644", "100755"} or now.get(path) == name:
            continue
        wrong = "has changes that no commit holds" if path in now else "is gone, and the last commit holds it"
        yield Problem(wrong, path, f"git add {path} && git commit")


def _untracked(project: Project, recorded: Iterable[str]) -> Iterable[Problem]:
    """Untracked settings, untracked code that a fingerprint names, untracked files that a stage's last run read."""
    stood_on = _code_files(project) | _read_files(project)
    new = set(git.untracked(project.root)) | set(git.staged(project.root)) - set(recorded)
    for path in sorted(new):
        if NO_CODE.search(path):
            continue
        if path.startswith(f"{names.VENDOR}/") and _is_locked(project, path):
            wrong = f"is in no commit, and {names.REQUIREMENTS} pins it: no clone and no replay could install it"
            yield Problem(wrong, path, f"git add --force {path} && git commit (a .gitignore may be hiding it)")
        elif path.startswith(f"{names.CONF}/") or path in stood_on:
            wrong = "is in no commit, and the pipeline stands on it"
            yield Problem(wrong, path, f"git add {path} && git commit; data: dvc add {path}")


def _is_locked(project: Project, path: str) -> bool:
    """Whether the lock pins a wheel by its hash."""
    lock = project.path(names.REQUIREMENTS)
    file = project.path(path)
    if not path.endswith(".whl") or not lock.is_file() or not file.is_file():
        return False
    return hashing.of_path(file, project.root).sha256 in lock.read_text(encoding="utf-8", errors="replace")


def _code_files(project: Project) -> set[str]:
    """The project's own modules that fingerprints name, as files."""
    units = set()
    for file in project.path(names.FINGERPRINTS).glob("*.lock"):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        units |= {line.split(" ")[1].partition(":")[0] for line in lines if line.startswith("code ")}
    stems = {f"{names.SOURCE}/{unit.replace('.', '/')}" for unit in units}
    return {f"{stem}{ending}" for stem in stems for ending in (".py", "/__init__.py")}


def _read_files(project: Project) -> set[str]:
    """Files of the project, kept neither by a stage nor as data, that stages read when they last ran."""
    read: set[str] = set()
    for file in project.path(names.IO_NOTES).glob("*.json"):
        try:
            noted = json.loads(file.read_text(encoding="utf-8"))
        except ValueError:
            continue
        read |= set(noted.get("project_files") or ())
    stages = held.read_dvc_lock(project).values()
    kept = {path for stage in stages for side in ("deps", "outs") for path in _paths(stage, side)}
    return {path for path in read if not any(path == one or path.startswith(f"{one}/") for one in kept)}


def require_compiled(project: Project) -> None:
    """Raise RegrowError if the compile stage can't settle by itself what is stale: the shape, or code outside src/."""
    from regrow import build  # the warm server has said already, most of the time

    stale = [problem for problem in build.check(project)[0] if problem.where not in SETTLED]
    shape = {problem.where for problem in stale} & {names.DVC_YAML, names.PLUGIN_DEFAULTS}
    if stale and (shape or not compile_runs(project)):
        raise RegrowError.of(stale)


def compile_runs(project: Project) -> bool:
    """Whether DVC will run the compile stage: an input or output of it is not what dvc.lock says."""
    stage = held.read_dvc_lock(project).get(names.COMPILE) or {}
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
    outs = [item for stage in held.read_dvc_lock(project).values() for item in stage.get("outs") or ()]
    require_room([project.root, *([cache] if cache else [])], 2 * sum(int(item.get("size", 0)) for item in outs))
