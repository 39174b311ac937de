"""Which columns settings name, held against the tables of the last run: what is certainly wrong is told before compute.

A stage or a component says by `columns="module:function"` what its settings say of columns: the function takes the
checked settings and returns a `Columns`.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from regrow import layout as names
from regrow.base import hashing
from regrow.base.errors import Problem
from regrow.base.yaml_files import look_up
from regrow.compile.dvc_yaml import path_of
from regrow.plugin.components import Use, load, nearest
from regrow.plugin.declare import Columns, Reads, Stage
from regrow.plugin.manager import Plugins
from regrow.plugin.project import Project
from regrow.settings import in_force, source_line
from regrow.settings.compose import Settings, stage_settings


@dataclass
class _Said:
    """Of one stage and the components in its settings. loose: they may make columns that nothing tells of; open: so
    may the stage itself."""

    reads: list[Reads] = field(default_factory=list)
    makes: list[str] = field(default_factory=list)
    loose: bool = False
    open: bool = False


def problems(
    project: Project, plugins: Plugins, checked: Mapping[str, Any], settings: Settings, files: Mapping[str, str]
) -> list[Problem]:
    """Columns that settings name, and that are neither in the tables of the last run nor made by what comes before.

    checked: the settings of each stage. files: what compiling writes. None where the last run is of other data, code
    or reading than the next one, so that its tables say nothing of it.
    """
    said = {name: _said(plugins, plugins.stages[name], one) for name, one in checked.items()}
    needed = _needed(plugins)
    roots = [name for name in said if not needed[name] and _makes_tables(plugins.stages[name])]
    tables = _tables(project, [plugins.stages[name] for name in roots])
    accepted = _accepted(project, plugins, roots)
    found: list[tuple[Reads, str]] = []
    for name, one in said.items():
        before = [said[other] for other in (name, *needed[name]) if other in said]
        makes = [glob for other in before for glob in other.makes]
        for reads in one.reads if tables else ():
            if reads.table:
                there = tables.get(reads.table)
                found += [(reads, column) for column in reads.columns if there and column not in there]
                lost = there is None and not any(reads.table == other.table for other, _ in found)
                found += [(reads, "")] if lost else []
            elif not one.loose and not any(other.open or other.loose for other in before[1:]):
                plain = [table for name, table in tables.items() if "/" not in name]
                left = [column for column in reads.columns if not any(column in table for table in plain)]
                left = [column for column in left if column not in accepted]
                found += [(reads, column) for column in left if not any(fnmatchcase(column, glob) for glob in makes)]
    if not found or not all(_is_certain(project, plugins.stages[name], said[name], settings, files) for name in roots):
        return []
    return [_problem(project, settings, tables, reads, column) for reads, column in found]


def _problem(
    project: Project, settings: Settings, tables: "Mapping[str, _Table]", reads: Reads, column: str
) -> Problem:
    at = source_line.of(project, settings, reads.key)
    folder, _, name = reads.table.rpartition("/")
    if reads.table and reads.table not in tables:
        others = [one.rpartition("/")[2] for one in tables if one.startswith(f"{folder}/")]
        return Problem(f"there is no table {name!r} among the {folder}", at, nearest(name, others))
    mine = [table for one, table in tables.items() if (one == reads.table if reads.table else "/" not in one)]
    whose = f"in {reads.table}" if reads.table else "in the data of the last run, and nothing makes one"
    columns = [column for table in mine for column in table.names()]
    return Problem(f"there is no column {column!r} {whose}", at, nearest(column, columns))


def _said(plugins: Plugins, stage: Stage, settings: Any) -> _Said:
    told = _told(stage.columns, settings)
    said = _Said(list(told.reads), list(told.makes))
    makes = _makes_tables(stage)
    said.open = makes and not stage.columns
    aware = {component.kind for component in plugins.components.values() if component.columns}
    for prefix, use in _uses(settings, ""):
        inner = _told(use.component.columns, use.settings)
        said.reads += [one._replace(key=f"{prefix}.{one.key}") for one in inner.reads]
        if makes:
            said.makes += inner.makes
            said.loose |= use.component.kind in aware and not use.component.columns
    return said


def _told(path: str, settings: Any) -> Columns:
    told = load(path)(settings) if path else Columns()
    return told if isinstance(told, Columns) else Columns()


def _uses(node: Any, prefix: str) -> Iterable[tuple[str, Use]]:
    """The components in checked settings, each with its dotted key."""
    if isinstance(node, Use):
        yield prefix, node
    fields = getattr(type(node), "model_fields", None)
    if fields:
        node = {one.alias or name: getattr(node, name) for name, one in fields.items()}
    for key, value in node.items() if isinstance(node, Mapping) else ():
        yield from _uses(value, f"{prefix}.{key}".strip("."))


def _makes_tables(stage: Stage) -> bool:
    return any(made.type in {"table", "tables"} for made in stage.makes)


def _needed(plugins: Plugins) -> dict[str, set[str]]:
    """Stage -> the stages before it."""
    makers = {made.name: stage.name for stage in plugins.stages.values() for made in stage.makes}
    found: dict[str, set[str]] = {}

    def of(name: str) -> set[str]:
        if name not in found:
            direct = {makers[need] for need in plugins.stages[name].inputs if need in makers}
            found[name] = direct.union(*(of(one) for one in direct))
        return found[name]

    return {name: of(name) for name in plugins.stages}


class _Table:
    """The columns of a Parquet file. A name that its footer holds, with its length before it, is one: to look for it
    takes no library, which would take longer to import than most commands run."""

    def __init__(self, file: Path) -> None:
        self.file = file
        with file.open("rb") as stream:
            end = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, end - 8))
            size = int.from_bytes(stream.read(4), "little")
            stream.seek(max(0, end - 8 - size))
            self.footer = stream.read(size)

    def __contains__(self, column: str) -> bool:
        name = column.encode()
        size, length = len(name), bytearray()
        while size > 127:
            length.append(size & 127 | 128)
            size >>= 7
        return bytes([*length, size]) + name in self.footer

    def names(self) -> list[str]:
        """All of them."""
        import pyarrow.parquet as pq

        return [str(name) for name in pq.read_schema(self.file).names]


def _tables(project: Project, stages: Iterable[Stage]) -> dict[str, _Table]:
    """Name -> what the last run left; a table in a folder as "lookups/weather". {} if one is not there."""
    found: dict[str, _Table] = {}
    for made in (made for stage in stages for made in stage.makes if made.type in {"table", "tables"}):
        path = project.path(path_of(made))
        if not path.exists():
            return {}
        files = (
            {made.name: path} if made.type == "table" else {f"{made.name}/{f.stem}": f for f in path.glob("*.parquet")}
        )
        found |= {name: _Table(file) for name, file in files.items()}
    return found


def _accepted(project: Project, plugins: Plugins, roots: Iterable[str]) -> set[str]:
    """Columns that the last run's first stages found where the settings of then named them."""
    locked = in_force.read_dvc_lock(project)
    found: set[str] = set()
    for name in roots:
        recorded = (locked.get(name, {}).get("params") or {}).get(names.PARAMS) or {}
        try:
            then = stage_settings(plugins.stages[name], _nested(recorded), plugins.components)
        except ValueError:
            continue
        found |= {column for one in _told(plugins.stages[name].columns, then).reads for column in one.columns}
    return found


def _nested(flat: Mapping[str, Any]) -> Settings:
    nested: Settings = {}
    for key, value in flat.items():
        *above, last = key.split(".")
        node = nested
        for part in above:
            node = node.setdefault(part, {})
        node[last] = value
    return nested


def _is_certain(project: Project, stage: Stage, said: _Said, settings: Settings, files: Mapping[str, str]) -> bool:
    """Whether the next run of a stage reads what the last one read, in the same way, but for the columns it names."""
    entry = in_force.read_dvc_lock(project).get(stage.name)
    if not entry:
        return False
    fingerprint = names.fingerprint(stage.name)
    for item in [*(entry.get("deps") or ()), *(entry.get("outs") or ())]:
        path = str(item.get("path"))
        if path == fingerprint:
            md5 = hashing.of_bytes(files.get(path, "").encode()).md5
        else:
            try:
                md5 = hashing.of_path(project.path(path), project.root).md5
            except OSError:
                return False
        if md5 != item.get("md5"):
            return False
    recorded = (entry.get("params") or {}).get(names.PARAMS) or {}
    named = {reads.key for reads in said.reads}
    return all(
        recorded.get(key) == look_up(settings, key) or any(one == key or one.startswith(f"{key}.") for one in named)
        for key in stage.params
    )
