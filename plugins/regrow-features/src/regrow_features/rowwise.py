"""Numbers made of a row's own values: an expression, a weighted sum, the length of a text, a distance, days."""

import re

import numpy as np
import pandas as pd

from regrow import Context, RegrowError
from regrow.plugin.kinds import Derive
from regrow_data.expression import parse
from regrow_data.rules import value
from regrow_features.columns import added, kind, numbers, require
from regrow_features.row_settings import DaysSince, Distance, Expression, TextLength, WeightedSum

EARTH = 6371.0088  # km, the mean radius: Moritz, Geodetic Reference System 1980
COUNTED = {"characters": ".", "words": r"\w+", "digits": r"\d"}


def expression(settings: Expression, context: Context) -> Derive:
    """Adds what the formula gives, float64: 1 and 0 for true and false; missing where a value is, or dividing by 0.

    Raises RegrowError for a column that is not there, or that the formula can't be computed with.
    """
    tree, columns = parse(settings.formula, condition=False)

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        require(table, columns.values())
        return added(table, value(tree, columns, table).to_frame(settings.name))

    return derive


def weighted_sum(settings: WeightedSum, context: Context) -> Derive:
    """Adds the sum of numeric columns, each times its weight, in the order of the settings; missing where one is."""

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        total = pd.Series(settings.constant, index=table.index)
        for name, weight in settings.weights.items():
            total = total + numbers(table, name) * weight
        return added(table, total.to_frame(settings.name))

    return derive


def text_length(settings: TextLength, context: Context) -> Derive:
    """Adds `<column>_characters`, `_words`, `_digits` of texts, float64; missing where the text is."""

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        require(table, settings.columns)
        new = {f"{name}_{of}": _count(table[name], of) for name in settings.columns for of in settings.of}
        return added(table, pd.DataFrame(new, index=table.index))

    return derive


def _count(column: pd.Series, of: str) -> pd.Series:
    if kind(column) != "text" and not column.isna().all():
        fix = f"take a text column, or give it a type: data.types.{column.name}: text"
        raise RegrowError(f"{column.name!r} is {kind(column)}, not text", where=str(column.name), fix=fix)
    pattern = re.compile(COUNTED[of])
    counted = [
        np.nan if not isinstance(text, str) else len(text) if of == "characters" else len(pattern.findall(text))
        for text in column
    ]
    return pd.Series(counted, index=column.index, dtype="float64")


def distance(settings: Distance, context: Context) -> Derive:
    """Adds the kilometres between two places on a sphere of the earth's size, by the haversine formula (Sinnott, Sky
    and Telescope 68, 1984); missing where a coordinate is. Raises RegrowError for one that is none."""

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        places = (settings.start, settings.end)
        (lat, lon), (other_lat, other_lon) = ([_radians(table, one, n) for n, one in enumerate(two)] for two in places)
        across, along = (other_lat - lat) / 2, (other_lon - lon) / 2
        chord = np.sin(across) ** 2 + np.cos(lat) * np.cos(other_lat) * np.sin(along) ** 2
        return added(table, (2 * EARTH * np.arcsin(np.sqrt(chord.clip(0, 1)))).to_frame(settings.name))

    return derive


def _radians(table: pd.DataFrame, name: str, place: int) -> pd.Series:
    degrees, most, what = numbers(table, name), (90, 360)[place], ("latitude", "longitude")[place]
    wrong = degrees.abs() > most
    if wrong.any():
        raise RegrowError(f"{degrees[wrong].iloc[0]:g} is no {what} in degrees", where=name)
    return np.radians(degrees)


def days_since(settings: DaysSince, context: Context) -> Derive:
    """Adds the days from a fixed day to a date, float64, negative before it; in the date's own zone."""
    name = settings.name or f"days_since_{settings.column}"

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        require(table, [settings.column])
        column = table[settings.column]
        if kind(column) != "date":
            fix = f"read it as a date: data.types.{settings.column}: date"
            raise RegrowError(f"{settings.column!r} is {kind(column)}, not a date", where=settings.column, fix=fix)
        start = pd.Timestamp(settings.since, tz=column.dt.tz)
        return added(table, ((column - start) / pd.Timedelta(days=1)).astype("float64").to_frame(name))

    return derive
