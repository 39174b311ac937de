"""`regrow demo-drift`: a stretch of days with a shift half way, through the same log, stages and page as real ones."""

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regrow import RegrowError, layout, nearest, random_state
from regrow.base.yaml_files import read_settings
from regrow.plugin.manager import load_plugins
from regrow.plugin.project import Project
from regrow.settings.compose import stage_settings
from regrow_monitor import alarms, collect, drift, page, performance
from regrow_monitor.alarms import sentence
from regrow_monitor.log_files import SEALED
from regrow_monitor.seal import open_days, seal
from regrow_serve import lookups
from regrow_serve.answers import by_model
from regrow_serve.bundle import Bundle, records
from regrow_serve.prediction_log import PredictionLog

FIRST = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)


def demo(
    project: Project, file: Path, column: str | None, shift: float, rows: int, days: int, out: Path
) -> Iterator[str]:
    """Lines to print. Rows are drawn from the bundle's held-out ones, which come as they are up to the middle.

    Raises RegrowError for a column that is no number, and for a folder that is not empty.
    """
    if out.exists() and any(out.iterdir()):
        raise RegrowError("is not empty", where=str(out), fix=f"rm -r {out}, or say another --out")
    bundle = Bundle.load(file)
    known = lookups.read(bundle.members["reference.json"])
    numeric = [one.name for one in bundle.schema.needed if known[one.name].dtype.kind in "if"]
    name = column or next((one for one in numeric if known[one].nunique() > 1), "")
    if name not in numeric:
        raise RegrowError(f"{name!r} is no column of numbers", where="--column", fix=nearest(name, numeric))
    settings = _settings(project, (FIRST + datetime.timedelta(days=days - 1)).date().isoformat())
    written(bundle, file, known, name, shift, rows, days, out / "log")
    made = stages(settings, out / "log" / SEALED, out / "labels.csv")
    (out / "page.html").write_text(made["monitor_page"], encoding="utf-8")
    (out / "metrics.prom").write_text(made["monitor_textfile"], encoding="utf-8")
    begun = (FIRST + datetime.timedelta(days=days // 2)).date().isoformat()
    yield f"{rows} rows a day, {days} days; from {begun} on {name} is {shift:g} standard deviations higher"
    found = made["monitor_alarms"]["alarms"]
    yield from (f"{one['opened']}: {sentence(one)}" for one in found)
    if not found:
        yield "no alarm"
    yield f"page: {out}/page.html"


def written(
    bundle: Bundle, file: Path, known: pd.DataFrame, name: str, shift: float, a_day: int, days: int, log: Path
) -> None:
    """A log of so many days, sealed, and their labels a week later."""
    rng = np.random.Generator(np.random.PCG64(random_state(0, "monitor/demo")))
    spread = float(known[name].std())
    lines = []
    for number in range(days):
        now = FIRST + datetime.timedelta(days=number)
        place = rng.integers(0, len(known), a_day)
        some = known.iloc[place].reset_index(drop=True)
        raw = some[[one.name for one in bundle.schema.needed]].copy()
        if number >= days // 2:
            raw[name] = _shifted(raw[name], shift * spread)
        rows = [{key: value for key, value in row.items() if value is not None or key in raw} for row in records(raw)]
        writer = replace(PredictionLog.of(log, bundle, file), now=partial(_clock, now))
        writer.write(f"demo{number}", rows, dict(enumerate(by_model(bundle, rows))), 0.01)
        writer.close()
        later = (now + datetime.timedelta(days=7)).date().isoformat()
        lines += [
            {"id": f"demo{number}:{n}", "target": one, "known_at": later} for n, one in enumerate(some["scored_target"])
        ]
    for day in open_days(log):
        seal(log, day)
    pd.DataFrame(lines).to_csv(log.parent / "labels.csv", index=False)


def _clock(now: datetime.datetime) -> datetime.datetime:
    return now


def _shifted(values: pd.Series, by: float) -> pd.Series:
    return (values + round(by)).astype(values.dtype) if values.dtype.kind == "i" else values + by


def _settings(project: Project, until: str) -> dict[str, Any]:
    """Of each stage, as the project has them. Raises RegrowError where nobody has compiled them yet."""
    plugins = load_plugins(project)
    said = read_settings(project.path(layout.PARAMS), layout.PARAMS)
    if "monitor" not in said or "monitor" not in project.plugins:
        fix = 'name "monitor" among the plugins in pyproject.toml, then: regrow compile'
        raise RegrowError("has no settings of the monitoring", where=layout.PARAMS, fix=fix)
    said["monitor"] = {**dict(said["monitor"]), "until": until}
    return {name: stage_settings(plugins.stages[name], said, plugins.components)
            for name in ("collect", "drift", "performance", "alarms", "page")}  # fmt: skip


def stages(settings: Mapping[str, Any], sealed: Path, labels: Path) -> dict[str, Any]:
    """What each stage of the pipeline makes, called as the functions that they are, with the project's settings."""
    made: dict[str, Any] = dict(collect.collect(settings["collect"], sealed, labels))
    three = {name: made[name] for name in ("monitor_rows", "monitor_reference", "monitor_log")}
    made |= drift.drift(**three, settings=settings["drift"])
    made |= performance.performance(**three, settings=settings["performance"])
    more = {name: made[name] for name in ("monitor_numbers", "monitor_drift")}
    made |= alarms.alarms(**three, **more, settings=settings["alarms"])
    return made | page.page(**_of_types(made), monitor_numbers=made["monitor_numbers"], settings=settings["page"])


def _of_types(made: Mapping[str, Any]) -> dict[str, Any]:
    sections = {name: one for name, one in made.items() if name.endswith("_section")}
    findings = {name: one for name, one in made.items() if name.endswith("_findings")}
    names = ("monitor_log", "monitor_drift", "monitor_performance", "monitor_alarms")
    records_ = {name: json.loads(json.dumps(made[name])) for name in names}
    return {"sections": sections, "findings": findings, "metrics": {}, "records": records_,
            "analyses": {"monitor_examined": made["monitor_examined"]}}  # fmt: skip
