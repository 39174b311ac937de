"""Experiments as rows: read from Git's objects alone, in two calls of Git however many there are."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from regrow import leaderboard_notes, leaderboard_settings, names
from regrow.components import nearest
from regrow.errors import RegrowError
from regrow.leaderboard_notes import Values
from regrow.leaderboard_settings import flat
from regrow.project import Project
from regrow.tools import git
from regrow.yaml_files import read_yaml

EXPERIMENTS, FAILED = "refs/exps", "failed"
REFERENCE = re.compile(rf"({EXPERIMENTS}|{names.FAILURES})/([0-9a-f]{{2}})/([0-9a-f]{{38}})/(.+)")
CONDITION = re.compile(r"\s*(.+?)\s*(==|!=|>=|<=|=|>|<|~)\s*(.*?)\s*")
MEASURED = re.compile(r"(?:^|\.)metrics\.([^.]+)")  # how settings name a metric
LOWER = re.compile(r"(?i)(^|[._])(\w*(loss|error|deviance)|brier\w*|(r?m[as]|ma[px])e\w*|[rm]?mse\w*)$")
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
    """An experiment, or the commit that they began from (`name` is ""). base: that commit. values: dotted column ->
    what metrics and params.yaml hold; a metric before a setting of the same name. failed: why, where it did; then it
    has settings alone."""

    name: str
    commit: str
    base: str
    values: Mapping[str, Any] = field(default_factory=dict)
    failed: str = ""


@dataclass(frozen=True)
class Table:
    """metrics and settings: names of columns, in the order in which the files have them."""

    rows: Sequence[Row]
    metrics: Sequence[str]
    settings: Sequence[str]

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
        """The metric that ranks them unless another is asked for: the first that settings name below `metrics`, else
        the first; "" if there is none."""
        asked = [told[1] for key in self.settings if (told := MEASURED.search(key))]
        ends = {one.rpartition(".")[2]: one for one in sorted(self.metrics, key=lambda one: -one.count("."))}
        return next((ends[name] for name in asked if name in ends), next(iter(self.metrics), ""))

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
        raise RegrowError("is no commit", where=revision, fix="git log --oneline shows those there are")
    found = [Row("", base, base)] if not everywhere else []
    there = git.references(project.root, EXPERIMENTS, *([names.FAILURES] if failed else []))
    there = {one: commit for one, commit in there.items() if REFERENCE.fullmatch(one)}
    for reference, commit in git.own(project.root, there).items():
        told = REFERENCE.fullmatch(reference)
        if told and (everywhere or told[2] + told[3] == base):
            found.append(Row(told[4], commit, told[2] + told[3], failed=FAILED if told[1] != EXPERIMENTS else ""))
    reasons = git.messages(project.root, [row.commit for row in found if row.failed]) if failed else {}
    values = _values(project, base, [row.commit for row in found])
    metrics, settings, rows = dict[str, Any](), dict[str, Any](), []
    for row, (measured, chosen) in zip(found, values, strict=True):
        one = {} if row.failed else measured  # what the files hold is the base's
        metrics |= one
        settings |= chosen
        why = reasons.get(row.commit, "").partition("\n\n")[2].strip()
        rows.append(replace(row, values=chosen | one, failed=row.failed and (why or row.failed)))
    return Table(rows, list(metrics), [key for key in settings if key not in metrics])


def _values(project: Project, base: str, commits: Sequence[str]) -> list[Values]:
    """Metrics and settings of each commit; those that no note has are read, and noted."""
    notes = leaderboard_notes.read(project)
    files = notes.metric_files.get(base)
    files = notes.metric_files[base] = _metric_files(project, base) if files is None else files
    keys = [leaderboard_notes.key(commit, files) for commit in commits]
    new = [commit for key, commit in zip(keys, commits, strict=True) if key not in notes.values]
    if new:
        texts = git.texts(project.root, [f"{commit}:{file}" for commit in new for file in (*files, names.PARAMS)])
        width = len(files) + 1
        chosen = leaderboard_settings.read_all([text or "" for text in texts[width - 1 :: width]])
        for number, commit in enumerate(new):
            one = _measures(texts[number * width : (number + 1) * width - 1], files)
            notes.values[leaderboard_notes.key(commit, files)] = one, chosen[number]
        there = git.references(project.root, EXPERIMENTS, names.FAILURES)
        leaderboard_notes.keep(project, notes, {*there.values(), *commits})
    return [notes.values[key] for key in keys]


def _metric_files(project: Project, commit: str) -> list[str]:
    """The JSON files that dvc.yaml of a commit calls metrics."""
    document = read_yaml(git.show(project.root, commit, names.DVC_YAML) or "", names.DVC_YAML) or {}
    listed = [one for stage in (document.get("stages") or {}).values() for one in (stage or {}).get("metrics") or ()]
    listed += document.get("metrics") or ()
    paths = [next(iter(one)) if isinstance(one, dict) else str(one) for one in listed]
    return [path for path in dict.fromkeys(paths) if path.endswith(".json")]


def _measures(texts: Sequence[str | None], files: Sequence[str]) -> dict[str, Any]:
    """The numbers in an experiment's metrics; where there are several files, with the file's name before them."""
    found: dict[str, Any] = {}
    for text, file in zip(texts, files, strict=False):
        try:
            values = flat(json.loads(text or "{}"))
        except ValueError:
            continue
        before = f"{file.rpartition('/')[2].rpartition('.')[0]}." if len(texts) > 1 else ""
        found |= {f"{before}{key}": value for key, value in values.items() if isinstance(value, int | float)}
    return found


def select(table: Table, conditions: Iterable[str], by: str, order: str, most: int) -> Table:
    """The rows that meet all conditions, such as "roc_auc > 0.75", sorted by a column.

    order: "asc", "desc", or "" for the best first: losses and errors ascend, all else descends. What has no value there
    comes last. most: how many rows at most, 0 for all. Raises RegrowError for a condition or a column that is none.
    """
    rows = list(table.rows)
    for condition in conditions:
        told = CONDITION.fullmatch(condition)
        if not told:
            fix = "such as: --filter 'roc_auc > 0.75', --filter 'model.use == linear'"
            raise RegrowError(f"{condition!r} is no condition", where="--filter", fix=fix)
        column, wanted = table.column(told[1]), read_yaml(told[3], "--filter")
        rows = [row for row in rows if _meets(row.values.get(column), told[2], wanted)]
    if by:
        column = table.column(by)
        down = order == "desc" or (not order and not LOWER.search(column))
        there = [row for row in rows if row.values.get(column) is not None]
        rest = [row for row in rows if row.values.get(column) is None]
        rows = [*sorted(there, key=lambda row: _rank(row.values[column]), reverse=down), *rest]
    return Table(rows[:most] if most else rows, table.metrics, table.settings)


def _meets(value: Any, how: str, wanted: Any) -> bool:
    try:
        return value is not None and COMPARE[how](value, wanted)
    except TypeError:
        return False


def _rank(value: Any) -> tuple[bool, Any]:
    """Numbers before texts."""
    return (True, str(value)) if not isinstance(value, int | float) else (False, value)
