"""Labels that come late: joined as they were known at the end of a day; what came twice or was corrected is counted."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regrow import RegrowError, nearest
from regrow.plugin.predicted import class_name
from regrow_serve.bundle import Bundle

KNOWN_AT, ID, KEY = "known_at", "id", "key"
TEXT = pd.StringDtype(na_value=np.nan)


def read(source: Path) -> pd.DataFrame:
    """All CSV and Parquet files of a folder, or one file, as text. Raises RegrowError where there is none."""
    files = sorted(source.glob("*.csv")) + sorted(source.glob("*.parquet")) if source.is_dir() else [source]
    if not files:
        raise RegrowError(
            "holds no .csv or .parquet file", where=str(source), fix="a file with id, known_at, and the target"
        )
    parts = [
        pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file, dtype=TEXT, keep_default_na=False)
        for file in files
    ]
    return pd.concat([part.astype(TEXT) for part in parts], ignore_index=True)


def joined(
    rows: pd.DataFrame, source: Path | None, data: Any, bundle: Bundle, until: str
) -> tuple[pd.DataFrame, dict[str, int]]:
    """rows with `target` and `known`, the day on which it first was; and what was counted.

    A label counts from its `known_at` on; of several for one row the last that is known by then. data: the settings,
    for a target that is a number above a bound. Raises RegrowError for labels without a column that is needed.
    """
    number = bundle.about["task"] == "regression"
    empty = pd.Series(np.nan, index=rows.index, dtype="float64" if number else TEXT)
    counted = {"labels": 0, "labels_later": 0, "labels_twice": 0, "labels_corrected": 0, "labels_unknown": 0}
    if source is None:
        return rows.assign(target=empty, known=pd.Series(np.nan, index=rows.index, dtype=TEXT)), counted
    told = _target(read(source), data, bundle, str(source))
    by = ID if ID in told else KEY
    name = by if by in told else None
    if name is None or KNOWN_AT not in told:
        wrong = f"needs the columns {ID} or {KEY}, and {KNOWN_AT}"
        raise RegrowError(wrong, where=str(source), fix=nearest(KNOWN_AT, list(told.columns)))
    told["day"] = told[KNOWN_AT].str.slice(0, 10)
    counted["labels_later"] = int((told["day"] > until).sum())
    told = told[told["day"] <= until].sort_values([by, KNOWN_AT], kind="stable")
    changed = told.groupby(by)["target"].transform(lambda one: one != one.shift().fillna(one.iloc[0]))
    again = told[by].duplicated()
    counted["labels_corrected"] = int(changed.astype(bool).sum())
    counted["labels_twice"] = int((again & ~changed.astype(bool)).sum())
    known = told.drop_duplicates(by, keep="last").set_index(by)
    first = told.drop_duplicates(by, keep="first").set_index(by)["day"]
    counted["labels_unknown"] = int((~known.index.isin(rows[by])).sum())
    made = rows.assign(target=rows[by].map(known["target"]), known=rows[by].map(first).astype(TEXT))
    made["target"] = made["target"].astype(empty.dtype)
    counted["labels"] = int(made["target"].notna().sum())
    return made, counted


def _target(told: pd.DataFrame, data: Any, bundle: Bundle, where: str) -> pd.DataFrame:
    """With a column `target`: a number, or a class as text, as the model's targets are."""
    told = told.copy()
    final, wanted = bundle.about["target"], data["target"] if isinstance(data, dict) else {}
    raw, above = wanted.get("column"), wanted.get("above")
    if final in told:
        values = told[final]
    elif "target" in told:
        values = told["target"]
    elif raw in told:
        values = told[raw]
    else:
        raise RegrowError(f"has no column {final!r}", where=where, fix=nearest(final, list(told.columns)))
    values = values.mask(values == "")
    if above is not None and raw in told and final not in told:
        values = (pd.to_numeric(values) > above).astype("int64").astype(TEXT).mask(values.isna())
    if bundle.about["task"] == "regression":
        told["target"] = pd.to_numeric(values)
    else:
        known = {str(one) for one in bundle.classes or ()}
        told["target"] = values.map(lambda one: _class(one, known), na_action="ignore").astype(TEXT)
    return told[told["target"].notna()]


def _class(said: str, known: set[str]) -> str:
    """A class as the model names it: files write 1 as 1.0, too."""
    if said not in known:
        with suppress(ValueError):
            return class_name(float(said))
    return said
