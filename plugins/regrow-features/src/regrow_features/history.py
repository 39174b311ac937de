"""What came before a row, out of a second table with moments: `as_of`, `lag` and `window`; and what is `planned`.

A row of the lookup counts for a row of the table if its moment, and the delay after which it is known, is earlier than
the row's own: never the future, never the row itself, and where two moments are the same (ties), neither. So a row's
result depends on it and the lookup alone, and new rows are scored by the same code.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from regrow import Context, RegrowError
from regrow.plugin.kinds import Derive
from regrow_features.columns import added, kind, numbers, plain, require
from regrow_features.join import comparable, lookup_called
from regrow_features.row_settings import AsOf, History, Lag, Moments, Planned, Unit, Window, span

DAY = 86_400_000_000_000  # nanoseconds
NEVER = -1
FEW = 256  # rows that are looked up one by one
GAP = np.iinfo("int64").min  # how numpy stores a date that is missing


@dataclass(frozen=True)
class Ordered:
    """A lookup's rows that have a key and a moment, ordered by entity and moment: what is the same for all rows."""

    #: as it was given, to know it again
    of: pd.DataFrame
    #: (rows,) its columns, in plain types, numbers and booleans as float64
    rows: pd.DataFrame
    #: (entities,) the keys; an entity's number is its place
    keys: pd.DataFrame
    #: (rows,) the entity's number, the moment, the place of the first row of the same entity
    entity: np.ndarray
    moment: np.ndarray
    first: np.ndarray
    #: how much of a moment a day is
    day: int
    #: a moment as it stands in the lookup, none if there is none
    example: pd.Series
    sums: dict[str, "Sums"] = field(default_factory=dict)

    def summed(self, name: str) -> "Sums":
        """A column's running sums, made once."""
        if name not in self.sums:
            self.sums[name] = _summed(numbers(self.rows, name), self.first)
        return self.sums[name]


class Past(NamedTuple):
    """The past of some rows. at, key, present: (n,) their moments and entities, and whether they have both."""

    lookup: Ordered
    at: np.ndarray
    key: np.ndarray
    present: np.ndarray

    def last(self, days_before: float = 0.0, same_moment: bool = False) -> np.ndarray:
        """(n,) the place of the last row of the same entity that is earlier than `days_before` the row; -1: none."""
        shift = days_before * self.lookup.day
        at = self.at[self.present] - (round(shift) if self.at.dtype.kind == "i" else shift)
        made = np.full(len(self.at), NEVER, dtype="int64")
        find = _one_by_one if len(at) <= FEW else _together
        made[self.present] = find(self.lookup, at, self.key[self.present], same_moment)
        return made


def _one_by_one(lookup: Ordered, at: np.ndarray, key: np.ndarray, same_moment: bool) -> list[int]:
    """For a few rows, so that an answer does not wait for a walk through the whole lookup."""
    found, side = [], "right" if same_moment else "left"
    for moment, entity in zip(at, key, strict=True):
        start, end = np.searchsorted(lookup.entity, [entity, entity + 1])
        count = int(np.searchsorted(lookup.moment[start:end], moment, side=side))  # type: ignore[call-overload]
        found.append(int(start) + count - 1 if count else NEVER)
    return found


def _together(lookup: Ordered, at: np.ndarray, key: np.ndarray, same_moment: bool) -> np.ndarray:
    asked = pd.DataFrame({"at": at, "key": key, "row": np.arange(len(at))}).sort_values("at", kind="stable")
    known = pd.DataFrame({"at": lookup.moment, "key": lookup.entity, "place": np.arange(len(lookup.rows))})
    known = known.sort_values("at", kind="stable")
    found = pd.merge_asof(asked, known, on="at", by="key", allow_exact_matches=same_moment)
    made = np.full(len(at), NEVER, dtype="int64")
    made[found["row"].to_numpy()] = found["place"].fillna(NEVER).to_numpy(dtype="int64")
    return made


class Lookback:
    """From rows and lookups to the rows' past; a lookup is put in order once."""

    def __init__(self, settings: Moments) -> None:
        self.settings, self.by = settings, settings.key
        self.known: list[Ordered] = []

    def __call__(self, table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> Past:
        """Raises RegrowError for columns that are not there, or keys and moments that can't be compared."""
        name, at = self.settings.table, self.settings.at
        require(table, [at, *self.settings.plus, *self.by])
        if not self.known or self.known[0].of is not lookups.get(name):
            self.known = [_ordered(self.settings, self.by, lookups)]
        lookup = self.known[0]
        here, there = comparable(_later(table, at, self.settings.plus), lookup.example, name)
        if len(lookup.example) and {kind(here), kind(there)} not in ({"date"}, {"number"}):
            wrong = f"{at!r} is {kind(here)}, and a moment of {name!r} is {kind(there)}"
            raise RegrowError(wrong, where=at, fix=f"data.types.{at}: date")
        moments = _moments(here) if len(lookup.example) else np.zeros(len(table))
        key = _matched(table, lookup.keys, self.by, name)
        return Past(lookup, moments, key, (key >= 0) & ~_missing(moments))


def _ordered(settings: Moments, by: dict[str, str], lookups: dict[str, pd.DataFrame]) -> Ordered:
    lookup, (known, plus) = lookup_called(settings.table, lookups), settings.moment
    where = f"the lookup {settings.table}"
    columns = settings.columns if isinstance(settings, History) else []
    require(lookup, [known, *plus, *by.values(), *columns], where)
    due = {name: unit for name, unit in plus.items() if settings.plus.get(name) == unit}
    later = {name: unit for name, unit in plus.items() if name not in due}
    moment = _later(lookup, known, due, later)
    if kind(moment) not in ("date", "number") and moment.notna().any():
        fix = f"read it as a date: data.types: {{{settings.table}.{known}: date}}"
        raise RegrowError(f"{known!r} is {kind(moment)}: neither dates nor numbers", where=where, fix=fix)
    moments = _moments(moment) if kind(moment) == "date" else moment.to_numpy(dtype="float64")
    entity = np.zeros(len(lookup), dtype="int64")
    keys = lookup[list(by.values())]
    if by:
        keys = keys.apply(plain)
        entity = keys.groupby(list(keys), sort=False).ngroup().fillna(NEVER).to_numpy(dtype="int64")
    there = np.flatnonzero((entity >= 0) & ~_missing(moments))
    order = there[np.lexsort((moments[there], entity[there]))]
    entity = entity[order]
    begins = np.append(True, np.diff(entity) != 0)[: len(entity)]
    places = np.flatnonzero(begins)
    keys = keys.iloc[order[places]].reset_index(drop=True).assign(_entity_=entity[places])
    rows = lookup[list(columns)].iloc[order].reset_index(drop=True).apply(_nullable)
    first = np.maximum.accumulate(np.where(begins, np.arange(len(entity)), 0))
    example, day = moment.dropna().head(1), DAY if kind(moment) == "date" else 1
    return Ordered(lookups[settings.table], rows, keys, entity, moments[order], first, day, example)


def _later(table: pd.DataFrame, name: str, plus: dict[str, Unit], later: dict[str, Unit] | None = None) -> pd.Series:
    """Column `name` and the numbers that are added to it; missing where one of them is. later: those that together
    count from 0 on: a plane that leaves early is known to have left when it was due, so that no row sees itself."""
    moment, later = plain(table[name]), later or {}
    parts = [_sum(table, plus)] if plus else []
    parts += [_sum(table, later).clip(lower=pd.Timedelta(0))] if later else []
    for part in parts:
        moment = moment + (part if kind(moment) == "date" else part / pd.Timedelta(days=1))
    return moment.rename(name)


def _sum(table: pd.DataFrame, plus: dict[str, Unit]) -> pd.Series:
    """Times of numeric columns, added up; missing where one is."""
    made = pd.Series(pd.Timedelta(0), index=table.index)
    for column, unit in plus.items():
        made = made + pd.to_timedelta(numbers(table, column), unit=unit)
    return made


def _nullable(column: pd.Series) -> pd.Series:
    """Numbers and booleans as float64, since any row may have no past."""
    column = plain(column)
    return column.astype("float64") if kind(column) in ("number", "boolean") else column


def _moments(column: pd.Series) -> np.ndarray:
    """(n,) nanoseconds in UTC, GAP where missing, of dates; numbers as they are."""
    if kind(column) != "date":
        return column.to_numpy(dtype="float64")
    column = column.dt.tz_convert("UTC").dt.tz_localize(None) if column.dt.tz is not None else column
    return column.to_numpy(dtype="datetime64[ns]").astype("int64")


def _missing(moments: np.ndarray) -> np.ndarray:
    return moments == GAP if moments.dtype.kind == "i" else np.isnan(moments)


def _matched(table: pd.DataFrame, keys: pd.DataFrame, by: dict[str, str], name: str) -> np.ndarray:
    """(n,) the number of each row's entity; -1 for one that the lookup does not know, or without a key."""
    if not by:
        return np.zeros(len(table), dtype="int64")
    left, right = {}, {}
    for number, (here, there) in enumerate(by.items()):
        left[str(number)], right[str(number)] = comparable(table[here], keys[there], name)
    known = pd.DataFrame(right).assign(entity=keys["_entity_"].to_numpy())
    found = pd.DataFrame(left).merge(known, on=list(right), how="left", sort=False)
    missing = np.any([one.isna().to_numpy() for one in left.values()], axis=0)
    return np.where(missing, NEVER, found["entity"].fillna(NEVER).to_numpy(dtype="int64"))


def as_of(settings: AsOf, context: Context) -> Derive:
    """Adds columns of the latest row of the lookup that was known at the row's moment; missing where there is none.

    Of several rows of one moment the last one that stands in the lookup. Raises RegrowError as `join` does.
    """
    look_back = Lookback(settings)

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        past = look_back(table, lookups)
        place = past.last(settings.delay or 0.0, settings.same_moment)
        if settings.days is not None:
            place = np.where(place > past.last(settings.days), place, NEVER)  # those that are too old come before
        new = {settings.prefix + name: _taken(past.lookup.rows[name], place) for name in settings.columns}
        return added(table, pd.DataFrame(new, index=table.index))

    return derive


def lag(settings: Lag, context: Context) -> Derive:
    """Adds `<column>_lag_<n>`, the value n rows before among those of the same entity that were known; and
    `days_since_last`. Missing where there are not so many."""
    look_back = Lookback(settings)

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        past = look_back(table, lookups)
        last = past.last(settings.delay or 0.0)
        first = np.append(past.lookup.first, NEVER)[last]
        new: dict[str, pd.Series] = {}
        for step in settings.steps:
            place = np.where((last != NEVER) & (last - step + 1 >= first), last - step + 1, NEVER)
            new |= {
                f"{settings.prefix}{name}_lag_{step}": _taken(past.lookup.rows[name], place)
                for name in settings.columns
            }
        if settings.recency:
            moment = np.append(past.lookup.moment.astype("float64"), np.nan)[last]
            new[f"{settings.prefix}days_since_last"] = pd.Series((past.at - moment) / past.lookup.day)
        return added(table, pd.DataFrame(new, index=table.index))

    return derive


def window(settings: Window, context: Context) -> Derive:
    """Adds `<column>_<statistic>_7d` (or _2h, _30min), over the rows of the same entity in the time before the row, as
    far as they were known; `_ever` over all of them. Missing values do not count; of nothing, count and sum are 0, the
    others missing.
    """
    look_back = Lookback(settings)

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        past = look_back(table, lookups)
        end = past.last(settings.delay or 0.0) + 1
        first = np.append(past.lookup.first, 0)[end - 1]  # of a row without a past: 0, as its end is
        series = {name: past.lookup.summed(name) for name in settings.columns}
        new = {}
        for days in settings.days:
            start = first if days is None else np.maximum(past.last(days) + 1, first)
            said = "ever" if days is None else span(days)
            for name, sums in series.items():
                for one in settings.statistics:
                    found = _statistic(one, sums, np.minimum(start, end), end)
                    new[f"{settings.prefix}{name}_{one}_{said}"] = found
        return added(table, pd.DataFrame(new, index=table.index))

    return derive


def planned(settings: Planned, context: Context) -> Derive:
    """Adds `name`, how many rows of the lookup have their moment around the row's, both ends included, the row's own
    among them where it stands there: a timetable is known ahead. 0 for an entity that it does not have."""
    look_around = Lookback(settings)

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        past = look_around(table, lookups)
        end = past.last(-settings.after, same_moment=True)
        start = np.maximum(past.last(settings.before) + 1, np.append(past.lookup.first, 0)[end])
        count = np.where(end == NEVER, 0, end + 1 - start)
        new = np.where(past.present | (past.key < 0), count, np.nan)
        return added(table, pd.DataFrame({settings.name: new.astype("float64")}, index=table.index))

    return derive


class Sums(NamedTuple):
    """A column's values in order, and running sums that begin anew with each entity: how many there are, of them, and
    of their distance to `base`, the entity's first value, so that squares stay small. begins: where one does."""

    values: np.ndarray
    known: np.ndarray
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
    known, total, off, squares = (pd.Series(part).groupby(groups).cumsum().to_numpy() for part in parts)
    return Sums(values, known, total, off, squares, base, np.append(first == np.arange(len(first)), True))


def _statistic(name: str, sums: Sums, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(n,) of the values from place `start` to before `end`, which are of one entity."""
    if name in ("min", "max"):
        return _extreme(np.fmin if name == "min" else np.fmax, sums.values, start, end)

    def gained(running: np.ndarray) -> np.ndarray:
        padded = np.append(running, 0.0)
        return np.where(end > start, padded[end - 1] - np.where(sums.begins[start], 0.0, padded[start - 1]), 0.0)

    if name in ("count", "sum"):
        return gained(sums.known if name == "count" else sums.total)
    with np.errstate(invalid="ignore", divide="ignore"):
        count = gained(sums.known)
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
    """Values at places, missing at -1."""
    return column.reindex(place).reset_index(drop=True)
