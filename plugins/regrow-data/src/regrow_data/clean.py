"""The cleaners: which rows stay, before anything else looks at the table; every row that goes is counted.

What changes values (`clip`, `fill` of regrow_data.values, `winsorise`) stands among the features' steps instead, where
a row that is scored later gets the same.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol

import numpy as np
import pandas as pd

from regrow import Context, RegrowError, Use
from regrow.plugin.components import nearest
from regrow.plugin.context import column_types
from regrow_data.clean_settings import Deduplicate, DropMissing, Filter, Sample
from regrow_data.expression import parse
from regrow_data.rules import verdict

log = logging.getLogger("regrow")


class Cleaner(Protocol):
    """Says which rows stay."""

    def __call__(self, table: pd.DataFrame) -> pd.Series:
        """(n,) bool, with the table's index: true for the rows that stay."""


def cleaned(table: pd.DataFrame, steps: Mapping[str, Use]) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """The rows that every step lets stay, with their index; and of each step its `name`, `use`, and the `rows_dropped`.

    Raises RegrowError where a step can't be used, or no row is left.
    """
    record = []
    for name, use in steps.items():
        where = f"clean.steps.{name}"
        try:
            stays = use.make(Context(columns=column_types(table)))(table)
        except RegrowError as error:
            problems = error.problems[0]
            raise RegrowError(problems.wrong, where=problems.where or where, fix=problems.fix) from None
        if not isinstance(stays, pd.Series) or stays.dtype != bool or not stays.index.equals(table.index):
            raise RegrowError("a cleaner must return one true or false per row", where=where)
        dropped = int((~stays).sum())
        if dropped == len(table):
            raise RegrowError(f"no row of {len(table)} is left", where=where, fix="look at its parameters")
        record.append({"name": name, "use": use.name, "rows_dropped": dropped})
        log.warning("ingest: %s (%s): %d of %d rows left out", name, use.name, dropped, len(table))
        table = table[stays]
    return table, record


def _maker(cleaner: Callable[[Any, pd.DataFrame], pd.Series]) -> Callable[[Any, Context], Cleaner]:
    def make(settings: Any, context: Context) -> Cleaner:
        return partial(cleaner, settings)

    return make


def _known(names: Iterable[str], table: pd.DataFrame) -> list[str]:
    names = list(names)
    if unknown := [name for name in names if name not in table.columns]:
        fix = nearest(unknown[0], list(table.columns))
        raise RegrowError(f"there is no column {unknown[0]!r}", fix=fix)
    return names


@_maker
def filter_rows(settings: Filter, table: pd.DataFrame) -> pd.Series:
    """Rows for which the rule holds, or is left open by a missing value."""
    tree, columns = parse(settings.keep)
    _known(columns.values(), table)
    return verdict(tree, columns, table)


@_maker
def drop_missing(settings: DropMissing, table: pd.DataFrame) -> pd.Series:
    """Rows with a value in each of the columns."""
    return table[_known(settings.columns, table)].notna().all(axis=1)


@_maker
def deduplicate(settings: Deduplicate, table: pd.DataFrame) -> pd.Series:
    """One of the rows that are the same; missing is the same as missing."""
    return ~table.duplicated(subset=_known(settings.columns, table) or None, keep=settings.keep)


@_maker
def sample(settings: Sample, table: pd.DataFrame) -> pd.Series:
    """Rows drawn without replacement, by the step's own seed."""
    wanted = settings.rows if settings.rows is not None else max(1, round((settings.share or 1) * len(table)))
    drawn = np.random.default_rng(settings.seed).permutation(len(table))[:wanted]
    stays = np.zeros(len(table), dtype=bool)
    stays[drawn] = True
    return pd.Series(stays, index=table.index)
