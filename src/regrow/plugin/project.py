"""A project: its folder and what pyproject.toml's [tool.regrow] says of it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base.errors import Problem, RegrowError
from regrow.base.safe_path import unsafe
from regrow.plugin.declare import is_taken

REQUIREMENTS = "requirements_lock"  # the source that every project has: what it pins
KNOWN_KEYS = ("package", "plugins", "without", "pass_environment", "sources", "template")


@dataclass(frozen=True)
class Project:
    """root: absolute folder. package: the project's own importable package in src/, or "" if it has none.
    plugins: names as listed. without: stages of theirs that are left out, as "plugin.stage". sources: artifact name ->
    path with forward slashes, the lock among them. steps: settings keys of mappings of components, known once the
    plugins are loaded (`regrow.compile.pipeline.Pipeline`)."""

    root: Path
    package: str = ""
    plugins: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    steps: frozenset[str] = frozenset()
    without: tuple[str, ...] = ()
    #: patterns of the variables that plugins' hooks get
    pass_environment: tuple[str, ...] = ()

    def path(self, relative: str) -> Path:
        """A path of the project, absolute."""
        return self.root / relative


def open_project(start: Path | None = None) -> Project:
    """The project around `start` (by default the current folder).

    Raises RegrowError where there is none or it is malformed.
    """
    here = (start or Path.cwd()).absolute()
    root = layout.find_project(here)
    if root is None:
        raise RegrowError(
            "this is not a regrow project: no pyproject.toml with a [tool.regrow] table here or above",
            where=str(here),
            fix="cd into a project, or generate one: cookiecutter <regrow's address> --directory template/project",
        )
    try:
        table = tomllib.loads((root / layout.PYPROJECT).read_text(encoding="utf-8")).get("tool", {}).get("regrow", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RegrowError(f"is not valid TOML: {error}", where=layout.PYPROJECT) from None
    return _checked(root, table)


def _checked(root: Path, table: Mapping[str, object]) -> Project:
    where = f"{layout.PYPROJECT} [tool.regrow]"
    known = f"the keys are {', '.join(KNOWN_KEYS)}"
    problems = [Problem(f"unknown key {key!r}", where, known) for key in table if key not in KNOWN_KEYS]
    package, plugins, sources = table.get("package", ""), table.get("plugins", []), table.get("sources", {})
    if not isinstance(package, str) or (package and not package.isidentifier()):
        problems.append(Problem(f"package must be the name of a Python package, not {package!r}", where))
    if not isinstance(plugins, list) or not all(isinstance(name, str) for name in plugins):
        problems.append(Problem(f"plugins must be a list of names, not {plugins!r}", where))
    elif len(set(plugins)) < len(plugins):
        problems.append(Problem(f"plugins names one twice: {', '.join(plugins)}", where))
    without, passed = table.get("without", []), table.get("pass_environment", [])
    for key, value, what in (("without", without, "plugin.stage"), ("pass_environment", passed, "variables")):
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            problems.append(Problem(f"{key} must be a list of {what}, not {value!r}", where))
    if not isinstance(sources, Mapping):
        problems.append(Problem(f"sources must be a table of name = path, not {sources!r}", where))
    else:
        problems += [p for name, path in sources.items() if (p := _unsafe_source(name, path))]
    if problems:
        raise RegrowError.of(problems)
    own = {REQUIREMENTS: layout.REQUIREMENTS} if (root / layout.REQUIREMENTS).is_file() else {}
    named: Mapping[str, str] = {**own, **sources}  # type: ignore[dict-item]
    lists: dict[str, Any] = {"without": without, "pass_environment": passed}
    return Project(root, str(package), tuple(plugins), named, **{key: tuple(value) for key, value in lists.items()})  # type: ignore[arg-type]


def _unsafe_source(name: str, path: object) -> Problem | None:
    where = f"{layout.PYPROJECT} [tool.regrow.sources] {name}"
    if not isinstance(path, str) or not path:
        return Problem(f"must be a path, not {path!r}", where)
    if is_taken(name):
        return Problem(f"{name!r} is no name for a source: it is taken", where, "rename it")
    return unsafe_path(path, where)


def unsafe_path(path: str, where: str) -> Problem | None:
    """What is wrong with a path that has to lie inside the project and outside .git and .dvc, or None."""
    wrong = unsafe(path) or ("is a path with ${, which DVC would replace" if "${" in path else "")
    return Problem(f"{path!r} {wrong}", where) if wrong else None
