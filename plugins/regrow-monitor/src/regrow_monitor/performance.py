"""Stage `performance`: how good it is where labels are there, and what that would be elsewhere if probabilities hold.

Metrics, intervals and analyses are those of regrow-evaluation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from regrow import Context, random_state
from regrow.artifacts import blocks
from regrow.artifacts.blocks import at
from regrow.plugin.context import column_types
from regrow_evaluation import worth
from regrow_evaluation.asked import Asked, asked
from regrow_evaluation.bootstrap import STREAM
from regrow_evaluation.evaluate import usable
from regrow_evaluation.evidence import FEW_ROWS, Evidence
from regrow_evaluation.predicted import Predicted, read
from regrow_evaluation.resampling import Bootstrap
from regrow_evaluation.settings import Costs, PerUnit
from regrow_monitor.collect import INPUT
from regrow_monitor.drift import calendar, decided, positive_name
from regrow_monitor.settings import PerformanceSettings

RECORD, DRAWN, ESTIMATED = "monitor_performance", 200, "estimated"
SPANS = {"a week": 7, "four weeks": 28}
VALID = (
    "Estimated from the probabilities alone, as labels are not there yet (NannyML's confidence-based performance "
    "estimation). It is valid only while probabilities come true: no estimate sees that the same inputs now mean "
    "another target. Labels show that, and the alarm `labels` says so."
)


@dataclass(frozen=True)
class Judge:
    """How rows are measured: by which metrics, with what intervals, worth what."""

    asked: Mapping[str, Asked]
    bootstrap: Bootstrap
    settings: PerformanceSettings
    about: Mapping[str, Any]

    def measure(self, rows: pd.DataFrame) -> dict[str, Any]:
        """rows: with targets. Each metric with its interval, and what decisions were worth; None for too few rows."""
        made: dict[str, Any] = {"rows": len(rows), "metrics": {}, "intervals": {}, "worth": None}
        if len(rows) < FEW_ROWS:
            return made
        p = predicted(rows, self.settings)
        drawn = self.bootstrap.of_metrics(list(self.asked.values()), p)
        for place, (key, metric) in enumerate(self.asked.items()):
            value, ends = _value(metric, p), drawn.interval(place)
            made["metrics"][key] = value
            if value is not None and ends is not None:
                made["intervals"][key] = {"low": ends[0], "high": ends[1]}
        made["worth"] = self.worth(p, decided(rows), self.about)
        return made

    def worth(self, p: Predicted, decisions: pd.Series, about: Mapping[str, Any]) -> float | None:
        """Per thousand decisions, in the unit of the objective; None where nobody said what they are worth."""
        value = self.settings.objective.value
        if isinstance(value, Costs):
            acted = (decisions == positive_name(about)).to_numpy(dtype=bool)
            return float(worth.of_rows(p, acted, value).mean()) * worth.THOUSAND
        if isinstance(value, PerUnit):
            return float(worth.of_errors(p.target, p.prediction, value).mean()) * worth.THOUSAND
        return None


def performance(
    monitor_rows: pd.DataFrame,
    monitor_reference: pd.DataFrame,
    monitor_log: Mapping[str, Any],
    settings: PerformanceSettings,
) -> dict[str, Any]:
    """`monitor_performance`: metrics of the reference and of the labelled rows of a week, of four weeks and of all, and
    estimated for answers without labels. `monitor_examined`: what the analyses found on labelled rows."""
    about, days = monitor_log["about"], calendar(monitor_log)
    mine = monitor_rows[(monitor_rows["bundle"] == monitor_log["bundle"]) & (monitor_rows["source"] == "model")
                        & monitor_rows["prediction"].notna()]  # fmt: skip
    labelled = mine[mine["target"].notna()].reset_index(drop=True)
    judge = _judge(monitor_reference, about, settings)
    record: dict[str, Any] = {
        "reference": judge.measure(monitor_reference),
        "spans": {},
        "unit": settings.objective.unit,
    }
    for name, length in SPANS.items():
        record["spans"][name] = judge.measure(labelled[labelled["day"] >= days[-length:][0]])
    record["spans"]["all"] = judge.measure(labelled)
    record[ESTIMATED] = _estimated(judge, mine[mine["day"] >= days[-28:][0]], about, settings)
    examined = _examined(labelled, judge, settings)
    return {
        RECORD: record,
        "monitor_examined": examined,
        "monitor_examine_findings": [one for made in examined.values() for one in made.get("findings", ())],
        "monitor_performance_section": _section(record, list(judge.asked)),
    }


def _judge(known: pd.DataFrame, about: Mapping[str, Any], settings: PerformanceSettings) -> Judge:
    task = settings.data.task
    metrics = asked(settings.evaluation.metrics, task, about["target"], _inputs(known))
    intervals = settings.evaluation.intervals
    found = usable(metrics, task, predicted(known, settings))
    return Judge(found, Bootstrap(intervals.rounds, intervals.confidence, STREAM), settings, about)


def predicted(rows: pd.DataFrame, settings: PerformanceSettings) -> Predicted:
    """Rows with targets as what metrics take."""
    shares = [name for name in rows if name.startswith("probability_")]
    table = rows[["prediction", "target", *shares]].reset_index(drop=True)
    return read(table.assign(row=np.arange(len(table)), fold=0), settings.data.task, settings.data.target.positive)


def _inputs(rows: pd.DataFrame) -> pd.DataFrame:
    named = [name for name in rows if name.startswith(INPUT)]
    return rows[named].rename(columns=lambda name: str(name).removeprefix(INPUT)).reset_index(drop=True)


def _value(metric: Asked, p: Predicted) -> float | None:
    """None where it is undefined, as with one class only."""
    try:
        value = float(metric.of(p)(p))
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _estimated(
    judge: Judge, rows: pd.DataFrame, about: Mapping[str, Any], settings: PerformanceSettings
) -> dict[str, Any] | None:
    """Of the last four weeks' answers, with labels drawn from their own probabilities; None for numbers, and where
    there are no probabilities."""
    if settings.data.task == "regression" or not about["probabilities"] or len(rows) < FEW_ROWS:
        return None
    classes = np.array([str(one) for one in about["classes"]], dtype=object)
    shares = rows[[f"probability_{one}" for one in classes]].to_numpy()
    rng = np.random.Generator(np.random.PCG64(random_state(settings.seed, "monitor/estimate")))
    values: dict[str, list[float]] = {key: [] for key in judge.asked}
    for _ in range(DRAWN):
        place = (rng.random((len(shares), 1)) > np.cumsum(shares, axis=1)).sum(axis=1).clip(max=len(classes) - 1)
        p = predicted(rows.assign(target=pd.Series(classes[place], index=rows.index, dtype="str")), settings)
        for key, metric in judge.asked.items():
            if (value := _value(metric, p)) is not None:
                values[key].append(value)
    made: dict[str, Any] = {
        "rows": len(rows),
        "metrics": {},
        "intervals": {},
        "labelled": int(rows["target"].notna().sum()),
    }
    for key, found in values.items():
        made["metrics"][key] = float(np.mean(found)) if found else None
        if found:
            made["intervals"][key] = dict(
                zip(("low", "high"), map(float, np.quantile(found, [0.025, 0.975])), strict=True)
            )
    return made


def _examined(labelled: pd.DataFrame, judge: Judge, settings: PerformanceSettings) -> dict[str, Any]:
    """What each analysis of `monitor.analyses` says of the labelled rows."""
    if len(labelled) < FEW_ROWS:
        return {}
    columns = _inputs(labelled)
    evidence = Evidence(predicted(labelled, settings), columns, columns, {}, judge.asked, judge.bootstrap,
                        settings.objective)  # fmt: skip
    made = {}
    for key, use in settings.monitor.analyses.items():
        context = Context(task=settings.data.task, target=str(judge.about["target"]), columns=column_types(columns),
                          random_state=random_state(settings.seed, f"monitor/{key}"))  # fmt: skip
        made[key] = dict(use.make(context)(evidence))
        made[key].pop("threshold", None)
    return made


def _section(record: Mapping[str, Any], metrics: list[str]) -> dict[str, Any]:
    """One row for each span, one column for each metric."""
    places = {
        "held-out rows, before": "reference",
        **{f"labelled, {name}": f"spans.{name}" for name in record["spans"]},
    }
    if record[ESTIMATED]:
        places["estimated, four weeks"] = ESTIMATED
    rows = []
    for name, place in places.items():
        found: Any = record
        for key in place.split("."):
            found = found[key]
        cells = [_cell(found, key) for key in metrics]
        worth_ = at(RECORD, f"{place}.worth") if found.get("worth") is not None else None
        rows.append([name, at(RECORD, f"{place}.rows"), *cells, worth_])
    unit = f"Worth of 1,000, {record['unit']}" if record["unit"] else "Worth of 1,000"
    said = [blocks.table("How good it is", ["", "Rows", *metrics, unit], rows,
                         f"Fewer than {FEW_ROWS} labelled rows say nothing.")]  # fmt: skip
    said.append(blocks.text(VALID if record[ESTIMATED] else "Nothing can be estimated before labels are there."))
    return {"title": "Performance", "level": "analyse", "order": 10, "blocks": said}


def _cell(found: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    value = found["metrics"].get(key)
    if value is None:
        return None
    ends = found["intervals"].get(key)
    return {"value": value} | ({"interval": [ends["low"], ends["high"]]} if ends else {})
