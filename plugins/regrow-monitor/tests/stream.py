"""Rows that come day by day: a log of them, sealed, and their labels; and the stages on it, as functions."""

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from watched import MORE

from regrow_evaluation.plugin import regrow_components
from regrow_monitor import alarms, collect, drift, page, performance
from regrow_monitor import settings as models
from regrow_monitor.log_files import SEALED
from regrow_monitor.seal import open_days, seal
from regrow_serve import lookups
from regrow_serve.answers import by_model
from regrow_serve.bundle import records
from regrow_serve.prediction_log import PredictionLog

ROWS = 2400
FIRST = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)
REGISTRY = {"components": {(one.kind, one.name): one for one in regrow_components()}}
SETTINGS = {
    "data": {"task": "binary", "target": {"column": "delay", "above": 20.0, "name": "late"}},
    **MORE,
    "seed": 1,
}


def day(number: int) -> str:
    return (FIRST + datetime.timedelta(days=number)).date().isoformat()


def writer(made, folder: Path, number: int, **options) -> PredictionLog:
    """A server's log whose clock stands on that day."""
    now = FIRST + datetime.timedelta(days=number)
    return replace(PredictionLog.of(folder, made["bundle"], made["file"], **options), now=lambda: now)


def drawn(made, rng, rows: int) -> pd.DataFrame:
    """Held-out rows with their scores and targets."""
    known = lookups.read(made["bundle"].members["reference.json"])
    return known.iloc[rng.integers(0, len(known), rows)].reset_index(drop=True)


def log(made, folder: Path, days: int, rows: int, shift=None, seed: int = 0) -> Path:
    """folder/log and folder/labels.csv. shift: column, standard deviations, the day that it begins."""
    rng = np.random.default_rng(seed)
    lines = []
    needed = [one.name for one in made["bundle"].schema.needed]
    for number in range(days):
        some = drawn(made, rng, rows)
        raw = some[needed].copy()
        if shift and number >= shift[2]:
            raw[shift[0]] += shift[1] * lookups.read(made["bundle"].members["reference.json"])[shift[0]].std()
        asked = records(raw)
        one = writer(made, folder / "log", number)
        one.write(f"day{number}", asked, dict(enumerate(by_model(made["bundle"], asked))), 0.02)
        one.close()
        lines += [
            {"id": f"day{number}:{n}", "late": target, "known_at": day(number + 7)}
            for n, target in enumerate(some["scored_target"])
        ]
    for one in open_days(folder / "log"):
        seal(folder / "log", one)
    pd.DataFrame(lines).to_csv(folder / "labels.csv", index=False)
    return folder


def stages(folder: Path, until: str, alarm_files: Path | None = None, **monitor) -> dict:
    """What every stage makes of a log."""
    watch = {"until": until, "alarms": {"years": 100}, "analyses": {"slices": {"use": "slices"}}} | monitor

    def settings(model, *keys):
        said = {key: SETTINGS[key] for key in keys} | {"monitor": watch}
        return model.model_validate(said, context=REGISTRY)

    found = collect.collect(settings(models.CollectSettings, "data"), folder / "log" / SEALED, folder / "labels.csv")
    three = dict(found)
    found |= drift.drift(**three, settings=settings(models.DriftSettings, "seed"))
    all_of_it = settings(models.PerformanceSettings, "data", "evaluation", "objective", "seed")
    found |= performance.performance(**three, settings=all_of_it)
    told = settings(models.AlarmSettings, "objective")
    more = {name: found[name] for name in ("monitor_numbers", "monitor_drift")}
    found |= alarms.alarms(**three, **more, settings=told)
    records_ = ("monitor_log", "monitor_drift", "monitor_performance", "monitor_alarms")
    return found | page.page(
        sections={name: one for name, one in found.items() if name.endswith("_section")},
        findings={name: one for name, one in found.items() if name.endswith("_findings")},
        metrics={},
        records={name: found[name] for name in records_},
        analyses={"monitor_examined": found["monitor_examined"]},
        monitor_numbers=found["monitor_numbers"],
        settings=told,
        alarm_files=alarm_files,
    )
