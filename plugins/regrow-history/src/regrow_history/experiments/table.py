"""Experiments as rows: read from Git's objects alone, in three calls of Git however many there are."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.base.yaml_files import read_yaml
from regrow.plugin.components import nearest
from regrow.plugin.declare import LOWER
from regrow.plugin.project import Project
from regrow.record.metrics import better_of, leading, measures, metric_files
from regrow.tools import git
from regrow_history.experiments import cache, columns
from regrow_history.experiments.cache import ExperimentCache, Values

EXPERIMENTS, FAILED = "refs/exps", "failed"
REFERENCE = re.compile(rf"({EXPERIMENTS}|{layout.FAILURES})/([0-9a-f]{{2}})/([0-9a-f]{{38}})/(.+)")
CONDITION = re.compile(r"\s*(.+?)\s*(==|!=|>=|<=|=|>|<|~)\s*(.*?)\s*")
INNER = re.compile(r"(?:^|\.)(folds|baseline|intervals)\.")  # a metric of a part, or of something else
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda one, other: bool(one == other),
    "=": lambda one, other: bool(one == other),
    "!=": lambda one, other: bool(one != other),
    ">=": lambda one, other: bool(one >= other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    "<": lambda one, other: bool(one < other),
    "~": lambda one, other: str(other) in str(one),
}


@dataclass(frozen=True)
class Row:
    """An experiment, or the commit that they began from (`name` is "").

    A metric comes before a setting of the same name. One that failed or is stale has settings alone.
    """

    name: str
    commit: str
    #: The commit that it began from.
    base: str
    #: Dotted column -> what metrics and params.yaml hold.
    values: Mapping[str, Any] = field(default_factory=dict)
    #: Why it failed, where it did.
    failed: str = ""
    #: The settings for which dvc.lock records another value: the metrics were not made by params.yaml.
    stale: str = ""


@dataclass(frozen=True)
class Table:
    """Experiments; columns are in the order in which the files have them."""

    rows: Sequence[Row]
    metrics: Sequence[str]
    settings: Sequence[str]
    #: Metric -> "higher", "lower" or "", as it was declared; the leading one first.
    better: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> str:
        """The column that a name, or the end of one, means. Raises RegrowError that lists those there are."""
        known = [*self.metrics, *self.settings]
        found = [one for one in known if one == name] or [one for one in known if one.endswith(f".{name}")]
        if len(found) == 1:
            return found[0]
        if found:
            raise RegrowError(f"{name!r} may be {', '.join(found)}", where="column", fix="say it in full")
        raise RegrowError(f"there is none called {name!r}; {nearest(name, known, 12)}", where="column")

    def leading(self) -> str:
        """The metric that ranks them unless another is asked for; "" if there is none."""
        return leading(self.metrics, self.better)

    def direction(self, column: str) -> str:
        """Which way a column is better: "higher", "lower", or "" where nobody declared it."""
        return self.better.get(column) or self.better.get(column.rpartition(".")[2], "")

    def varying(self) -> list[str]:
        """The metrics and settings that are not the same in all rows; metrics, in all that have any."""
        ended = [row for row in self.rows if not row.failed]
        sides = ((self.metrics, ended), (self.settings, self.rows))
        return [key for keys, rows in sides for key in keys if _differ([row.values.get(key) for row in rows])]


def _differ(values: Sequence[Any]) -> bool:
    """Whether they are not all the same; 1 is not 1.0, nor True. What is shared is one object, most of the time."""
    return any(one is not values[0] and repr(one) != repr(values[0]) for one in values)


def read(project: Project, revision: str = "HEAD", *, everywhere: bool = False, failed: bool = False) -> Table:
    """The experiments that began from a commit, after the commit itself; or `everywhere`, all there are.

    failed: also those that a sweep could not finish. Raises RegrowError for no such commit.
    """
    base = git.resolve(project.root, revision)
    if base is None:
        raise RegrowError(f"{revision} is not a commit", fix="git log --oneline shows those there are")
    found = [Row("", base, base)] if not everywhere else []
    there = git.references(project.root, EXPERIMENTS, *([layout.FAILURES] if failed else []))
    there = {one: commit for one, commit in there.items() if REFERENCE.fullmatch(one)}
    for reference, commit in git.own(project.root, there).items():
        told = REFERENCE.fullmatch(reference)
        if told and (everywhere or told[2] + told[3] == base):
            found.append(Row(told[4], commit, told[2] + told[3], failed=FAILED if told[1] != EXPERIMENTS else ""))
    reasons = git.messages(project.root, [row.commit for row in found if row.failed]) if failed else {}
    notes = cache.read(project)
    values = _values(project, notes, base, [row.commit for row in found])
    metrics, settings, rows = dict[str, Any](), dict[str, Any](), []
    for row, (measured, chosen, stale) in zip(found, values, strict=True):
        one = {} if row.failed or stale else measured  # what the files hold is the base's, or of other settings
        metrics |= one
        settings |= chosen
        why = reasons.get(row.commit, "").partition("\n\n")[2].strip()
        rows.append(replace(row, values=chosen | one, failed=row.failed and (why or row.failed), stale=stale))
    better = notes.better.get(base) or _declared(project, settings)
    return Table(rows, list(metrics), [key for key in settings if key not in metrics], better)


def _declared(project: Project, settings: Mapping[str, Any]) -> dict[str, str]:
    """Which way metrics are better as the plugins here declare it: for commits whose record does not hold it."""
    named = [
        (*key.split("."), value) for key, value in settings.items() if key.endswith(".use") and isinstance(value, str)
    ]
    if not named:
        return {}
    from regrow.plugin.manager import load_plugins

    components = load_plugins(project).components
    used = ((key, name, components.get(("metric", name))) for *_, key, _, name in named)
    return {known: metric.better for key, name, metric in used if metric for known in (key, name)}


def _values(project: Project, notes: ExperimentCache, base: str, commits: Sequence[str]) -> list[Values]:
    """Metrics, settings and what is stale of each commit; those that no note has are read, and noted."""
    if base not in notes.metric_files:
        notes.metric_files[base] = _metric_files(project, base)
        notes.better[base] = _better(project, base, notes.metric_files[base])
    files = list(notes.metric_files[base])
    keys = [cache.key(commit, files) for commit in commits]
    new = [commit for key, commit in zip(keys, commits, strict=True) if key not in notes.values]
    if new:
        wanted = (*files, layout.PARAMS, layout.DVC_LOCK)
        texts = git.texts(project.root, [f"{commit}:{file}" for commit in new for file in wanted])
        each = [texts[at : at + len(wanted)] for at in range(0, len(texts), len(wanted))]
        chosen = columns.read_all([one[-2] or "" for one in each])
        stale = columns.stale([one[-1] or "" for one in each], chosen)
        for commit, one, settings, odd in zip(new, each, chosen, stale, strict=True):
            notes.values[cache.key(commit, files)] = measures(one, files), settings, odd
        there = git.references(project.root, EXPERIMENTS, layout.FAILURES)
        cache.keep(project, notes, {*there.values(), *commits})
    return [notes.values[key] for key in keys]


def _metric_files(project: Project, commit: str) -> dict[str, str]:
    """The JSON files that dvc.yaml of a commit calls metrics, the main one first: path -> the stage that makes it."""
    return metric_files(git.show(project.root, commit, layout.DVC_YAML) or "")


def _better(project: Project, commit: str, files: Mapping[str, str]) -> dict[str, str]:
    """Which way metrics are better, as the stages that measured them recorded it."""
    texts = git.texts(project.root, [f"{commit}:{layout.hashes(stage)}" for stage in files.values() if stage])
    return better_of(texts)


def select(table: Table, conditions: Iterable[str], by: str, order: str, most: int) -> Table:
    """The rows that meet all conditions, such as "roc_auc > 0.75", sorted by a column.

    order: "asc", "desc", or "" for the best first, as the metric was declared; where nobody declared it, from high to
    low. What has no value there comes last. most: how many rows at most, 0 for all. Raises RegrowError for a condition
    or a column that is none.
    """
    rows = list(table.rows)
    for condition in conditions:
        told = CONDITION.fullmatch(condition)
        if not told:
            fix = "such as: --filter 'roc_auc > 0.75', --filter 'model.use == linear'"
            raise RegrowError(f"{condition!r} is not a condition", where="--filter", fix=fix)
        column, wanted = table.column(told[1]), read_yaml(told[3], "--filter")
        rows = [row for row in rows if _meets(row.values.get(column), told[2], wanted)]
    if by:
        column = table.column(by)
        down = order == "desc" or (not order and table.direction(column) != LOWER)
        there = [row for row in rows if row.values.get(column) is not None]
        rest = [row for row in rows if row.values.get(column) is None]
        rows = [*sorted(there, key=lambda row: _rank(row.values[column]), reverse=down), *rest]
    return replace(table, rows=rows[:most] if most else rows)


def _meets(value: Any, how: str, wanted: Any) -> bool:
    try:
        return value is not None and COMPARE[how](value, wanted)
    except TypeError:
        return False


def _rank(value: Any) -> tuple[bool, Any]:
    """Numbers before texts."""
    return (True, str(value)) if not isinstance(value, int | float) else (False, value)
