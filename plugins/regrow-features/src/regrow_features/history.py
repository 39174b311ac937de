"""What came before a row, out of a second table with moments: `as_of`, `lag` and `window`.

A row of the lookup counts for a row of the table if its moment, and the delay after which it is known, is earlier than
the row's own: never the future, never the row itself, and where two moments are the same (ties), neither. So a row's
result depends on it and the lookup alone, and new rows are scored by the same code.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from regrow import Context, RegrowError
from regrow.plugin.kinds import Derive
from regrow_features.columns import added, kind, numbers, plain, require
from regrow_features.join import comparable, lookup_called
from regrow_features.row_settings import AsOf, History, Lag, Window

DAY = 86_400_000_000_000  # nanoseconds
NEVER = -1
GAP = np.iinfo("int64").min  # how numpy stores a date that is missing


class Past(NamedTuple):
    """The lookup's rows that have a key and a moment, ordered by entity and moment; and how to find a row's past in it.

    rows: their columns. entity, moment, first: (rows,) a number for each entity, the moments, and the place of the
    first row of the same entity. at, key, present: (n,) of the table's rows, and whether they have both. unit: a day.
    """

    rows: pd.DataFrame
    entity: np.ndarray
    moment: np.ndarray
    first: np.ndarray
    at: np.ndarray
    key: np.ndarray
    present: np.ndarray
    unit: int

    def last(self, days_before: float = 0.0, same_moment: bool = False) -> np.ndarray:
        """(n,) the place of the last row of the same entity that is earlier than `days_before` the row; -1: none."""
        shift = days_before * self.unit
        at = self.at[self.present] - (round(shift) if self.at.dtype.kind == "i" else shift)
        asked = pd.DataFrame({"at": at, "key": self.key[self.present], "row": np.flatnonzero(self.present)})
        known = pd.DataFrame({"at": self.moment, "key": self.entity, "place": np.arange(len(self.rows))})
        found = pd.merge_asof(
            asked.sort_values("at", kind="stable"),
            known.sort_values("at", kind="stable"),
            on="at",
            by="key",
            allow_exact_matches=same_moment,
        )
        made = np.full(len(self.at), NEVER, dtype="int64")
        made[found["row"].to_numpy()] = found["place"].fillna(NEVER).to_numpy(dtype="int64")
        return made


def _past(settings: History, table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> Past:
    """Raises RegrowError for columns that are not there, or keys and moments that can't be compared."""
    lookup = lookup_called(settings.table, lookups)
    known = settings.known or settings.at
    by = settings.by if isinstance(settings.by, dict) else {name: name for name in settings.by}
    require(table, [settings.at, *by])
    require(lookup, [known, *by.values(), *settings.columns], f"the lookup {settings.table}")
    at, moment, unit = _moments(*comparable(table[settings.at], lookup[known], settings.table), settings.table)
    key, entity = _keys(table, lookup, by, settings.table)
    there = np.flatnonzero((entity >= 0) & ~np.isnan(moment.astype("float64")) & (moment != GAP))
    order = there[np.lexsort((moment[there], entity[there]))]
    entity = entity[order]
    begins = np.append(True, np.diff(entity) != 0)[: len(entity)]
    first = np.maximum.accumulate(np.where(begins, np.arange(len(entity)), 0))
    rows = lookup[list(settings.columns)].iloc[order].reset_index(drop=True).apply(plain)
    present = (key >= 0) & ~np.isnan(at.astype("float64")) & (at != GAP)
    return Past(rows, entity, moment[order], first, at, key, present, unit)


def _moments(here: pd.Series, there: pd.Series, table: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Both as nanoseconds, GAP where missing, or both as numbers; and how much of it a day is."""
    kinds = {kind(here), kind(there)}
    if kinds == {"date"}:
        return _nanoseconds(here), _nanoseconds(there), DAY
    if kinds == {"number"}:
        return here.to_numpy(dtype="float64"), there.to_numpy(dtype="float64"), 1
    wrong = f"{here.name!r} is {kind(here)}, {there.name!r} of {table!r} is {kind(there)}: neither dates nor numbers"
    raise RegrowError(wrong, where=f"{here.name}, the lookup {table}", fix=f"data.types.{here.name}: date")


def _nanoseconds(dates: pd.Series) -> np.ndarray:
    return dates.to_numpy(dtype="datetime64[ns]").astype("int64")


def _keys(table: pd.DataFrame, lookup: pd.DataFrame, by: dict[str, str], name: str) -> tuple[np.ndarray, np.ndarray]:
    """A number for each entity, the same on both sides; -1 where a part of the key is missing."""
    if not by:
        return np.zeros(len(table), dtype="int64"), np.zeros(len(lookup), dtype="int64")
    pairs = [comparable(table[here], lookup[there], name) for here, there in by.items()]
    both = pd.DataFrame({str(n): pd.concat(pair, ignore_index=True) for n, pair in enumerate(pairs)})
    numbered = both.groupby(list(both), sort=False, dropna=True).ngroup().to_numpy()
    return numbered[: len(table)], numbered[len(table) :]


def as_of(settings: AsOf, context: Context) -> Derive:
    """Adds columns of the latest row of the lookup that was known at the row's moment; missing where there is none.

    Of several rows of one moment the last one that stands in the lookup. Raises RegrowError as `join` does.
    """

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        past = _past(settings, table, lookups)
        place = past.last(settings.delay or 0.0, settings.same_moment)
        if settings.days is not None:
            place = np.where(place > past.last(settings.days), place, NEVER)  # those that are too old come before
        new = {settings.prefix + name: _taken(past.rows[name], place) for name in settings.columns}
        return added(table, pd.DataFrame(new, index=table.index))

    return derive


def lag(settings: Lag, context: Context) -> Derive:
    """Adds `<column>_lag_<n>`, the value n rows before among those of the same entity that were known; and
    `days_since_last`. Missing where there are not so many."""

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        past = _past(settings, table, lookups)
        last = past.last(settings.delay or 0.0)
        first = np.append(past.first, NEVER)[last]
        new = {}
        for step in settings.steps:
            place = np.where((last != NEVER) & (last - step + 1 >= first), last - step + 1, NEVER)
            new |= {f"{settings.prefix}{name}_lag_{step}": _taken(past.rows[name], place) for name in settings.columns}
        if settings.recency:
            moment = np.append(past.moment.astype("float64"), np.nan)[last]
            new[f"{settings.prefix}days_since_last"] = pd.Series((past.at - moment) / past.unit)
        return added(table, pd.DataFrame(new, index=table.index))

    return derive


def window(settings: Window, context: Context) -> Derive:
    """Adds `<column>_<statistic>_<days>d`, over the rows of the same entity in the days before the row, as far as they
    were known; `_ever` over all of them. Missing values do not count; of nothing, count and sum are 0, others missing.
    """

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        past = _past(settings, table, lookups)
        end = past.last(settings.delay or 0.0) + 1
        first = np.append(past.first, 0)[end - 1]  # of a row without a past: 0, as its end is
        series = {name: _summed(numbers(past.rows, name), past.first) for name in settings.columns}
        new = {}
        for days in settings.days:
            start = first if days is None else np.maximum(past.last(days) + 1, first)
            said = "ever" if days is None else f"{days:g}d"
            for name, sums in series.items():
                for one in settings.statistics:
                    found = _statistic(one, sums, np.minimum(start, end), end)
                    new[f"{settings.prefix}{name}_{one}_{said}"] = found
        return added(table, pd.DataFrame(new, index=table.index))

    return derive


class Sums(NamedTuple):
    """A column's values in order, and running sums that begin anew with each entity: how many there are, of them, and
    of their distance to `base`, the entity's first value, so that squares stay small. begins: whether an entity does."""

    values: np.ndarray
    count: np.ndarray
    total: np.ndarray
    away: np.ndarray
    squares: np.ndarray
    base: np.ndarray
    begins: np.ndarray


def _summed(column: pd.Series, first: np.ndarray) -> Sums:
    values = column.to_numpy()
    there, groups = ~np.isnan(values), pd.Series(first)
    base = column.reset_index(drop=True).groupby(groups).transform("first").fillna(0.0).to_numpy()
    away = np.where(there, values - base, 0.0)
    parts = (there.astype("float64"), np.where(there, values, 0.0), away, away * away)
    running = (pd.Series(part).groupby(groups).cumsum().to_numpy() for part in parts)
    return Sums(values, *running, base, np.append(first == np.arange(len(first)), True))


def _statistic(name: str, sums: Sums, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(n,) of the values from place `start` to before `end`, which are of one entity."""
    if name in ("min", "max"):
        return _extreme(np.fmin if name == "min" else np.fmax, sums.values, start, end)

    def gained(running: np.ndarray) -> np.ndarray:
        padded = np.append(running, 0.0)
        return np.where(end > start, padded[end - 1] - np.where(sums.begins[start], 0.0, padded[start - 1]), 0.0)

    if name in ("count", "sum"):
        return gained(sums.count if name == "count" else sums.total)
    with np.errstate(invalid="ignore", divide="ignore"):
        count = gained(sums.count)
        away = gained(sums.away) / count
        if name == "mean":
            return away + np.append(sums.base, np.nan)[end - 1]
        spread = np.maximum(gained(sums.squares) - count * away * away, 0.0)
        return np.where(count > 1, np.sqrt(spread / (count - 1)), np.nan)


def _extreme(least: np.ufunc, values: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    made = np.full(len(start), np.nan)
    some = np.flatnonzero(end > start)
    if len(some):
        order = some[np.lexsort((end[some], start[some]))]
        places = np.column_stack([start[order], end[order]]).ravel()
        made[order] = least.reduceat(np.append(values, np.nan), places)[::2]
    return made


def _taken(column: pd.Series, place: np.ndarray) -> pd.Series:
    """Values at places, missing at -1; numbers and booleans as float64, since any row may have none."""
    column = plain(column)
    column = column.astype("float64") if kind(column) in ("number", "boolean") else column
    return column.reset_index(drop=True).reindex(place).reset_index(drop=True)
