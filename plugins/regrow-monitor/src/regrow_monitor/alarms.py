"""Stage `alarms`: what went beyond the limit, since when, how sure; each once."""

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE
from regrow_monitor.collect import INPUT
from regrow_monitor.drift import DECISION, FALLBACK, GUARD, LABELS, OWN, SCORE, TURNED, calendar
from regrow_monitor.settings import AlarmSettings

RECORD, QUIET = "monitor_alarms", 28  # days without a number beyond the limit, after which an alarm may come anew
NEXT = {
    SCORE: "see whether an input is named, too: then look there; else score the reference again",
    DECISION: "see whether those who act can cope with as many, and whether the score is named, too",
    GUARD: "read what the guard says of these rows, and ask who sends them",
    FALLBACK: "read /readyz and the server's log: why did the model not answer?",
    LABELS: "check how labels are made; if they are right, the world has changed: train again",
    "": "ask where the column comes from; if the change is real, look at the metric there and train again",
}

IN_WORDS = {
    "location": "lies elsewhere (its median)",
    "spread": "spreads otherwise (its standard deviation)",
    "levels": "has other shares",
    "missing": "is missing in other shares",
    "unseen": "has values that no training row has",
    TURNED: "look turned, or mean something else by now",
}


def alarms(
    monitor_rows: pd.DataFrame,
    monitor_reference: pd.DataFrame,
    monitor_numbers: pd.DataFrame,
    monitor_drift: Mapping[str, Any],
    monitor_log: Mapping[str, Any],
    settings: AlarmSettings,
) -> dict[str, Any]:
    """`monitor_alarms`: each alarm from the first day to `until`, as they came, the culprit first."""
    days = calendar(monitor_log)
    context = _Told(monitor_rows, monitor_reference, monitor_drift, settings)
    found = []
    for subject in dict.fromkeys(monitor_numbers["subject"].tolist()):
        mine = monitor_numbers[monitor_numbers["subject"] == subject]
        found += [
            context.alarm(mine, days, first, last) for first, last in _episodes(mine, days, monitor_drift["limit"])
        ]
    found.sort(key=lambda one: (one["opened"], one["subject"] in OWN, -abs(one["number"]), one["subject"]))
    fixed = _fixed(monitor_rows, monitor_log, days, settings)
    record = {"alarms": found, "fixed": fixed, "day": days[-1], "limit": monitor_drift["limit"],
              "going_on": [one["id"] for one in found if one["going_on"]]}  # fmt: skip
    return {RECORD: record, "monitor_findings": [*map(_finding, found), *fixed] or [_none(record, settings)],
            "monitor_engineer_section": _engineer(monitor_log, monitor_rows, days)}  # fmt: skip


def _episodes(mine: pd.DataFrame, days: list[str], limit: float) -> list[tuple[int, int]]:
    """First and last day (places) of each stretch beyond the limit; four quiet weeks part two of them."""
    place = {day: n for n, day in enumerate(days)}
    beyond = sorted({place[day] for day in mine.loc[mine["number"].abs() > limit, "day"]})
    made: list[list[int]] = []
    for day in beyond:
        if made and day - made[-1][1] <= QUIET:
            made[-1][1] = day
        else:
            made.append([day, day])
    return [(first, last) for first, last in made]


class _Told:
    """What an alarm says."""

    def __init__(
        self, rows: pd.DataFrame, known: pd.DataFrame, drift: Mapping[str, Any], settings: AlarmSettings
    ) -> None:
        self.rows, self.known, self.drift, self.settings = rows, known, drift, settings

    def alarm(self, mine: pd.DataFrame, days: list[str], first: int, last: int) -> dict[str, Any]:
        """Of one subject, which went beyond the limit on the day `first`."""
        then = mine[mine["day"] == days[first]]
        top = then.iloc[int(then["number"].abs().argmax())]
        subject, opened = str(top["subject"]), days[first]
        window, check = int(top["window"]), str(top["check"])
        since = (
            max(first - window + 1, 0) if check == TURNED else _since(mine[mine["check"] == check], days, first, window)
        )
        before, now = self._values(top, days[since], opened)
        worst = np.array(self.drift["worst_years"])
        share = float((worst >= abs(top["number"])).mean())
        watch = self.settings.monitor
        return {
            "id": f"{opened}-{_plain(subject)}", "subject": subject, "check": check, "opened": opened,
            "since": days[since], "last": days[last], "going_on": last == len(days) - 1,
            "window": window, "rows": int(top["rows"]), "number": float(top["number"]),
            "limit": self.drift["limit"], "years_as_bad": share, "years_drawn": len(worst),
            "before": before, "now": now,
            "owner": watch.owner or self.settings.objective.owner or "nobody", "runbook": watch.runbook,
            "next": NEXT.get(subject, NEXT[""]),
        }  # fmt: skip

    def _values(self, top: pd.Series, since: str, until: str) -> tuple[str, str]:
        """Before and now, in the subject's own terms."""
        subject, check = str(top["subject"]), str(top["check"])
        column = f"{INPUT}{subject}"
        some = self.rows[(self.rows["day"] >= since) & (self.rows["day"] <= until)]
        if subject in OWN and column not in self.rows:
            if check == TURNED:
                return "none", f"{top['now']:.1%}"
            if check in ("location", "spread"):
                return _number(top["before"] + 0.5), _number(top["now"] + 0.5)
            source = (
                self.known["decision"].fillna(self.known["prediction"]),
                some["decision"].fillna(some["prediction"]),
            )
            return _most_changed(*source) if check == "levels" else (_number(top["before"]), _number(top["now"]))
        if check == "levels":
            return _most_changed(self.known[column], some[column])
        if check in ("missing", "unseen"):
            return f"{top['before']:.1%}", f"{top['now']:.1%}"
        pick = (lambda one: one.median()) if check == "location" else (lambda one: one.std())
        return _number(pick(self.known[column])), _number(pick(some[column]))


def _since(mine: pd.DataFrame, days: list[str], first: int, window: int) -> int:
    """The day of the window from which on days of it lie furthest off: where the daily numbers change for good."""
    begin = max(first - window + 1, 0)
    shortest = mine[mine["window"] == mine["window"].min()].set_index("day")["number"]
    numbers = np.array([float(shortest.get(day, 0.0)) for day in days[begin : first + 1]])
    means = [abs(numbers[n:].sum()) / np.sqrt(len(numbers) - n) for n in range(len(numbers))]
    return begin + int(np.argmax(means))


def _most_changed(before: pd.Series, now: pd.Series) -> tuple[str, str]:
    was, is_ = (one.dropna().astype(str).value_counts(normalize=True) for one in (before, now))
    names = sorted({*was.index, *is_.index})
    apart = {name: float(is_.get(name, 0.0)) - float(was.get(name, 0.0)) for name in names}
    name = max(names, key=lambda one: (abs(apart[one]), one))
    return f"{name} {float(was.get(name, 0.0)):.1%}", f"{name} {float(is_.get(name, 0.0)):.1%}"


def _number(value: Any) -> str:
    return f"{float(value):.4g}"


def _plain(subject: str) -> str:
    return "".join(one if one.isalnum() or one in "-_" else "_" for one in subject)


def sentence(one: Mapping[str, Any]) -> str:
    """An alarm in words."""
    what = IN_WORDS.get(one["check"], f"is off ({one['check']})")
    sure = (
        f"{one['years_as_bad']:.1%} of {one['years_drawn']} years"
        if one["years_as_bad"]
        else f"none of {one['years_drawn']} years"
    )
    return (f"{one['subject']} {what}: {one['before']} before, {one['now']} now, since {one['since']} "
            f"({one['rows']:,} rows, {one['window']} days). As much came in {sure} without a change.")  # fmt: skip


def _finding(one: Mapping[str, Any]) -> dict[str, Any]:
    major = one["going_on"]
    seen = sentence(one) if major else f"Was over by {one['last']}. {sentence(one)}"
    return {
        "code": f"monitor.{one['id']}", "title": f"{one['subject']} is as it was",
        "severity": "major" if major else "info",
        "verdict": "failed" if major else "passed", "seen": seen,
        "numbers": {"number": {"value": one["number"]}, "limit": {"value": one["limit"]}}, "n": one["rows"],
        "owner": one["owner"], "docs": "docs/monitor.md#alarms",
    }  # fmt: skip


def _none(record: Mapping[str, Any], settings: AlarmSettings) -> dict[str, Any]:
    allowed = settings.monitor.alarms
    seen = f"No check went beyond {record['limit']}, which {allowed.sure:.0%} of years without a change pass at most "
    return {"code": "monitor.none", "title": "All is as it was", "severity": "info", "verdict": "passed",
            "seen": f"{seen}{allowed.false_a_year} times.", "docs": "docs/monitor.md#alarms"}  # fmt: skip


def _fixed(
    rows: pd.DataFrame, log: Mapping[str, Any], days: list[str], settings: AlarmSettings
) -> list[dict[str, Any]]:
    """What has a bound of its own: latency, the fallback's share, the age of lookups. Of the last week."""
    week = rows[rows["day"] >= days[-7:][0]]
    watch, made = settings.monitor, []
    owner = {"owner": watch.owner or settings.objective.owner or "nobody", "docs": "docs/monitor.md#bounds"}
    if watch.latency is not None and len(week):
        late = float(week["ms"].quantile(0.95))
        made.append({"code": "monitor.latency", "title": "It answers in time", "severity": "major", "n": len(week),
                     "verdict": "passed" if late <= watch.latency else "failed", **owner,
                     "seen": f"95 of 100 answers of a week came within {late:.0f} ms; "
                             f"the bound is {watch.latency:g}."})  # fmt: skip
    if len(week):
        share = float((week["source"] == "fallback").mean())
        made.append({"code": "monitor.fallback", "title": "The model answers", "severity": "major", "n": len(week),
                     "verdict": "passed" if share <= watch.fallback else "failed", **owner,
                     "seen": f"{share:.1%} of a week's answers came without the model; "
                             f"the bound is {watch.fallback:.1%}."})  # fmt: skip
    for name, one in sorted(log["about"]["lookups"].items()):
        age = (datetime.date.fromisoformat(days[-1]) - datetime.date.fromisoformat(one["as_of"])).days
        made.append({"code": f"monitor.lookup.{name}", "title": f"The lookup {name} is fresh", "severity": "major",
                     "verdict": "passed" if age <= one["days"] else "failed", **owner,
                     "seen": f"It is {age} days old; {one['days']} is the most."})  # fmt: skip
    return made


def _engineer(log: Mapping[str, Any], rows: pd.DataFrame, days: list[str]) -> dict[str, Any]:
    """How it is made and how it runs."""
    week = rows[rows["day"] >= days[-7:][0]]
    slow = {share: float(week["ms"].quantile(share)) for share in (0.5, 0.95, 0.99)} if len(week) else {}
    quick = {f"{share:.0%} of answers within": {"value": one, "unit": "ms"} for share, one in slow.items()}
    counted = {
        "Rows": "rows", "Days sealed": "days", "Half lines cut": "half_lines", "Rows that came twice": "twice",
        "Labels": "labels", "Labels known later": "labels_later", "Labels that came twice": "labels_twice",
        "Labels corrected": "labels_corrected", "Labels of no row": "labels_unknown",
    }  # fmt: skip
    body: list[list[Any]] = [[name, int(log[key])] for name, key in counted.items()]
    body += [[name, one] for name, one in quick.items()]
    if len(week):
        body.append(
            ["Answers without the model", {"value": float((week["source"] == "fallback").mean()), "unit": SHARE}]
        )
    body += [[f"Rows of bundle {name[:12]}", n] for name, n in log["bundles"].items()]
    table = blocks.table(
        "The log", ["", ""], body, f"{log['first']} to {log['until']}; times and shares of the last week."
    )
    return {"title": "How it runs", "level": "engineer", "order": 10, "blocks": [table]}
