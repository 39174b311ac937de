"""The definition of a view: the one function that training, the bundle and the store online call."""

import numpy as np
import pandas as pd

from regrow import Context
from regrow.plugin.kinds import Derive
from regrow_features.columns import added, kind, plain, require
from regrow_features.history import window
from regrow_store.settings import FeatureView

DAY = 86_400_000_000_000  # nanoseconds


def feature_view(settings: FeatureView, context: Context) -> Derive:
    """Adds `<entity>_<column>_<statistic>_<days>d`, as of the last snapshot at or before the row's moment."""

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        require(table, [settings.at, *settings.key])
        return added(table, values(settings, table, lookups))

    return derive


def values(view: FeatureView, rows: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The view's columns, float64, for rows that have the key and a moment."""
    asked = rows[list(view.key)].assign(**{view.at: snapshots(rows[view.at], view.every)})
    made = window(view.model_copy(update={"prefix": view.start}), Context())(asked, lookups)
    return made.drop(columns=list(asked.columns))


def snapshots(moments: pd.Series, every: float) -> pd.Series:
    """The last whole number of `every` days since 1970, in UTC, at or before each moment; missing stays so."""
    moments = plain(moments)
    if kind(moments) != "date":
        return np.floor(moments.astype("float64") / every) * every
    there = moments.notna()
    zone = moments.dt.tz
    bare = moments.dt.tz_convert("UTC").dt.tz_localize(None) if zone is not None else moments
    grid = round(every * DAY)
    whole = bare[there].to_numpy(dtype="datetime64[ns]").astype("int64") // grid * grid
    made = pd.Series(pd.NaT, index=moments.index, dtype="datetime64[ns]")
    made[there] = whole.astype("datetime64[ns]")
    return made if zone is None else made.dt.tz_localize("UTC")
