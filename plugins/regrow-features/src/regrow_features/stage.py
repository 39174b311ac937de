"""The stage `features`: derive row by row, then leave out what may not reach the model."""

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from regrow import RegrowError
from regrow.artifacts import blocks
from regrow.base.errors import Problem
from regrow.plugin.components import nearest
from regrow_features.columns import kind, plain
from regrow_features.derived import Lookups, apply, derive
from regrow_features.row_settings import History, Planned
from regrow_features.settings import Features

log = logging.getLogger("regrow")
SAMPLE = 64  # rows that every derive step is tried on alone, to see that it looks at no other rows


def features(
    table: pd.DataFrame,
    lookups: Mapping[str, pd.DataFrame],
    settings: Features,
    suspects: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """`features`: what a model may see, and the target as the last column; rows and their order as in `table`. And a
    section of the report.

    suspects: `columns`, name -> `what` the column is and what is `said` of it; those that features.leave_out lists are
    left out with a word. The steps of features.derive see neither the target, nor its source column, nor data.leaks,
    so nothing can be derived from them. Nothing is learnt here: a row's result depends on it and the lookups alone.
    Columns that come out are numbers, booleans or text. Raises RegrowError, all problems of the columns at once.
    """
    source, leaks = settings.data.target.column, settings.data.leaks
    target = settings.data.target.final_name
    _refuse_unknown([target], table.columns, "data.target")
    table = table.reset_index(drop=True)
    hidden = {target, source, *leaks}
    _refuse_undelayed(settings, hidden)
    changed: list[list[Any]] = []
    derived = derive(table, lookups, settings.features.derive, hidden, partial(_check_and_count, changed))
    known = [*table.columns, *derived.columns]
    _refuse_unknown([name for name in leaks if name != source], known, "data.leaks")
    _refuse_unknown(settings.features.exclude, known, "features.exclude")
    _refuse_target(target, settings.features.exclude, derived)
    odd = _left_out(suspects, settings, derived)
    left_out = hidden.union(settings.features.exclude, odd)
    kept = derived.drop(columns=[name for name in derived.columns if name in left_out])
    _check_types(kept)
    section = _section(table.columns, derived.columns, kept, settings, odd)
    if changed:
        section["blocks"].insert(1, blocks.table("Values that steps changed", ["Step", "Column", "Rows"], changed))
    return {"features": pd.concat([kept, plain(table[target])], axis=1), "features_section": section}


def _left_out(suspects: Mapping[str, Any] | None, settings: Features, derived: pd.DataFrame) -> dict[str, str]:
    """Column -> what is said of it: those of the kinds in features.leave_out that would reach the model."""
    kinds = {*settings.features.leave_out, *(["target_copy"] if "copy" in settings.features.leave_out else [])}
    known = (suspects or {}).get("columns", {})
    odd = {name: one["said"] for name, one in known.items() if one["what"] in kinds and name in derived}
    odd = {name: said for name, said in odd.items() if name not in settings.features.exclude}
    for name, said in odd.items():
        log.warning("features: %s is left out: it %s", name, said)
    return odd


def _section(
    given: Iterable[str], derived: Iterable[str], kept: pd.DataFrame, settings: Features, odd: Mapping[str, str]
) -> dict[str, Any]:
    """The section `features_section`: each column, what it is to the model, and the settings."""
    target, source = settings.data.target.name or settings.data.target.column, settings.data.target.column
    roles = dict.fromkeys(settings.features.exclude, "left out: excluded")
    roles |= {name: f"left out: {said}" for name, said in odd.items()}
    roles |= dict.fromkeys(settings.data.leaks, "left out: known too late")
    roles |= {source: "left out: source of the target", target: "the target"}
    known = set(given)
    rows = [
        [name, roles.get(name) or ("left out: dropped" if name not in kept else "seen" if name in known else "derived")]
        for name in dict.fromkeys([*given, *derived])
    ]
    table = blocks.table("Columns", ["Column", "What it is to the model"], rows)
    said = [table, blocks.settings_table("Settings", settings)]
    return {"title": "What the model may see", "level": "engineer", "order": 30, "blocks": said}


def _refuse_undelayed(settings: Features, hidden: set[str]) -> None:
    """Labels of earlier rows may be looked up, once it is said how long after its moment a label is known."""
    problems = []
    for name, use in settings.features.derive.items():
        late = sorted(hidden.intersection(getattr(use.settings, "columns", None) or ()))
        if isinstance(use.settings, History) and use.settings.delay is None and late:
            wrong = f"{', '.join(map(repr, late))} of the lookup is the target, its source, or one of data.leaks"
            fix = "say how many days after its moment it is known: `delay: 1`; 0 where it is known at once"
            problems.append(Problem(wrong, f"features.derive.{name}.delay", fix))
        if isinstance(use.settings, Planned):
            problems += _not_ahead(name, use.settings, hidden)
    if problems:
        raise RegrowError.of(problems)


def _not_ahead(name: str, settings: Planned, hidden: set[str]) -> list[Problem]:
    """A plan looks ahead, so nothing that is known late may say when its rows are, or whose."""
    moment, plus = settings.moment
    if late := sorted(hidden.intersection([moment, *plus, *settings.key.values()])):
        wrong = f"{', '.join(map(repr, late))} of the lookup is the target, its source, or one of data.leaks"
        fix = "count by the moment that was planned; `window` counts what has happened"
        return [Problem(wrong, f"features.derive.{name}", fix)]
    return []


def _refuse_unknown(names: Iterable[str], known: Iterable[str], where: str) -> None:
    known = list(dict.fromkeys(known))
    problems = [
        Problem(f"there is no column {name!r}", where, nearest(name, known)) for name in names if name not in known
    ]
    if problems:
        raise RegrowError.of(problems)


def _refuse_target(target: str, excluded: list[str], derived: pd.DataFrame) -> None:
    if target in excluded:
        fix = "leave it out of features.exclude: the target never is a feature anyway"
        raise RegrowError(f"{target!r} is the target", where="features.exclude", fix=fix)
    if target in derived.columns:
        fix = "give it another name, by `name` or `prefix`"
        raise RegrowError(f"a step makes a column {target!r}, which is the target", where="features.derive", fix=fix)


def _check_and_count(
    changed: list[list[Any]], step: Any, table: pd.DataFrame, lookups: Lookups, result: pd.DataFrame, where: str
) -> None:
    """`_check_step`; and of a step that says it is `counted`, the rows in which it changed a column."""
    _check_step(step, table, lookups, result, where)
    if getattr(step, "counted", False):
        for name in (name for name in table if name in result):
            same = (table[name] == result[name]) | (table[name].isna() & result[name].isna())
            if rows := int((~same).sum()):
                log.warning("%s: %d values of %s changed", where, rows, name)
                changed.append([where.rpartition(".")[2], name, rows])


def _check_step(step: Any, table: pd.DataFrame, lookups: Lookups, result: pd.DataFrame, where: str) -> None:
    """Derives a few rows alone: if they come out otherwise, something was learnt from other rows, held-out ones too."""
    empty = [column for column in result.columns if column not in table.columns and result[column].isna().all()]
    if empty:
        log.warning("%s: %s missing in every row", where, ", ".join(empty))
    rows = np.unique(np.linspace(0, len(table) - 1, SAMPLE).astype("int64"))
    few = table.iloc[rows].reset_index(drop=True)
    alone = apply(step, few, lookups, where)
    differ = _different(result.iloc[rows].reset_index(drop=True), alone)
    if not differ:
        return
    if changed := _different(alone, apply(step, few, lookups, where)):
        wrong = f"its result changes from one call to the next: {changed}"
        fix = "it draws random numbers without a seed, or asks the clock: give it a seed, or a date, in its settings"
        raise RegrowError(wrong, where=where, fix=fix)
    raise RegrowError(
        f"the result of a row depends on other rows, or on random numbers: {differ}",
        where=where,
        fix="what learns from rows (means, ranks, frequencies) belongs in features.steps: it is fitted on training "
        "rows only there; a random number may depend on the row's own values, and not on its place",
    )


def _different(one: pd.DataFrame, other: pd.DataFrame) -> str:
    """The columns that are not the same in both, "" if all are."""
    differ = [name for name in one if name not in other or not _same(one[name], other[name])]
    return ", ".join(differ) or ("" if len(one.columns) == len(other.columns) else "other columns come out")


def _same(one: pd.Series, other: pd.Series) -> bool:
    if kind(one) in ("number", "boolean") and kind(other) in ("number", "boolean"):
        return np.allclose(one.astype("float64"), other.astype("float64"), rtol=1e-6, atol=1e-9, equal_nan=True)
    if one.isna().all() and other.isna().all():
        return True  # nothing but missing values has no type of its own
    missing = one.isna()
    return bool(missing.equals(other.isna()) and (one[~missing] == other[~missing]).all())


def _check_types(table: pd.DataFrame) -> None:
    """Raises RegrowError unless there are columns, and all are numbers, booleans or text."""
    if table.columns.empty:
        fix = "take columns out of features.exclude or data.leaks, or kinds of columns out of features.leave_out"
        raise RegrowError("no column is left for the model", where="features", fix=fix)
    problems = []
    for name in table.columns:
        held = kind(table[name])
        if held == "date":
            fix = "add a date_parts step to features.derive, or put the column into features.exclude"
            problems.append(Problem("is a date, which no model takes", name, fix))
        elif held not in ("number", "boolean", "text"):
            fix = "put it into features.exclude, or give it a type under data.types"
            problems.append(Problem(f"holds {held} values, neither numbers, booleans nor text", name, fix))
    if problems:
        raise RegrowError.of(problems)
