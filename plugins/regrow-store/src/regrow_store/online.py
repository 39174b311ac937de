"""The store online: a SQLite file with every entity's values at one snapshot, each as the eight bytes of its number, so
that what is read is what was written, bit for bit."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from regrow import RegrowError, nearest
from regrow_features.columns import plain, require
from regrow_features.join import lookup_called
from regrow_store.settings import FeatureView
from regrow_store.views import values

TABLES = """
create table if not exists views (name text primary key, entity text, owner text, version integer, definition text,
  moment text, columns text);
create table if not exists features (view text, key text, number blob, primary key (view, key)) without rowid;
"""
Lookups = dict[str, pd.DataFrame]


def definition(view: FeatureView) -> str:
    """A hash of all that decides a value: not the owner."""
    said = view.model_dump(mode="json", exclude={"owner"})
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def materialise(store: sqlite3.Connection, name: str, view: FeatureView, lookups: Lookups, moment: Any) -> int:
    """Write all entities that the lookup knows, as of a moment; how many they are.

    Raises RegrowError where the store has the same version of the view with another definition.
    """
    store.executescript(TABLES)
    held = store.execute("select version, definition from views where name = ?", (name,)).fetchone()
    if held and held[0] == view.version and held[1] != definition(view):
        fix = f"raise features.derive.{name}.version"
        raise RegrowError(f"version {view.version} is another definition in this store", where=name, fix=fix)
    keys = entities(view, lookups)
    made = values(view, keys.assign(**{view.at: moment}), lookups)
    numbers = made.to_numpy(dtype="<f8")
    with store:
        store.execute("delete from features where view = ?", (name,))
        rows = ((name, key, row.tobytes()) for key, row in zip(written(keys), numbers, strict=True))
        store.executemany("insert into features values (?, ?, ?)", rows)
        about = (name, view.entity, view.owner, view.version, definition(view), json.dumps(_said(moment)))
        store.execute("insert or replace into views values (?, ?, ?, ?, ?, ?, ?)", (*about, json.dumps(list(made))))
    return len(keys)


def get(store: sqlite3.Connection, name: str, key: Iterable[Any]) -> dict[str, float] | None:
    """An entity's values by column, NaN where it has none; None for an entity that is not known."""
    view = _view(store, name)
    found = store.execute("select number from features where view = ? and key = ?", (name, _key(key))).fetchone()
    return None if found is None else dict(zip(view["columns"], np.frombuffer(found[0], "<f8").tolist(), strict=True))


def differing(store: sqlite3.Connection, name: str, rows: pd.DataFrame, offline: pd.DataFrame) -> list[str]:
    """The keys whose values online are not, to the bit, those computed offline. rows: their keys; offline: values."""
    wanted = zip(written(rows), offline.to_numpy(dtype="<f8"), strict=True)
    held = dict(store.execute("select key, number from features where view = ?", (name,)).fetchall())
    return [key for key, numbers in wanted if held.get(key) != numbers.tobytes()]


def entities(view: FeatureView, lookups: Lookups) -> pd.DataFrame:
    """Every entity that the lookup knows, under the table's names, sorted."""
    lookup = lookup_called(view.table, lookups)
    require(lookup, view.key.values(), f"the lookup {view.table}")
    known = lookup[list(view.key.values())].set_axis(list(view.key), axis=1).apply(plain).dropna()
    return known.drop_duplicates().sort_values(list(known.columns), ignore_index=True)


def moment_of(store: sqlite3.Connection, name: str) -> Any:
    """As of when a view was written."""
    said = _view(store, name)["moment"]
    return pd.Timestamp(said) if isinstance(said, str) else said


def written(keys: pd.DataFrame) -> list[str]:
    """Each row's key as text: numbers alike, whether they are whole or not."""
    return [_key(row) for row in zip(*(keys[name].tolist() for name in keys), strict=True)]


def _key(values: Iterable[Any]) -> str:
    plain_values = [_said(one) for one in values]
    return json.dumps([float(one) if isinstance(one, int | float) else one for one in plain_values])


def _said(value: Any) -> Any:
    return value.isoformat() if isinstance(value, pd.Timestamp) else value.item() if hasattr(value, "item") else value


def _view(store: sqlite3.Connection, name: str) -> Mapping[str, Any]:
    try:
        found = store.execute("select columns, moment from views where name = ?", (name,)).fetchone()
        names = [one for (one,) in store.execute("select name from views order by name")]
    except sqlite3.DatabaseError as error:
        raise RegrowError(f"is no store: {error}", fix="regrow store materialise") from None
    if found is None:
        raise RegrowError(f"no view is called {name!r}", fix=nearest(name, names))
    return {"columns": json.loads(found[0]), "moment": json.loads(found[1])}
