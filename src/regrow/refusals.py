"""What `regrow run` refuses before any compute is spent: a result that its commit could not give again."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from regrow import declared_paths, hashing, held, installed, names
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
    found += declared_paths.read_outside(declared_paths.of_project(project.root))
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
        fix = f"git add {path} && git commit"
        if path.endswith(".dvc"):  # DVC rewrites it when files of its data are gone
            fix += f"\nto have the last commit's data back: git checkout HEAD -- {path} && dvc checkout {path}"
        yield Problem(wrong, path, fix)


def _untracked(project: Project, recorded: Iterable[str]) -> Iterable[Problem]:
    """Untracked settings, untracked code that a fingerprint names, untracked files that a stage's last run read."""
    stood_on = _code_files(project) | _read_files(project)
    new = set(git.untracked(project.root)) | set(git.staged(project.root)) - set(recorded)
    for path in sorted(new):
        if NO_CODE.search(path):
            continue
        if path.startswith(f"{names.CONF}/") or path in stood_on:
            wrong = "is in no commit, and the pipeline stands on it"
            yield Problem(wrong, path, f"git add {path} && git commit; data: dvc add {path}")


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
