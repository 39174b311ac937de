"""Stage `collect`: sealed days and late labels, as one table; and the bundle's reference rows in the same columns."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regrow import RegrowError
from regrow_monitor import labels as late
from regrow_monitor.log_files import Part, bundle_file, days, sealed
from regrow_monitor.settings import CollectSettings
from regrow_serve import lookups
from regrow_serve.bundle import Bundle, records
from regrow_serve.guard import VERDICTS
from regrow_serve.schema import Schema, Typed

INPUT, TEXT = "in_", pd.StringDtype(na_value=np.nan)


def collect(
    settings: CollectSettings, prediction_log: Path | None = None, labels: Path | None = None
) -> dict[str, Any]:
    """`monitor_rows`: a row for each answer up to `monitor.until`. `monitor_reference`: held-out rows of the bundle
    that answered last. `monitor_log`: what was counted.

    prediction_log: the folder of sealed days. labels: a CSV or Parquet file, or a folder of them. Raises RegrowError
    where nothing is sealed, and for a day that is not as it was sealed.
    """
    until = settings.monitor.until
    if until is None:
        raise RegrowError("is not said", where="monitor.until", fix="regrow monitor --until 2026-11-28")
    if prediction_log is None or not (known := days(prediction_log, until)):
        where = str(prediction_log or "[tool.regrow.sources] prediction_log")
        raise RegrowError(f"no day up to {until} is sealed", where=where, fix="regrow seal DAY")
    seals, parts = [], []
    for day in known:
        seal, some = sealed(prediction_log, day)
        seals.append(seal)
        parts += [(day, part) for part in some]
    digest = parts[-1][1].header["bundle"] if parts else ""
    bundle = Bundle.load(bundle_file(prediction_log, digest), digest)
    rows, twice = _rows(bundle, parts)
    joined, heard = late.joined(rows, labels, settings.data, bundle, until)
    counted: dict[str, Any] = dict(heard)
    counted |= {"twice": twice, "rows": len(joined), "half_lines": sum(one["half_lines"] for one in seals)}
    counted |= {"until": until, "first": known[0], "days": len(known), "bundle": digest, "about": _about(bundle)}
    counted["bundles"] = {str(name): int(n) for name, n in joined["bundle"].value_counts().sort_index().items()}
    return {"monitor_rows": joined, "monitor_reference": _reference(bundle, until), "monitor_log": counted}


def _about(bundle: Bundle) -> dict[str, Any]:
    """What of the bundle later stages ask."""
    about = {key: bundle.about[key] for key in ("task", "target", "classes", "positive", "threshold", "probabilities")}
    kinds = {one.name: one.kind for one in bundle.schema.needed}
    levels = [one.name for one in bundle.schema.needed if one.levels is not None]
    return {**about, "columns": kinds, "levels": levels, "lookups": dict(bundle.guard.lookups)}


def _rows(bundle: Bundle, parts: list[tuple[str, Part]]) -> tuple[pd.DataFrame, int]:
    """All answers in the order of days and parts, each id once; and how many came again."""
    days_, digests, lines = [], [], []
    for day, part in parts:
        few = list(part.rows())
        lines += few
        days_ += [day] * len(few)
        digests += [part.header["bundle"]] * len(few)
    if not lines:
        raise RegrowError("no row was logged on any day", where="prediction_log", fix="ask the server something")
    made = pd.DataFrame({"day": pd.Series(days_, dtype=TEXT), "bundle": pd.Series(digests, dtype=TEXT)})
    made = made.assign(**_answers(bundle, lines), **_inputs(bundle.schema, lines))
    again = made["id"].duplicated()
    return made[~again].reset_index(drop=True), int(again.sum())


def _answers(bundle: Bundle, lines: list[dict[str, Any]]) -> dict[str, pd.Series]:
    said = [one["answer"] for one in lines]
    keys = [one.get("key") for one in lines]
    made = {
        "id": pd.Series([one["id"] for one in lines], dtype=TEXT),
        "key": pd.Series([None if one is None else str(one) for one in keys], dtype=TEXT),
        "ms": pd.Series([one["ms"] for one in lines], dtype="float64"),
        "guard": pd.Series([one["guard"] for one in said], dtype=TEXT),
        "source": pd.Series([one["source"] for one in said], dtype=TEXT),
        "has_inputs": pd.Series(["row" in one for one in lines], dtype=bool),
    }
    shares = [one.get("probabilities") or {} for one in said]
    return made | _scored([one["prediction"] for one in said], [one.get("decision") for one in said], shares, bundle)


def _scored(
    predictions: list[Any], decisions: list[Any], shares: list[Mapping[str, float]], bundle: Bundle
) -> dict[str, pd.Series]:
    """prediction (a number, or a class as text), decision, and a probability for each class."""
    kind = "float64" if bundle.about["task"] == "regression" else TEXT
    as_told = [None if one is None else one if kind == "float64" else str(one) for one in predictions]
    made = {"prediction": pd.Series(as_told, dtype=kind)}
    said = [None if one is None else str(one) for one in decisions]
    made["decision"] = made["prediction"] if kind != "float64" and not any(said) else pd.Series(said, dtype=TEXT)
    names = [str(one) for one in bundle.classes or ()] if bundle.about["probabilities"] else []
    return made | {
        f"probability_{name}": pd.Series([one.get(name, np.nan) for one in shares], dtype="float64") for name in names
    }


def _inputs(schema: Schema, lines: list[dict[str, Any]]) -> dict[str, pd.Series]:
    """The columns that scoring reads: numbers and dates as numbers, all else as text; and how many of a row's texts no
    training row has."""
    return _typed(schema, schema.of_rows([one.get("row") or {} for one in lines]))


def _typed(schema: Schema, typed: Typed) -> dict[str, pd.Series]:
    made: dict[str, pd.Series] = {}
    for column in schema.needed:
        values, missing = typed.values[column.name].reset_index(drop=True), typed.missing[column.name]
        if values.dtype.kind == "M":
            values = pd.Series(values.to_numpy().astype("datetime64[s]").astype("int64") / 86400.0)
        numeric = values.dtype.kind in "iuf"
        kept = values.astype("float64" if numeric else TEXT).mask(missing)
        made[f"{INPUT}{column.name}"] = kept
        if column.levels is not None:
            made[f"unseen_{column.name}"] = kept.notna() & ~kept.isin(column.levels)
    return made


def _reference(bundle: Bundle, until: str) -> pd.DataFrame:
    """The bundle's held-out rows with their scores and targets, as the guard judges them on that day."""
    told = lookups.read(bundle.members["reference.json"])
    raw = told[[one.name for one in bundle.schema.needed]]
    typed = bundle.schema.of_rows(records(raw))
    verdicts = bundle.guard.judge(typed, datetime.date.fromisoformat(until)).codes
    shares = [name for name in told if name.startswith("scored_probability_")]
    known = told[shares].rename(columns=lambda name: str(name).removeprefix("scored_probability_")).to_dict("records")
    predictions = told["scored_prediction"].tolist()
    decided = [None] * len(told)
    if bundle.threshold is not None and shares:
        decided = bundle.decide(told[shares].to_numpy()).tolist()
    made = _scored(predictions, decided, known, bundle) | _typed(bundle.schema, typed)
    kind = "float64" if bundle.about["task"] == "regression" else TEXT
    target = told["scored_target"]
    made["target"] = target.astype("float64") if kind == "float64" else pd.Series(map(str, target.tolist()), dtype=TEXT)
    made["guard"] = pd.Series([VERDICTS[code] for code in verdicts], dtype=TEXT)
    return pd.DataFrame(made)
