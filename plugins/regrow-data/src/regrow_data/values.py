"""Row-wise steps of `features.derive` that change values by bounds and values which settings declare."""

from typing import Any

import pandas as pd
from pandas.api import types

from regrow import Context, RegrowError
from regrow.plugin.components import nearest
from regrow.plugin.context import column_types
from regrow_data.clean_settings import Clip, Fill

Lookups = dict[str, pd.DataFrame]


class _Changes:
    """A step that changes cells of columns that are there: the stage counts them."""

    counted = True

    def __init__(self, settings: Any) -> None:
        self.settings = settings

    def _columns(self, table: pd.DataFrame) -> list[str]:
        if unknown := [name for name in self.settings.columns if name not in table.columns]:
            fix = nearest(unknown[0], list(table.columns))
            raise RegrowError(f"there is no column {unknown[0]!r}", where="columns", fix=fix)
        return list(self.settings.columns)


class Clipping(_Changes):
    """Numbers beyond a bound become the bound."""

    def __call__(self, table: pd.DataFrame, lookups: Lookups) -> pd.DataFrame:
        """The table with its columns of numbers bounded. Raises RegrowError for a column of another type."""
        columns = self._columns(table)
        for name in columns:
            if not types.is_numeric_dtype(table[name].dtype) or types.is_bool_dtype(table[name].dtype):
                raise RegrowError(f"{name!r} is no column of numbers", where="columns")
        low, high = self.settings.min, self.settings.max
        return table.assign(**{name: table[name].clip(low, high) for name in columns})


class Filling(_Changes):
    """Missing values become one that is named."""

    def __call__(self, table: pd.DataFrame, lookups: Lookups) -> pd.DataFrame:
        """The table without gaps in its columns. Raises RegrowError where the value is of another type."""
        made, value = {}, self.settings.value
        for name in self._columns(table):
            if column_types(table[[name]])[name] != _type(value):
                wrong = f"{value!r} does not go with {name!r}, which holds {table[name].dtype}"
                raise RegrowError(wrong, where="value", fix="a value of the column's type")
            made[name] = table[name].fillna(value)
        return table.assign(**made)


def _type(value: Any) -> str:
    return "text" if isinstance(value, str) else "bool" if isinstance(value, bool) else "number"


def clip(settings: Clip, context: Context) -> Clipping:
    """See `Clipping`."""
    return Clipping(settings)


def fill(settings: Fill, context: Context) -> Filling:
    """See `Filling`."""
    return Filling(settings)
