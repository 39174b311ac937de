"""The target: found by name, made 0/1 by a bound, renamed, freed of missing rows, and fit for the task."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from regrow import RegrowError
from regrow.plugin.components import nearest
from regrow.plugin.schema import Target, Task
from regrow_data.exports import MARKS
from regrow_data.plain import plain
from regrow_data.text_types import restore

SHOWN = 10
OTHER = "other"  # what rare classes become
CLASS_MEMBERS = 2  # with one, a class can not be both learned and tested


def with_target(
    table: pd.DataFrame, kinds: dict[str, str], target: Target, task: Task
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The rows that have a target, with their index and the target under its final name, and rare classes with their
    rows, which were dropped or merged; `kinds` is given that name too.

    A renamed target takes its source column's place. With `above` and a name, the source column stays and the target
    is appended. Raises RegrowError on a missing column, a name that is taken, a bound on what is no number, and on a
    target that the task cannot use.
    """
    source = _source(table, target)
    if target.name and target.name != target.column and target.name in table.columns:
        raise RegrowError(
            f"the target cannot be called {target.name!r}: the data has a column of that name",
            where="data.target.name",
            fix="choose another name",
        )
    kept = table[source.notna()]
    if kept.empty:
        raise RegrowError(f"no row has a value in the target column {target.column!r}", where="data.target.column")
    values, kind = restore(kept[target.column], kinds[target.column]), kinds[target.column]
    if target.above is not None:
        values, kind = _above(values, target), "integer"
        made = kept.assign(**{target.final_name: values})
    else:
        made = kept.assign(**{target.column: values}).rename(columns={target.column: target.final_name})
        kinds.pop(target.column)
    kinds[target.final_name] = kind
    made, rare = _without_rare(made, kind, target, task)
    left_out = len(table) - len(kept)
    try:
        _fits_task(made[target.final_name], kind, target, task)
    except RegrowError as error:
        if not left_out:
            raise
        more = f" ({left_out} rows without a target were left out)"
        raise RegrowError.of([replace(one, wrong=one.wrong + more) for one in error.problems], error.code) from None
    return made, rare


def _without_rare(made: pd.DataFrame, kind: str, target: Target, task: Task) -> tuple[pd.DataFrame, dict[str, int]]:
    """Without the rows of rare classes, or with these as one class, as `target.rare` says; and their rows by class."""
    if target.rare is None or task == "regression":
        return made, {}
    values = made[target.final_name]
    rare = {name: count for name, count in class_counts(values).items() if count < target.rare_below}
    inside = values.isin(list(rare))
    if target.rare == "drop" or not rare:
        return made[~inside], {str(name): count for name, count in rare.items()}
    if kind != "text":
        fix = f"set `data.types.{target.column}: text`, or `rare: drop`"
        raise RegrowError(f"classes of type {kind} can't be merged into one", where="data.target.rare", fix=fix)
    return made.assign(**{target.final_name: values.mask(inside, OTHER)}), rare


def _source(table: pd.DataFrame, target: Target) -> pd.Series:
    if target.column not in table.columns:
        raise RegrowError(
            f"the data has no column {target.column!r} to be the target",
            where="data.target.column",
            fix=nearest(target.column, list(table.columns)),
        )
    return table[target.column]


def _above(values: pd.Series, target: Target) -> pd.Series:
    if is_bool_dtype(values) or not is_numeric_dtype(values):
        raise RegrowError(
            f"`above` needs a numeric column, but {target.column!r} holds {values.dtype} ({_examples(values)})",
            where="data.target.above",
            fix="leave `above` out, or name a numeric column",
        )
    return (values > target.above).astype("int64")


def _fits_task(values: pd.Series, kind: str, target: Target, task: Task) -> None:
    if target.positive is not None and task != "binary":
        raise RegrowError(
            f"`positive` has no meaning in a {task} task", where="data.target.positive", fix="leave it out"
        )
    if task == "regression":
        _fits_regression(values, kind)
    else:
        _fits_classes(values, kind, target, task)


def _fits_regression(values: pd.Series, kind: str) -> None:
    if kind not in ("integer", "number"):
        raise RegrowError(
            f"regression needs a numeric target, but {values.name!r} is of type {kind} ({_examples(values)})",
            where="data.target.column",
            fix="name a numeric column, or set `task: binary` or `task: multiclass`",
        )
    if not np.isfinite(values).all():
        raise RegrowError(f"the target {values.name!r} holds infinite values", where="data.target.column")


def _fits_classes(values: pd.Series, kind: str, target: Target, task: Task) -> None:
    if kind == "date":
        raise RegrowError(f"the target {values.name!r} is a date, which is no class", where="data.target.column")
    members = class_counts(values)
    seen = ", ".join(f"{name!r} ({count})" for name, count in list(members.items())[:SHOWN])
    more = f" and {len(members) - SHOWN} more" if len(members) > SHOWN else ""
    if len(members) < 2 or (task == "binary" and len(members) > 2):
        numeric = " or `above: BOUND`, or set `task: regression`" if kind in ("integer", "number") else ""
        fix = _marked(members) + "set `task: multiclass`" + numeric if len(members) > 2 else _one_class(target)
        needs = "exactly 2 classes" if task == "binary" else "at least 2 classes"
        wrong = f"a {task} task needs {needs}, but the target {values.name!r} has {len(members)}: {seen}{more}"
        raise RegrowError(wrong, where="data.target", fix=fix)
    if few := [f"{name!r} ({count})" for name, count in members.items() if count < CLASS_MEMBERS]:
        raise RegrowError(
            f"{len(few)} classes of {values.name!r} have too few rows: {', '.join(few[:SHOWN])}; "
            f"every class needs at least {CLASS_MEMBERS}",
            where="data.target",
            fix="set `data.target.rare: drop` or `merge` (and `rare_below`, 10 rows)"
            + (", or set `task: regression`" if kind in ("integer", "number") else ""),
        )
    if target.positive is not None and not any(same_class(target.positive, name) for name in members):
        raise RegrowError(
            f"the target has no class {target.positive!r}", where="data.target.positive", fix=f"its classes are: {seen}"
        )


def _marked(members: Mapping[Any, int]) -> str:
    """How to have classes that are named as missing values are, such as unknown, taken for these, and those alike that
    differ in upper and lower case only; "" without such."""
    names = [name for name in members if isinstance(name, str)]
    marks = [name for name in names if name.lower() in MARKS]
    also = ", ".join(f"'{mark}'" for mark in marks)
    said = f"if {also} stands for no value, list it under `missing` of `data.reader`, or " if marks else ""
    case = len({name.casefold() for name in names}) < len(names)
    return said + ("write them alike in the file (upper and lower case differ), or " if case else "")


def _one_class(target: Target) -> str:
    if target.above is not None:
        return "choose a bound `above` that lies between the smallest and the largest value"
    return "name another column; one that never varies cannot be learned"


def same_class(named: Any, actual: Any) -> bool:
    """Whether a class as settings name it is the class in the data: equal, and true/false is not 1/0."""
    return bool(named == actual) and isinstance(named, bool) == isinstance(actual, bool)


def class_counts(values: pd.Series) -> dict[Any, int]:
    """Rows per class, sorted by class."""
    counts = values.value_counts().sort_index()
    return {plain(name): int(count) for name, count in counts.items()}


def _examples(values: pd.Series) -> str:
    return "for example " + ", ".join(repr(plain(value)) for value in values.dropna().head(3))
