"""Columns of a second table, many rows to one; the rows stay as they are."""

import numpy as np
import pandas as pd

from regrow import Context, RegrowError
from regrow.plugin.components import nearest
from regrow.plugin.kinds import Derive
from regrow_features.columns import added, kind, plain, require
from regrow_features.settings import Join


def join(settings: Join, context: Context) -> Derive:
    """A left join: each row gets the lookup's row of the same key, or missing values; order and count stay.

    Whole numbers and booleans come as float64, since any row may lack a match. A missing key matches nothing.
    Raises RegrowError for a lookup or column that is not there, keys whose types can't be compared, a key
    that the lookup holds twice (unless `duplicates: first`), and new columns whose names are taken.
    """
    by = settings.by if isinstance(settings.by, dict) else {name: name for name in settings.by}

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        lookup = lookup_called(settings.table, lookups)
        columns = _columns(settings, lookup, by)
        require(table, by)
        position = _match(table, lookup, by, settings)
        new = lookup[columns].apply(_nullable).reindex(position)
        return added(table, new.rename(columns=lambda name: settings.prefix + name))

    return derive


def lookup_called(name: str, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The lookup. Raises RegrowError, with the nearest name, where there is none."""
    if name not in lookups:
        raise RegrowError(f"no lookup is called {name!r}", where="data.lookups", fix=nearest(name, list(lookups)))
    return lookups[name].reset_index(drop=True)


def _columns(settings: Join, lookup: pd.DataFrame, by: dict[str, str]) -> list[str]:
    where = f"the lookup {settings.table}"
    require(lookup, by.values(), where)
    if settings.columns is None:
        return [name for name in lookup.columns if name not in by.values()]
    require(lookup, settings.columns, where)
    return list(settings.columns)


def _match(table: pd.DataFrame, lookup: pd.DataFrame, by: dict[str, str], settings: Join) -> np.ndarray:
    """For every row of the table the position of its row in the lookup, -1 where there is none."""
    left, right = {}, {}
    for number, (here, there) in enumerate(by.items()):
        left[str(number)], right[str(number)] = comparable(table[here], lookup[there], settings.table)
    keys = pd.DataFrame(right).assign(position=lookup.index).dropna()
    twice = keys.duplicated(subset=list(right))
    if twice.any() and settings.duplicates == "refuse":
        _refuse_duplicates(lookup.loc[keys.index[twice], list(by.values())], settings)
    found = pd.DataFrame(left).merge(keys[~twice], on=list(right), how="left", validate="m:1", sort=False)
    return found["position"].fillna(-1).to_numpy(dtype="int64")


def _refuse_duplicates(twice: pd.DataFrame, settings: Join) -> None:
    distinct = twice.drop_duplicates()
    first = "; ".join(", ".join(f"{name}={row[name]}" for name in row) for row in distinct.head(3).to_dict("records"))
    raise RegrowError(
        f"{len(distinct)} keys stand in {settings.table!r} more than once: {first}" + "; ..." * (len(distinct) > 3),
        where=f"the lookup {settings.table}, {', '.join(twice.columns)}",
        fix="join on more columns, make the lookup unique, or say `duplicates: first` to take the first row of each",
    )


def comparable(here: pd.Series, there: pd.Series, table: str) -> tuple[pd.Series, pd.Series]:
    """Both columns in one type. Numbers meet as numbers, dates as dates, text and dates as dates."""
    here, there = plain(here).reset_index(drop=True), plain(there)
    kinds = {kind(here), kind(there)}
    if kinds == {"text", "date"}:
        here, there = _as_date(here, there), _as_date(there, here)
        kinds = {"date"}
    if len(kinds) > 1 and not here.isna().all() and not there.isna().all():
        types = f"`{here.name}: {kind(there)}`, or `{table}.{there.name}: {kind(here)}`"
        raise RegrowError(
            f"{here.name!r} is {kind(here)}, but {there.name!r} of {table!r} is {kind(there)}: they can't be equal",
            where=f"{here.name}, the lookup {table}",
            fix=f"give both one type in data.types: {types}",
        )
    if kinds == {"date"}:
        return _in_utc(here, there, table)
    if len(kinds) > 1:  # one of them holds nothing at all
        return here.astype(object), there.astype(object)
    if kinds == {"number"} and here.dtype != there.dtype:
        return here.astype("float64"), there.astype("float64")
    return here, there


def _as_date(column: pd.Series, other: pd.Series) -> pd.Series:
    if kind(column) == "date":
        return column
    try:
        return pd.to_datetime(column, format="ISO8601", utc=getattr(other.dt, "tz", None) is not None)
    except ValueError as error:
        raise RegrowError(
            f"{column.name!r} is text and is joined with dates, but not all of it reads as ISO dates: {error}",
            where=str(column.name),
            fix=f"write it as 2013-01-31 or 2013-01-31T17:00:00Z, or set data.types.{column.name}: date",
        ) from None


def _in_utc(here: pd.Series, there: pd.Series, table: str) -> tuple[pd.Series, pd.Series]:
    zones = [column.dt.tz is not None for column in (here, there)]
    if zones[0] != zones[1]:
        raise RegrowError(
            f"{here.name!r} has {'a' if zones[0] else 'no'} time zone, {there.name!r} of {table!r} has "
            f"{'one' if zones[1] else 'none'}: which moments are the same can't be known",
            where=f"{here.name}, the lookup {table}",
            fix="write both with a zone (2013-01-31T17:00:00Z) or both without, or join on year, month, day, hour",
        )
    unit = "datetime64[ns, UTC]" if zones[0] else "datetime64[ns]"
    return here.astype(unit), there.astype(unit)


def _nullable(column: pd.Series) -> pd.Series:
    column = plain(column)
    return column.astype("float64") if kind(column) in ("number", "boolean") else column
