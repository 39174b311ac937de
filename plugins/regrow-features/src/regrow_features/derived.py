"""The one way from raw columns to derived ones: the stage `features`, and whatever scores new rows, call `derive`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from regrow import Context, RegrowError, Use
from regrow.plugin.context import column_types
from regrow_features.columns import plain

Lookups = Mapping[str, pd.DataFrame]
Check = Callable[[Any, pd.DataFrame, Lookups, pd.DataFrame, str], None]  # of a step, what it got, and what it gave


def derive(
    table: pd.DataFrame, lookups: Lookups, steps: Mapping[str, Use], hidden: Collection[str], check: Check | None = None
) -> pd.DataFrame:
    """The table without what is hidden, and with what the steps add, in their order; rows stay as they are.

    check: called after each step with it, the table and lookups it got, its result, and its settings key.
    Columns come out as numbers, booleans, dates or text. Raises RegrowError with the step's name.
    """
    shown = table.reset_index(drop=True).drop(columns=[name for name in table.columns if name in hidden])
    derived = shown.apply(plain)
    for name, use in steps.items():
        derived = _derive(name, use, derived, lookups, hidden, check)
    return derived


def apply(step: Any, table: pd.DataFrame, lookups: Lookups, where: str) -> pd.DataFrame:
    """The result of a derive step in plain types. Raises RegrowError if it is no table of the same rows."""
    result: object = step(table.copy(), dict(lookups))
    fix = "a derive component returns the whole table with columns added, replaced or dropped, its rows untouched"
    if not isinstance(result, pd.DataFrame):
        raise RegrowError(f"returned a {type(result).__name__}, not a DataFrame", where=where, fix=fix)
    if len(result) != len(table) or not result.index.equals(table.index):
        wrong = f"changed the rows or their order: {len(table)} went in, {len(result)} came out"
        raise RegrowError(wrong, where=where, fix=fix)
    if not result.columns.is_unique or not all(isinstance(name, str) for name in result.columns):
        raise RegrowError("returned column names that are no text, or one of them twice", where=where, fix=fix)
    return result.apply(plain)


def _derive(
    name: str, use: Use, table: pd.DataFrame, lookups: Lookups, hidden: Collection[str], check: Check | None
) -> pd.DataFrame:
    """One step of features.derive on the whole table. Errors are told with the step's name."""
    where = f"features.derive.{name}"
    try:
        step = use.make(Context(columns=column_types(table)))
        result = apply(step, table, lookups, where)
        if check:
            check(step, table, lookups, result, where)
    except RegrowError as error:
        raise _kept_back(error, hidden, where) or _located(error, where) from None
    except KeyError as error:  # a component that did not look whether the column is there
        missing = RegrowError(f"asked for {error}, which is not there", where=where)
        raise _kept_back(error, hidden, where) or missing from None
    return result


def _located(error: RegrowError, where: str) -> RegrowError:
    problems = [replace(one, where=f"{where}, {one.where}" if one.where else where) for one in error.problems]
    return RegrowError.of(problems, error.code)


def _kept_back(error: Exception, hidden: Collection[str], where: str) -> RegrowError | None:
    """What to say instead, if the column that a component missed is one that the stage keeps from it."""
    asked = [name for name in sorted(hidden) if repr(name) in str(error)]
    if not asked:
        return None
    wrong = f"{', '.join(map(repr, asked))} can't be used: it is the target, its source, or one of data.leaks"
    return RegrowError(wrong, where=where, fix="derive from columns that are known when a prediction is made")
