"""What a run would stand on and no commit could hold as it is: untracked, ignored, overlooked or converted files."""

import json
import posixpath
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from regrow import layout
from regrow.base import hashing
from regrow.base.errors import Exit, Problem, RegrowError
from regrow.environment.requirements import read_lock
from regrow.plugin.project import Project
from regrow.run import imported_files
from regrow.settings import in_force
from regrow.tools import declared_paths, dvc_templates, git

# What a pipeline stands on and people edit; what the pipeline itself writes is no edit.
WHOLE = (layout.CONF, layout.SOURCE)
STOOD_ON = (layout.CONF, layout.SOURCE, layout.VENDOR)
FILES = (layout.PYPROJECT, layout.REQUIREMENTS, layout.DVC_YAML, ".dvcignore", ".dvc/config")
ALLOW = "or, for a result that is marked as not replayable: regrow run --allow-dirty"
PLAIN = {"100644", "100755"}
STAGES = f"{layout.DVC_YAML}{declared_paths.STAGE}"  # how it is said where something is declared


def problems(
    project: Project, otherwise: str = "", declared: Sequence[declared_paths.DeclaredPath] | None = None
) -> list[Problem]:
    """Edits of tracked files are none: the commit that is made after the run holds them with what came of them.

    otherwise: what else than adding them would do. declared: `declared_paths.of_project`, where it was asked already.
    Raises RegrowError (exit code UNSAFE) where there is no commit at all.
    """
    if git.resolve(project.root, "HEAD") is None:
        fix = 'git add -A && git commit -m "first"'
        raise RegrowError("has no commit yet", where="Git", fix=fix, code=Exit.UNSAFE)
    if declared is None:
        declared = declared_paths.of_project(project.root)
    index, stages = git.index(project.root), in_force.read_dvc_lock(project).values()
    ours = [one for one in declared if one.where.startswith(STAGES) and "${" not in one.path]
    made = {one.path for one in ours if one.use == declared_paths.WRITES} | {layout.PLUGIN_DEFAULTS}
    made |= {posixpath.normpath(str(item["path"])) for stage in stages for item in stage.get("outs") or ()}
    read = {one.path for one in ours if one.use == declared_paths.READS}
    read |= {posixpath.normpath(str(item["path"])) for stage in stages for item in stage.get("deps") or ()}
    read -= made | set(layout.COMPILE_DEPS)
    pipelines = [path for path in index if posixpath.basename(path) == layout.DVC_YAML]
    read |= {file for one in pipelines for file in dvc_templates.sources(project.root, one)} - made
    found = [*_untracked(project, read, made), *_differing(project, index, read)]
    found += declared_paths.read_outside(declared)
    return [replace(problem, fix=f"{problem.fix}\n{otherwise}".rstrip()) for problem in found]


def _below(path: str, places: Collection[str]) -> bool:
    """Whether a path is one of these places, or lies in one."""
    while path and path not in places:
        path = posixpath.dirname(path)
    return bool(path)


def _untracked(project: Project, read: set[str], made: set[str]) -> Iterable[Problem]:
    """Settings, code that stages import, and files that they declare or have read, in Git neither way."""
    noted, scripts = _noted(project, made), imported_files.scripts(project)
    tops = {path.partition("/")[0] for path in (*STOOD_ON, *FILES, *read, *noted, *scripts)}
    listed = [path for path in git.untracked(project.root) if path.partition("/")[0].removesuffix(".dvc") in tops]
    whole = _compiled_from(project, listed)
    new = [path for path in listed if path in whole or not imported_files.NO_CODE.search(path)]
    code = imported_files.files(project) if any(map(imported_files.CODE.search, new)) else set()
    stood_on = code | whole | _fingerprinted(project) | noted
    by_dvc = {path.removesuffix(".dvc") for path in new if path.endswith(".dvc")}
    wheels = _wheels(project, new)
    found = [
        path
        for path in new
        if not _below(path, made)
        and (
            path in FILES
            or path in wheels
            or _stands_on(path, stood_on)
            or (_below(path, read) and not _kept_by_dvc(project, path))
            or (path.endswith(".dvc") and path.removesuffix(".dvc") in by_dvc & read)
        )
    ]
    ignored = git.ignored(project.root, found)
    for path in found:
        if path in ignored:
            wrong = "is ignored by Git, so no commit can hold it, and the pipeline stands on it"
            yield Problem(wrong, path, f"git add --force {path}, or take it out of .gitignore; data: dvc add {path}")
        else:
            wrong = "is not in Git, and the pipeline stands on it"
            yield Problem(wrong, path, f"git add {path}; data: dvc add {path}{_elsewhere(path)}")


def _elsewhere(path: str) -> str:
    """What else can be done with a file that nobody needs where it lies."""
    top = path.partition("/")[0]
    return f"; no part of it: move it out of {top}/, or name it in .dvcignore" if top in WHOLE else ""


def _compiled_from(project: Project, listed: Iterable[str]) -> set[str]:
    """Files of settings and code as DVC sees them: it hashes both folders whole, and dvc.lock tells that hash."""
    tops = {path.partition("/")[0] for path in listed} & set(WHOLE)
    return {f"{top}/{file}" for top in tops for file in hashing.below(project.path(top), project.root)}


def _stands_on(path: str, stood_on: set[str]) -> bool:
    """A folder with a repository of its own is listed as one, with a slash."""
    return path in stood_on or (path.endswith("/") and any(one.startswith(path) for one in stood_on))


def _kept_by_dvc(project: Project, path: str) -> bool:
    while path and not project.path(f"{path}.dvc").is_file():
        path = posixpath.dirname(path)
    return bool(path)


def _wheels(project: Project, new: Iterable[str]) -> set[str]:
    """Wheels in vendor/ that the lock pins: nobody could build the environment without them."""
    found = set()
    pins = read_lock(project) if any(path.startswith(f"{layout.VENDOR}/") for path in new) else {}
    for path in new:
        try:
            name, version, *_ = parse_wheel_filename(posixpath.basename(path))
        except InvalidWheelFilename:
            continue
        if posixpath.dirname(path) == layout.VENDOR and pins.get(canonicalize_name(name)) == str(version):
            found.add(path)
    return found


def _fingerprinted(project: Project) -> set[str]:
    """The project's own modules that fingerprints name, as files."""
    units = set()
    for file in project.path(layout.FINGERPRINTS).glob("*.lock"):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        units |= {line.split(" ")[1].partition(":")[0] for line in lines if line.startswith("code ")}
    stems = {f"{layout.SOURCE}/{unit.replace('.', '/')}" for unit in units}
    return {f"{stem}{ending}" for stem in stems for ending in (".py", "/__init__.py")}


def _noted(project: Project, made: set[str]) -> set[str]:
    """Files of the project, kept neither by a stage nor as data, that stages read when they last ran."""
    read: set[str] = set()
    for file in project.path(layout.IO_NOTES).glob("*.json"):
        try:
            read |= set(json.loads(file.read_text(encoding="utf-8")).get("project_files") or ())
        except ValueError:
            continue
    return {path for path in read if not _below(path, made) and not _kept_by_dvc(project, path)}


def _differing(project: Project, whole: Mapping[str, git.Staged], read: set[str]) -> Iterable[Problem]:
    """Tracked files of which a commit would hold other bytes than are read: overlooked edits, and what Git converts."""
    index = {
        path: entry
        for path, entry in whole.items()
        if entry.mode in PLAIN and (path in FILES or path.endswith(".dvc") or _below(path, (*STOOD_ON, *read)))
    }
    now = git.hash_files(project.root, index)
    edited = [path for path in index if path in now and now[path] != index[path].name]
    converted = git.hash_files(project.root, edited, filters=True)
    for path in edited:
        if index[path].overlooked:
            fix = f"git update-index --no-assume-unchanged --no-skip-worktree {path}"
            yield Problem("is edited, and Git is told to overlook that, so no commit will hold it", path, fix)
        elif converted.get(path) != now[path]:
            wrong = "is converted by Git (line ends, or a filter), so a commit would hold other bytes than are read"
            yield Problem(wrong, path, f'in .gitattributes: "{path} -text -filter"')
