"""Stage `monitor_page`: one page for who decides, who analyses, who runs it; and the same numbers for Prometheus."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from regrow.artifacts import blocks
from regrow_evaluation.report import report
from regrow_monitor import alarm_files as files
from regrow_monitor import figures
from regrow_monitor.alarms import sentence
from regrow_monitor.settings import AlarmSettings

MOST = 30  # checks that a table shows


def page(
    sections: Mapping[str, Any],
    findings: Mapping[str, Any],
    metrics: Mapping[str, Any],
    records: Mapping[str, Any],
    analyses: Mapping[str, Any],
    monitor_numbers: pd.DataFrame,
    settings: AlarmSettings,
    alarm_files: Path | None = None,
) -> dict[str, Any]:
    """`monitor_page` and `monitor_textfile`. alarm_files: who has which alarm, as it was on the page's day."""
    known = _by(files.read(alarm_files), records["monitor_alarms"]["day"]) if alarm_files else []
    made = {
        "monitor_a_result": _result(records, known, settings),
        "monitor_b_alarms": _alarms(records["monitor_alarms"], known),
        "monitor_c_inputs": _checks(records["monitor_drift"], monitor_numbers),
    }
    told = report({**sections, **made}, findings, metrics, records, settings, analyses)
    return {"monitor_page": told["report"], "monitor_textfile": textfile(records)}


def _by(known: list[dict[str, Any]], day: str) -> list[dict[str, Any]]:
    """As the files were on a day: what came or was done later is not there yet."""
    made = []
    for one in known:
        if one["opened"] <= day:
            history = [each for each in one["history"] if each["day"] <= day]
            made.append({**one, "history": history, "state": history[-1]["state"] if history else files.OPEN})
    return made


def _state(one: Mapping[str, Any], known: list[dict[str, Any]]) -> str:
    """Of an alarm that was found: what its file says; else that it is new."""
    mine = [each for each in known if each["subject"] == one["subject"] and each["opened"] <= one["opened"]]
    return files.who(mine[-1]) if mine else files.OPEN


def _result(records: Mapping[str, Any], known: list[dict[str, Any]], settings: AlarmSettings) -> dict[str, Any]:
    """What who decides has to know."""
    record, objective = records["monitor_alarms"], settings.objective
    going = [one for one in record["alarms"] if one["going_on"] and not _state(one, known).startswith(files.CLOSED)]
    failed = [one for one in record["fixed"] if one["verdict"] == "failed"]
    day = record["day"]
    said = []
    if going:
        first = going[0]
        since = min(one["since"] for one in going)
        said.append(f"Take it with care since {since}: {_names(going)} changed. {sentence(first)}")
        said.append(f"Next: {first['next']}. Owner: {first['owner']}; {_state(first, known)}."
                    + (f" Runbook: {first['runbook']}." if first["runbook"] else ""))  # fmt: skip
    elif failed:
        said.append(f"A bound is passed: {failed[0]['title'].lower()}: no. {failed[0]['seen']}")
    else:
        said.append(
            f"Up to {day} nothing changed beyond chance in what it is asked, what it answers, and what came true."
        )
    said += _cost(records["monitor_performance"], objective.unit, objective.decision)
    return {"title": f"The model on {day}", "level": "decide", "order": 0,
            "blocks": [*map(blocks.text, said), *_numbers()]}  # fmt: skip


def _numbers() -> list[dict[str, Any]]:
    told = {"rows": "rows answered", "labels": "of them labelled", "days": "days"}
    return [blocks.number(words, "monitor_log", key) for key, words in told.items()]


def _names(going: list[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(one["subject"] for one in going))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _cost(performance: Mapping[str, Any], unit: str, decision: str) -> list[str]:
    """What decisions are worth now, against held-out rows; in words where nobody said what they are worth."""
    before, now = performance["reference"]["worth"], performance["spans"]["four weeks"]["worth"]
    if before is None:
        return ["What a wrong decision costs is not said: conf/objective has a place for it (value)."]
    if now is None:
        return [f"What it costs is not known yet: {performance['spans']['four weeks']['rows']} labels of four weeks."]
    apart = now - before
    way = "less" if apart < 0 else "more"
    of = f" ({decision})" if decision else ""
    return [f"1,000 decisions{of} of four weeks are worth {abs(apart):,.4g} {unit} {way} than on held-out rows."]


def _alarms(record: Mapping[str, Any], known: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [
        [
            f"{one['subject']}\n{one['id']}",
            f"{one['since']}\n" + ("goes on" if one["going_on"] else f"until {one['last']}"),
            f"{one['before']} to {one['now']}",
            one["rows"],
            f"{one['owner']}\n{_state(one, known)}",
            one["next"],
        ]
        for one in record["alarms"]
    ]
    columns = ["What", "Since", "Before and now", "Rows", "Owner", "Next"]
    said = [blocks.table("Alarms", columns, rows)] if rows else [blocks.text("There was none.")]
    return {"title": "Alarms", "level": "decide", "order": 5, "blocks": said}


def _checks(drift: Mapping[str, Any], numbers: pd.DataFrame) -> dict[str, Any]:
    """The last day's largest number of each subject, and how it went."""
    found = {name: one for name, one in drift["subjects"].items() if one is not None}
    order = sorted(found, key=lambda name: (-abs(found[name]["number"]), name))[:MOST]
    rows = [
        [name, found[name]["check"], found[name]["window"], found[name]["rows"], found[name]["number"]]
        for name in order
    ]
    caption = (f"Numbers are standard normal where nothing changed. One limit for all {drift['checks']} checks: "
               f"{drift['limit']:g}, at {drift['rows_a_day']} rows a day.")  # fmt: skip
    if drift["turned"]:
        caption += f" Of turned labels the number is evidence, and {drift['turned']:g} nats of it are the limit."
    said = [blocks.table("Checks", ["", "Check", "Days", "Rows", "Number"], rows, caption)]
    said.insert(0, blocks.figure("The largest number of each day", figures.course(numbers, drift["limit"], order)))
    return {"title": "What it is asked and answers", "level": "analyse", "order": 5, "blocks": said}


def textfile(records: Mapping[str, Any]) -> str:
    """For node_exporter's textfile collector: no time stamp, as it has its own."""
    registry = CollectorRegistry()
    number = Gauge(
        "regrow_monitor_number", "The largest number of a subject on the last day", ["subject"], registry=registry
    )
    for subject, one in sorted(records["monitor_drift"]["subjects"].items()):
        if one is not None:
            number.labels(subject).set(one["number"])
    drift, found, log = (records[name] for name in ("monitor_drift", "monitor_alarms", "monitor_log"))
    told = {
        "limit": ("Beyond it is an alarm", drift["limit"]),
        "alarms": ("Alarms that go on", len(found["going_on"])),
        "bounds_failed": ("Bounds that are passed", sum(one["verdict"] == "failed" for one in found["fixed"])),
        "rows": ("Rows answered", log["rows"]),
        "labels": ("Labels that are there", log["labels"]),
    }
    for name, (about, value) in told.items():
        Gauge(f"regrow_monitor_{name}", about, registry=registry).set(value)
    metric = Gauge("regrow_monitor_metric", "A metric on labelled rows of four weeks", ["metric"], registry=registry)
    for name, value in records["monitor_performance"]["spans"]["four weeks"]["metrics"].items():
        if value is not None:
            metric.labels(name).set(value)
    Gauge("regrow_monitor_bundle", "1 for the bundle that answered last", ["digest"], registry=registry).labels(
        log["bundle"]
    ).set(1)
    return str(generate_latest(registry).decode())
