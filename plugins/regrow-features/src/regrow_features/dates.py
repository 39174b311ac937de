"""Dates and clock times as numbers, row by row: `date_parts`, `clock_minutes`, `cyclic` and `elapsed`."""

import numpy as np
import pandas as pd

from regrow import Context, RegrowError
from regrow.plugin.kinds import Derive
from regrow_features.columns import added, kind, numbers, require
from regrow_features.settings import ClockMinutes, Cyclic, DateParts, Elapsed

ATTRIBUTES = {"weekday": "day_of_week", "dayofyear": "day_of_year"}  # the older names go away in pandas


def date_parts(settings: DateParts, context: Context) -> Derive:
    """Adds `<column>_<part>` for every part: float64, NaN where the date is missing; weekday 0 is Monday, week ISO's.

    A date with a time zone is taken apart in its own zone. Raises RegrowError for a column that is no date.
    """

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        if isinstance(settings.columns, str):
            names = [name for name in table.columns if kind(table[name]) == "date"]
        else:
            names = list(settings.columns)
            require(table, names)
            _require_dates(table, names)
        new = {f"{name}_{part}": _part(table[name], part) for name in names for part in settings.parts}
        return added(table, pd.DataFrame(new, index=table.index), drop=names if settings.drop else ())

    return derive


def _require_dates(table: pd.DataFrame, names: list[str]) -> None:
    wrong = [name for name in names if kind(table[name]) != "date"]
    if wrong:
        types = ", ".join(f"{name!r} is {kind(table[name])}" for name in wrong)
        fix = "\n".join(f"data.types.{name}: date" for name in wrong)
        raise RegrowError(f"not dates: {types}", where=", ".join(wrong), fix=f"read them as dates:\n{fix}")


def _part(column: pd.Series, part: str) -> pd.Series:
    if part == "week":
        return column.dt.isocalendar().week.astype("Float64").to_numpy(dtype="float64", na_value=float("nan"))
    if part == "weekend":
        return (column.dt.day_of_week >= 5).astype("float64").where(column.notna())
    return getattr(column.dt, ATTRIBUTES.get(part, part)).astype("float64")


def clock_minutes(settings: ClockMinutes, context: Context) -> Derive:
    """Adds `<column>_minutes`, minutes after midnight as float64: 5 -> 5, 1745 -> 1065, 2400 -> 1440.

    Raises RegrowError for a value that is no clock time (1299, 2500, -1, 12.5).
    """

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        new = {f"{name}_minutes": _minutes(numbers(table, name), name) for name in settings.columns}
        return added(table, pd.DataFrame(new, index=table.index), drop=settings.columns if settings.drop else ())

    return derive


def _minutes(clock: pd.Series, name: str) -> pd.Series:
    wrong = clock.notna() & ~((clock % 1 == 0) & (clock % 100 < 60) & clock.between(0, 2400))
    if wrong.any():
        raise RegrowError(
            f"{wrong.sum()} values are no clock times such as 1745, the first is {clock[wrong].iloc[0]:g} "
            f"(row {wrong.to_numpy().argmax()})",
            where=name,
            fix="clock_minutes is for whole numbers from 0 to 2400 whose last two digits are minutes",
        )
    return clock // 100 * 60 + clock % 100


def cyclic(settings: Cyclic, context: Context) -> Derive:
    """Adds `<column>_sin` and `<column>_cos`, the place on a circle, so that 23 o'clock lies beside 0."""

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        angle = numbers(table, settings.column) * (2 * np.pi / settings.period)
        new = {f"{settings.column}_sin": np.sin(angle), f"{settings.column}_cos": np.cos(angle)}
        return added(table, pd.DataFrame(new, index=table.index), drop=[settings.column] if settings.drop else ())

    return derive


def elapsed(settings: Elapsed, context: Context) -> Derive:
    """Adds the days between two dates, float64, negative where `end` comes first; missing where a date is."""
    name = settings.name or f"days_from_{settings.start}_to_{settings.end}"

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        require(table, [settings.start, settings.end])
        _require_dates(table, [settings.start, settings.end])
        days = (table[settings.end] - table[settings.start]) / pd.Timedelta(days=1)
        return added(table, days.astype("float64").to_frame(name))

    return derive
