"""The stage profile: one page for looking at the table, a section of the report, a record, and what has changed."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regrow import RegrowError
from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE, at
from regrow_data.leaks import scores_alone
from regrow_evaluation.report import report
from regrow_profile.associations import strongest
from regrow_profile.columns import described, stability
from regrow_profile.figures import distribution

RECORD = "profile"
LISTED = 30  # columns in the report's own section; the page has all


def profile(
    table: pd.DataFrame,
    settings: Any,
    validation: Mapping[str, Any] | None = None,
    suspects: Mapping[str, Any] | None = None,
    profile_before: Path | None = None,
) -> dict[str, Any]:
    """The page, the record, findings on what changed against `profile_before`, and the section.

    profile_before: the profile of other data, as `regrow profile-pin` writes it. Raises RegrowError where it is none.
    """
    target = settings.data.target.final_name
    record = described(table)
    hidden = {target, settings.data.target.column} - {target}
    alone = scores_alone(table, target, settings.data.task, hidden)
    assumed = _assumed(validation or {})
    odd = (suspects or {}).get("columns", {})
    before = _before(profile_before)
    changes = list(_changes(table, record, before, settings.profile.changed)) if before else []
    pairs = strongest(table)
    summary = [*_summary(record, before), _pairs(pairs)]
    figures = list(_figures(table, settings, alone, assumed))
    columns = [_columns(record, alone, odd, settings.data.leaks, None), *_extremes(record)]
    whole = {"title": "The data", "level": "decide", "order": 0, "blocks": summary}
    parts = {
        "data": whole,
        "columns": {"title": "Columns", "level": "analyse", "order": 10, "blocks": columns},
        "figures": {
            "title": "Distributions, and the target along them",
            "level": "analyse",
            "order": 20,
            "blocks": figures,
        },
    }
    page = report(parts, {"change": changes}, {}, {RECORD: record}, None)["report"]
    told = [
        *summary,
        _columns(record, alone, odd, settings.data.leaks, LISTED),
        blocks.text("All of it: profile.html."),
    ]
    section = {"title": "The data at a glance", "level": "analyse", "order": 25, "blocks": told}
    return {"profile_page": page, "profile": record, "change_findings": changes, "profile_section": section}


def _before(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        found = json.loads(file.read_text("utf-8"))
        named = {column["name"]: {**column, "rows": found["rows"]} for column in found["columns"]}
    except (ValueError, KeyError, TypeError, OSError) as error:
        fix = "write it anew: regrow profile-pin REV"
        raise RegrowError(f"is no profile: {error}", where=file.name, fix=fix) from None
    return {**found, "columns": named}


def _summary(record: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield blocks.number("rows", RECORD, "rows")
    yield {"kind": "number", "label": "columns", "value": len(record["columns"])}
    yield blocks.number("rows that are a copy of another", RECORD, "duplicates")
    if before:
        commit, same = str(before.get("commit", ""))[:10], before.get("sha256") == record["sha256"]
        yield blocks.text(f"Held against the data of commit {commit}: {'the same' if same else 'other'} values.")


def _pairs(pairs: list[tuple[str, str, float]]) -> dict[str, Any]:
    rows = [[f"{one}\n{other}", round(value, 3)] for one, other, value in pairs]
    caption = "Rank correlation of numbers, Cramer's V of categories, on a sample of the rows; from 0.3 on."
    return blocks.table("Columns that go together", ["Columns", "How much"], rows, caption)


def _columns(
    record: Mapping[str, Any], alone: Mapping[str, float], odd: Mapping[str, Any], leaks: list[str], most: int | None
) -> dict[str, Any]:
    rows = []
    for number, column in enumerate(record["columns"][:most]):
        name = column["name"]
        said = odd.get(name, {}).get("said") or ("known too late" if name in leaks else "")
        missing = {"value": column["missing"] / max(1, record["rows"]), "unit": SHARE}
        tells = {"value": round(alone[name], 3), "unit": SHARE} if name in alone else None
        rows.append(
            [f"{name}\n{said}".strip(), column["type"], missing, at(RECORD, f"columns.{number}.distinct"), tells]
        )
    caption = "What a column tells of the target alone: 0% is a guess, 100% all there is to know."
    if most and len(record["columns"]) > most:
        caption += f" The first {most} of {len(record['columns'])} columns."
    return blocks.table("Columns", ["Column", "Type", "Missing", "Distinct", "Tells alone"], rows, caption)


def _extremes(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    keys = ("min", "q25", "median", "q75", "max", "extreme")
    rows = [
        [column["name"], *(at(RECORD, f"columns.{number}.{key}") for key in keys)]
        for number, column in enumerate(record["columns"])
        if column["type"] == "number" and "median" in column
    ]
    if rows:
        titles = ["Column", "Least", "Quarter", "Half", "Three quarters", "Greatest", "Extreme"]
        caption = "Extreme: rows more than three interquartile ranges beyond the quartiles."
        yield blocks.table("Numbers", titles, rows, caption)


def _assumed(validation: Mapping[str, Any]) -> dict[str, list[str]]:
    """Column -> what is assumed of it, and whether it holds."""
    found: dict[str, list[str]] = {}
    for one in validation.get("assumptions", ()):
        held = "holds" if one["result"] == "passed" else f"does not hold in {one['failing']} rows"
        for column in one["columns"]:
            found.setdefault(column, []).append(f"Assumed: {one['says']} ({held}).")
    return found


def _figures(
    table: pd.DataFrame, settings: Any, alone: Mapping[str, float], assumed: Mapping[str, list[str]]
) -> Iterator[dict[str, Any]]:
    """The target first, then columns by what they tell of it; and those of which something is assumed."""
    target = settings.data.target.final_name
    said, numbers = _target_as_numbers(table[target], settings.data)
    names = sorted((name for name in table if name != target), key=lambda name: -alone.get(name, 0.0))
    shown = names[: settings.profile.columns]
    for name in [target, *shown, *(name for name in names if name in assumed and name not in shown)]:
        svg = distribution(table[name], None if name == target else numbers, said)
        if svg:
            yield blocks.figure(str(name), svg, " ".join(assumed.get(name, [])))
    if len(names) > len(shown):
        yield blocks.text(f"{len(names) - len(shown)} columns more; profile.columns says how many get a figure.")


def _target_as_numbers(target: pd.Series, data: Any) -> tuple[str, pd.Series]:
    """What is drawn along a column: the mean of a number, or the share of a class (positive, or commonest)."""
    if data.task == "regression":
        return f"mean {target.name}", target.astype("float64")
    classes = target.value_counts().sort_index()
    positive = data.target.positive
    if positive is None:
        positive = classes.index[-1] if data.task == "binary" else classes.index[int(np.argmax(classes.to_numpy()))]
    return f"share of {positive}", (target == positive).astype("float64")


def _changes(
    table: pd.DataFrame, record: Mapping[str, Any], before: Mapping[str, Any], most: float
) -> Iterator[dict[str, Any]]:
    """A finding for each column that is new, gone, of another type, or distributed otherwise."""
    known, now = before["columns"], {column["name"]: column for column in record["columns"]}
    for name in sorted({*known, *now}):
        if name not in now or name not in known:
            seen = "is gone" if name not in now else "is new"
            yield _change(name, seen, "failed", {}, record["rows"])
            continue
        index = stability(table[name], known[name])
        if index is None and known[name]["type"] == now[name]["type"]:
            continue
        if index is None:
            seen = f"was {known[name]['type']}, is {now[name]['type']}"
            yield _change(name, seen, "failed", {}, record["rows"])
            continue
        seen = f"population stability index {index:.3f}, {most:g} is much"
        verdict = "failed" if index > most else "passed"
        yield _change(name, seen, verdict, {"stability": round(index, 6)}, record["rows"])


def _change(name: str, seen: str, verdict: str, numbers: dict[str, float], rows: int) -> dict[str, Any]:
    told = {"code": f"change.{name}", "title": f"{name} is as it was in the pinned data", "severity": "minor"}
    return {**told, "verdict": verdict, "seen": seen, "numbers": numbers, "n": rows}
