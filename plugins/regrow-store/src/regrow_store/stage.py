"""The stage `store`: the values of every view as training has them, and the proof that a store online has the same."""

import sqlite3
from typing import Any

import numpy as np
import pandas as pd

from regrow import RegrowError
from regrow.artifacts import blocks
from regrow_features.columns import plain
from regrow_store import online
from regrow_store.settings import VIEW, FeatureView, StoreSettings
from regrow_store.views import snapshots, values

SNAPSHOTS, ROWS = 5, 200  # that are compared, and rows of each
HEAD = ["View", "Entity", "Owner", "Version", "Columns", "Offline rows", "Compared, to the bit"]


def store(table: pd.DataFrame, lookups: dict[str, pd.DataFrame], settings: StoreSettings) -> dict[str, Any]:
    """`offline_features`: of each view key, snapshot and values, once each, for the table's rows. `store_record`, and a
    section. Raises RegrowError without a view, and where offline and online differ in a bit."""
    if not settings.views:
        fix = f"add one: plane_past: {{use: {VIEW}, entity: plane, owner: ..., ...}}"
        raise RegrowError(f"no step is a {VIEW}", where="features.derive", fix=fix)
    offline, record, rows = {}, {}, []
    for name, view in settings.views.items():
        offline[name] = _offline(view, table, lookups)
        compared = _compared(name, view, offline[name], lookups)
        made = [one for one in offline[name] if one not in (*view.key, view.at)]
        about = {"entity": view.entity, "owner": view.owner, "version": view.version}
        record[name] = {
            **about,
            "definition": online.definition(view),
            "rows": len(offline[name]),
            "compared": compared,
        }
        rows.append([name, view.entity, view.owner, view.version, ", ".join(made), len(offline[name]), compared])
    said = [
        blocks.text("Features by entity: the same definition gives training its values and fills the store online."),
        blocks.table("Feature views", HEAD, rows),
    ]
    section = {"title": "The feature store", "level": "engineer", "order": 32, "blocks": said}
    return {"offline_features": offline, "store_record": {"views": record}, "store_section": section}


def _offline(view: FeatureView, table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Key, snapshot (under the moment's name) and values; each key and snapshot once, sorted."""
    rows = table[[*view.key, view.at]].apply(plain).dropna()
    rows = rows.assign(**{view.at: snapshots(rows[view.at], view.every)}).drop_duplicates()
    rows = rows.sort_values([view.at, *view.key], ignore_index=True)
    return pd.concat([rows, values(view, rows, lookups)], axis=1)


def _compared(name: str, view: FeatureView, offline: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> int:
    """How many rows of some snapshots were found online with the same bits."""
    moments = offline[view.at].drop_duplicates().reset_index(drop=True)
    known = set(online.written(online.entities(view, lookups)))
    count = 0
    for place in np.unique(np.linspace(0, len(moments) - 1, SNAPSHOTS).astype("int64")):
        with sqlite3.connect(":memory:") as connection:
            online.materialise(connection, name, view, lookups, moments[place])
            some = offline[offline[view.at] == moments[place]].head(ROWS)
            some = some[[key in known for key in online.written(some[list(view.key)])]]
            numbers = some.drop(columns=[*view.key, view.at])
            if differ := online.differing(connection, name, some[list(view.key)], numbers):
                wrong = f"{len(differ)} of {len(some)} entities differ online, the first is {differ[0]}"
                raise RegrowError(wrong, where=f"features.derive.{name}")
            count += len(some)
        connection.close()
    return count
