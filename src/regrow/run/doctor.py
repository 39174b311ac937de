"""What a project needs to run here: what is there, what is missing, and how to get it. Changes nothing."""

import configparser
import importlib.metadata
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.base.user_cache import cache_home
from regrow.base.yaml_files import read_text
from regrow.environment import files, problems, records
from regrow.environment.requirements import read_lock
from regrow.plugin.manager import hook_of, load_plugins
from regrow.plugin.project import Project
from regrow.run import refusals, uncommitted
from regrow.tools import declared_paths, git, stores

OLDEST_PYTHON = (3, 11)
OLDEST_GIT = Version("2.30")


@dataclass(frozen=True)
class Diagnosis:
    """What was looked at, what was found; `fix` is empty where all is well. A warning keeps nothing from running."""

    subject: str
    found: str
    fix: str = ""
    warning: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing is to be done."""
        return not self.fix


def examine(project: Project) -> list[Diagnosis]:
    """Look at Python, Git, DVC, the lock, the plugins and the project's files, in that order."""
    looks: tuple[Callable[[Project], Iterable[Diagnosis]], ...] = (
        _python,
        _git,
        _dvc,
        _remotes,
        _cache,
        _paths,
        _path,
        _lock,
        _vendor,
        _files,
        _plugins,
        _compiled,
        of_plugins,
    )
    return [finding for look in looks for finding in look(project)]


def _python(project: Project) -> Iterable[Diagnosis]:
    found = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info[:2] < OLDEST_PYTHON
    yield Diagnosis(
        "Python", found, "regrow needs Python 3.11 or later: python3.11 -m venv .venv, then make setup" if old else ""
    )
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        yield Diagnosis(
            "bytecode", "PYTHONDONTWRITEBYTECODE is set: every start is three times slower", "unset it", warning=True
        )


def _git(project: Project) -> Iterable[Diagnosis]:
    found = git.version()
    if not found:
        yield Diagnosis("Git", "not found", "install git, version 2.30 or later")
        return
    number = re.match(r"\d+(\.\d+)*", found)
    old = number is not None and Version(number.group()) < OLDEST_GIT
    yield Diagnosis("Git", found, f"regrow needs git {OLDEST_GIT} or later" if old else "")
    inside = git.is_repository(project.root)
    yield Diagnosis(
        "Git repository",
        "yes" if inside else "no",
        "" if inside else "git init && git add . && git commit -m 'first commit'",
    )


def _dvc(project: Project) -> Iterable[Diagnosis]:
    yield Diagnosis("DVC", *_installed("dvc", "make setup"))
    here = project.path(".dvc/config").is_file()
    yield Diagnosis("DVC repository", "yes" if here else "no", "" if here else "dvc init")
    if here and "enabled = true" not in project.path(".dvc/config").read_text(encoding="utf-8").lower():
        yield Diagnosis(
            "DVC with Hydra", "off: dvc exp run -S changes params.yaml, not conf/", "dvc config hydra.enabled true"
        )


def _remotes(project: Project) -> Iterable[Diagnosis]:
    """DVC trusts what a remote sends unless told to look."""
    config = configparser.ConfigParser(interpolation=None, strict=False)
    file = project.path(".dvc/config")
    config.read_string(
        "\n".join(line.strip() for line in read_text(file, ".dvc/config").splitlines()) if file.is_file() else ""
    )
    for section in config.sections():
        name = section.strip("'").removeprefix("remote ").strip('"')
        if section.strip("'").startswith("remote ") and config[section].get("verify", "").lower() != "true":
            fix = f"dvc remote modify {name} verify true"
            yield Diagnosis(f"remote {name}", "what it sends is not checked against its hash", fix, warning=True)


def _cache(project: Project) -> Iterable[Diagnosis]:
    """How DVC brings files into the project, and where regrow keeps its own."""
    for level, option in (("local", "--local "), ("repo", ""), ("global", "--global "), ("system", "--system ")):
        said = stores.settings(project.root, level).get("cache", {}).get("type") or ""
        types = [one.strip() for one in said.split(",")] if isinstance(said, str) else said
        linked = [one for one in takewhile(lambda one: one != "copy", types) if one in {"hardlink", "symlink"}]
        if linked:
            wrong = f"{linked[0]}: who edits a file of data in place edits DVC's only copy, which dvc status can't see"
            fix = f"dvc config {option}cache.type reflink,copy\ndvc checkout --relink"
            yield Diagnosis("cache.type", wrong, fix, warning=True)
    try:
        yield Diagnosis("folder for environments", str(cache_home()))
    except RegrowError as error:
        yield Diagnosis("folder for environments", *_told(error))


def _paths(project: Project) -> Iterable[Diagnosis]:
    """What is declared to be written, or read, outside of the project."""
    try:
        declared_paths.require_inside(project.root)
        read = list(declared_paths.read_outside(declared_paths.of_project(project.root)))
        yield from (Diagnosis(one.where, one.wrong, one.fix) for one in read)
    except RegrowError as error:
        yield from (Diagnosis(one.where, one.wrong, one.fix or "mend it") for one in error.problems)


def _told(error: RegrowError) -> tuple[str, str]:
    one = error.problems[0]
    return f"{one.where} {one.wrong}", one.fix


def _installed(name: str, fix: str) -> tuple[str, str]:
    try:
        return importlib.metadata.version(name), ""
    except importlib.metadata.PackageNotFoundError:
        return "not installed", fix


def _path(project: Project) -> Iterable[Diagnosis]:
    """`cmd: regrow ...` in dvc.yaml, and DVC's queue, start programs by name."""
    for program in ("regrow", "dvc"):
        found = shutil.which(program)
        ours = Path(sys.executable).parent
        if found is None:
            yield Diagnosis(
                f"{program} on PATH", "no", f'put the environment first: export PATH="{ours}:$PATH" (or activate it)'
            )
        elif Path(found).parent.resolve() != ours.resolve():
            fix = f'it is another environment\'s: export PATH="{ours}:$PATH" (or activate it)'
            yield Diagnosis(f"{program} on PATH", found, fix)
        else:
            yield Diagnosis(f"{program} on PATH", "yes")


def _lock(project: Project) -> Iterable[Diagnosis]:
    file = project.path(layout.REQUIREMENTS)
    if not file.is_file():
        yield Diagnosis(layout.REQUIREMENTS, "missing", "make lock")
        return
    pins = read_lock(project)
    here = {name: _installed(name, "")[0] for name in pins}
    differing = [f"{name} {here[name]} (lock: {pins[name]})" for name in sorted(pins) if here[name] != pins[name]]
    found = f"{len(pins)} packages, all installed as locked" if not differing else "; ".join(differing)
    yield Diagnosis(layout.REQUIREMENTS, found, "make setup installs what the lock says" if differing else "")

    for problem in refusals.unlocked(project):
        yield Diagnosis(problem.where, problem.wrong, problem.fix)


def _vendor(project: Project) -> Iterable[Diagnosis]:
    """Wheels that the lock pins and no clone would have."""
    for problem in uncommitted.problems(project) if git.resolve(project.root, "HEAD") else ():
        if problem.where.startswith(f"{layout.VENDOR}/"):
            yield Diagnosis(problem.where, problem.wrong, problem.fix)


def _files(project: Project) -> Iterable[Diagnosis]:
    found = files.differences(records.here())
    told = "\n".join(files.told(found)) or "each file of each package is as it was installed"
    yield Diagnosis("environment", told, problems.repair(found) if found else "")


def _plugins(project: Project) -> Iterable[Diagnosis]:
    loaded = load_plugins(project)
    for plugin in loaded.loaded:
        yield Diagnosis(
            f"plugin {plugin.name}",
            plugin.problem or plugin.version or "the project's own",
            "mend or remove it" if plugin.problem else "",
        )
    pins = read_lock(project)
    for plugin in loaded.loaded:
        if plugin.distribution and canonicalize_name(plugin.distribution) not in pins:
            fix = (
                f"put {plugin.distribution} into requirements.in (and its wheel into {layout.VENDOR}/), then: make lock"
            )
            yield Diagnosis(
                f"plugin {plugin.name}", f"is not in {layout.REQUIREMENTS}: a clone would lack it", fix, warning=True
            )


def _compiled(project: Project) -> Iterable[Diagnosis]:
    from regrow.compile import write_and_check

    try:
        problems, _ = write_and_check.check(project)
    except RegrowError as error:
        yield Diagnosis("compiled", str(error), "mend that, then: regrow compile")
        return
    for problem in problems:
        yield Diagnosis(f"compiled, {problem.where}", problem.wrong, problem.fix)
    if not problems:
        yield Diagnosis("compiled", "yes")


def of_plugins(project: Project) -> Iterable[Diagnosis]:
    """What the project's plugins look at, by the hook `regrow_doctor`."""
    manager = load_plugins(project).manager
    for name, module in sorted(manager.list_name_plugin(), key=lambda one: one[0]):
        try:
            found = [one for each in hook_of(manager, module, "regrow_doctor")(project=project) for one in each]
        except RegrowError as error:
            found = [Diagnosis(one.where, one.wrong, one.fix or "mend it") for one in error.problems]
        except Exception as error:
            found = [Diagnosis(f"plugin {name}", f"its checks failed: {type(error).__name__}: {error}", "mend it")]
        yield from found
