"""Stage `drift`: every check of every day against the bundle's reference, and one limit for all of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from regrow import random_state
from regrow_monitor import limit, turned_labels
from regrow_monitor.collect import INPUT
from regrow_monitor.settings import DriftSettings
from regrow_monitor.signals import SEQUENCE, Builder, Check, Reference, of_labels, ranks, scores, windows, worst

SCORE, DECISION, GUARD, FALLBACK, LABELS, TURNED = "score", "decision", "guard", "fallback", "labels", "turned"
OWN = (SCORE, DECISION, GUARD, FALLBACK, LABELS)


def drift(
    monitor_rows: pd.DataFrame, monitor_reference: pd.DataFrame, monitor_log: Mapping[str, Any], settings: DriftSettings
) -> dict[str, Any]:
    """`monitor_numbers`: day, subject, check, window, rows, number (standard normal where nothing changed), now,
    before.    `monitor_drift`: the limit, and the largest number of each subject on the last day."""
    alarms = settings.monitor.alarms
    days = calendar(monitor_log)
    reference, input_sums, label_sums = sums(monitor_rows, monitor_reference, monitor_log, days)
    total = input_sums + label_sums
    a_day = limit.rows_a_day(monitor_rows["day"].value_counts().reindex(days, fill_value=0).to_numpy())
    found = limit.calibrate(reference, a_day, alarms, random_state(settings.seed, "monitor/limit"))
    numbers = _numbers(reference, total, days, alarms.windows, found)
    return {"monitor_numbers": numbers, "monitor_drift": _record(reference, numbers, found, days[-1])}


def calendar(log: Mapping[str, Any]) -> list[str]:
    """All days from the first to `until`, those without a row too."""
    return [one.date().isoformat() for one in pd.date_range(log["first"], log["until"])]


def sums(
    rows: pd.DataFrame, known: pd.DataFrame, log: Mapping[str, Any], days: list[str]
) -> tuple[Reference, np.ndarray, np.ndarray]:
    """The reference; (days, k) what answers add on the day they were given, and labels on the day they were known."""
    build = Builder(len(known), len(rows))
    about = log["about"]
    for name in about["columns"]:
        _column(build, name, known, rows, name in about["levels"])
    mine = (rows["bundle"] == log["bundle"]).to_numpy(dtype=bool)
    answered = mine & rows["prediction"].notna().to_numpy(dtype=bool)
    before = score(known, about)
    now = np.where(answered & (rows["source"] == "model"), score(rows, about), np.nan)
    build.mean(SCORE, ("location", "spread"), ranks(before, before), ranks(before, now))
    if about["task"] != "regression":
        build.levels(DECISION, decided(known), decided(rows).where(answered))
    every = np.ones(len(known), dtype=bool), mine
    for verdict in ("odd", "refused"):
        was, is_ = ((one["guard"] == verdict).to_numpy(dtype=bool) for one in (known, rows))
        build.share(GUARD, verdict, was, is_, every)
    fallback = (rows["source"] == "fallback").to_numpy(dtype=bool)
    build.share(FALLBACK, "share", np.zeros(len(known), dtype=bool), fallback, every)
    place = {day: n for n, day in enumerate(days)}
    answers = len(build._spread)
    _labels(build, known, rows, before, now, about)
    reference, added = build.made()
    asked, heard = rows["day"].map(place).to_numpy(dtype=int), rows["known"].map(place)
    own, late = added.copy(), added.copy()
    own[:, answers:], late[:, :answers] = 0.0, 0.0
    there = heard.notna().to_numpy(dtype=bool)
    return reference, by_day(own, asked, days), by_day(late[there], heard[there].to_numpy(dtype=int), days)


def by_day(values: np.ndarray, day: np.ndarray, days: list[str]) -> np.ndarray:
    """(n, k) and the place of each row's day -> (days, k)."""
    made = np.zeros((len(days), values.shape[1]))
    np.add.at(made, day, values)
    return made


def _column(build: Builder, name: str, known: pd.DataFrame, rows: pd.DataFrame, has_levels: bool) -> None:
    """A number: its ranks; a text: its levels; and what is missing, and never seen."""
    before, now = known[f"{INPUT}{name}"], rows[f"{INPUT}{name}"]
    here = rows["has_inputs"].to_numpy(dtype=bool)
    about = np.ones(len(known), dtype=bool), here
    if before.dtype.kind == "f":
        was, is_ = before.to_numpy(), np.where(here, now.to_numpy(), np.nan)
        build.mean(name, ("location", "spread"), ranks(was, was), ranks(was, is_))
    else:
        build.levels(name, before, now.where(here))
    build.share(name, "missing", before.isna().to_numpy(dtype=bool), now.isna().to_numpy(dtype=bool), about)
    if has_levels:
        was, is_ = (one[f"unseen_{name}"].to_numpy(dtype=bool) for one in (known, rows))
        build.share(name, "unseen", was, is_, about)


def _labels(
    build: Builder,
    known: pd.DataFrame,
    rows: pd.DataFrame,
    before: np.ndarray,
    now: np.ndarray,
    about: Mapping[str, Any],
) -> None:
    task = about["task"]
    if task == "multiclass" or (task == "binary" and not about["probabilities"]):
        was, is_ = (_right(one) for one in (known, rows))
        is_ = np.where(np.isnan(now), np.nan, is_)
        build.mean(LABELS, ("right",), was[:, None], is_[:, None])
        if not about["probabilities"]:
            before, now = (np.full(len(one), np.nanmean(was)) for one in (was, is_))
        _turned(build, (was, before), (is_, now), len(about["classes"]))
        return
    positive = positive_name(about)
    then, later = ((one["target"].to_numpy(dtype=float, na_value=np.nan) if task == "regression"
                    else (one["target"] == positive).astype(float).where(one["target"].notna()).to_numpy())
                   for one in (known, rows))  # fmt: skip
    whats, was = of_labels(task, then, before)
    build.mean(LABELS, whats, was, of_labels(task, later, now)[1])
    if task == "binary":
        _turned(build, (then, before), (later, now), 2)


def _turned(
    build: Builder, known: tuple[np.ndarray, np.ndarray], rows: tuple[np.ndarray, np.ndarray], classes: int
) -> None:
    """Both: whether it happened, and how probable it was said to be."""
    was, is_ = (turned_labels.of_labels(happened, probability, classes) for happened, probability in (known, rows))
    build.sequence(LABELS, TURNED, was, is_)


def _right(table: pd.DataFrame) -> np.ndarray:
    return (table["prediction"] == table["target"]).astype(float).where(table["target"].notna()).to_numpy()


def positive_name(about: Mapping[str, Any]) -> str:
    """The class that a binary score is the probability of."""
    classes, positive = list(about["classes"]), about["positive"]
    return str(positive if positive in classes else classes[-1])


def score(table: pd.DataFrame, about: Mapping[str, Any]) -> np.ndarray:
    """(n,) the probability of the positive class, or of the most probable one; of a number, itself."""
    if about["task"] == "regression":
        return table["prediction"].to_numpy(dtype=float, na_value=np.nan)
    shares = [name for name in table if name.startswith("probability_")]
    if not shares:
        return np.full(len(table), np.nan)
    if about["task"] == "binary":
        return table[f"probability_{positive_name(about)}"].to_numpy()
    return table[shares].max(axis=1).to_numpy()


def decided(table: pd.DataFrame) -> pd.Series:
    """What was decided, or where nothing is what was predicted."""
    return table["decision"].fillna(table["prediction"])


def largest(reference: Reference, days: np.ndarray, lengths: list[int], found: limit.Limit) -> np.ndarray:
    """(days, subjects) the largest number of each day."""
    made = np.zeros((len(days), len(reference.subjects)))
    for length in lengths:
        made = np.maximum(made, worst(reference.checks, scores(reference, windows(days, length)), reference.subjects))
    if check := turned_labels.check_of(reference):
        place = reference.subjects.index(check.subject)
        nats = turned_labels.evidence(check, days, reference.sums).nats
        made[:, place] = np.maximum(made[:, place], found.number(nats))
    return made


def _numbers(
    reference: Reference, days: np.ndarray, names: list[str], lengths: list[int], limit_: limit.Limit
) -> pd.DataFrame:
    """In long form; only windows that have rows."""
    parts = []
    for length in lengths:
        summed = windows(days, length)
        found = scores(reference, summed)
        for place, check in enumerate(reference.checks):
            if check.kind == SEQUENCE:
                continue
            n = summed[:, check.count]
            some = np.flatnonzero(n > 0)
            parts.append(pd.DataFrame({
                "day": np.array(names, dtype=object)[some], "subject": check.subject, "check": check.what,
                "window": length, "rows": n[some].astype("int64"), "number": np.round(found[some, place], 4),
                "now": _level(check, summed[some], n[some]), "before": _level(check, reference.sums[None], None)[0],
            }))  # fmt: skip
    if turned := turned_labels.check_of(reference):
        parts.append(_of_turned(turned, turned_labels.evidence(turned, days, reference.sums), names, limit_))
    made = pd.concat(parts, ignore_index=True)
    for name in ("day", "subject", "check"):
        made[name] = made[name].astype(pd.StringDtype(na_value=np.nan))
    return made


def _of_turned(check: Check, told: turned_labels.Evidence, names: list[str], limit_: limit.Limit) -> pd.DataFrame:
    """Of days on which some stretch speaks for it: `now` is the share that looks turned in that stretch."""
    some = np.flatnonzero(told.nats > 0)
    return pd.DataFrame({
        "day": np.array(names, dtype=object)[some], "subject": check.subject, "check": check.what,
        "window": told.days[some], "rows": told.labels[some].astype("int64"),
        "number": np.round(limit_.number(told.nats[some]), 4), "now": np.round(told.share[some], 6), "before": 0.0,
    })  # fmt: skip


def _level(check: Check, sums: np.ndarray, n: np.ndarray | None) -> np.ndarray:
    """A mean or share as it is; of levels, the share of the most usual one."""
    count = np.maximum(sums[:, check.count] if n is None else n, 1)
    return np.round(sums[:, check.columns[0]] / count, 6)


def _record(reference: Reference, numbers: pd.DataFrame, found: limit.Limit, day: str) -> dict[str, Any]:
    last = numbers[numbers["day"] == day]
    subjects = {}
    for subject in reference.subjects:
        mine = last[last["subject"] == subject]
        top = mine.iloc[int(mine["number"].abs().argmax())] if len(mine) else None
        subjects[subject] = None if top is None else {
            "number": float(top["number"]), "check": str(top["check"]), "window": int(top["window"]),
            "rows": int(top["rows"]), "now": float(top["now"]), "before": float(top["before"]),
        }  # fmt: skip
    years = [float(one) for one in np.round(found.worst, 4)]
    kinds = {check.name: check.kind for check in reference.checks}
    return {"limit": found.value, "rows_a_day": found.rows_a_day, "checks": len(reference.checks), "day": day,
            "subjects": subjects, "worst_years": years, "kinds": kinds, "turned": found.turned}  # fmt: skip
