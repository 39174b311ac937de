"""What other stages recorded, in the shape the page shows; whatever a record lacks is simply not there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from regrow import Use
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.settings import ReportSettings


@dataclass(frozen=True)
class Measured:
    """One metric as the page shows it. value: None if left out. gain: -1, 0, 1 against the baseline, or None."""

    key: str
    about: str
    value: float | None
    baseline: float | None
    better: str
    gain: int | None
    spread: float | None
    folds: list[tuple[str, float]]


def measured(metrics: dict[str, Any], uses: Mapping[str, Use]) -> list[Measured]:
    """The metrics in the order in which the settings name them."""
    return [_measured(key, use, metrics) for key, use in uses.items()]


def _measured(key: str, use: Use, metrics: dict[str, Any]) -> Measured:
    about, better = use.component.about or use.name, use.component.better
    value, baseline = metrics.get(key), metrics.get("baseline", {}).get(key)
    gain = None
    if better and value is not None and baseline is not None:
        gain = int(np.sign(value - baseline)) * (-1 if better == "lower" else 1)
    options = ", ".join(f"{name} {option}" for name, option in use.given.items() if option is not None)
    folds = dict(metrics.get("folds", {}).get(key, {}))
    return Measured(
        key=key,
        about=f"{about} ({options})" if options else about,
        value=value,
        baseline=baseline,
        better=better,
        gain=gain,
        spread=folds.pop("std", None),
        folds=sorted(folds.items(), key=lambda fold: (len(fold[0]), fold[0])),
    )


def columns(record: dict[str, Any], settings: ReportSettings) -> list[dict[str, Any]]:
    """name, type, missing (share of rows or None) and role (why it was no feature) of each column."""
    target, extra = settings.data.target, settings.data.model_extra or {}
    roles = dict.fromkeys(settings.features.get("exclude") or [], "excluded")
    roles |= dict.fromkeys(extra.get("leaks") or [], "known too late")
    roles |= {target.column: "source of the target", target.final_name: "target"}
    return [
        {name: entry.get(name) for name in ("name", "type", "missing")} | {"role": roles.get(entry.get("name"), "")}
        for entry in record.get("columns") or []
    ]


def distribution(record: dict[str, Any], predicted: Predicted) -> dict[str, Any]:
    """classes: (name, rows, share) of a target of classes; numbers: (what, value) of a numeric one; of: which rows."""
    target = record.get("target")
    spread = target.get("distribution") if isinstance(target, dict) else None
    if not predicted.classes:
        spread = spread if isinstance(spread, dict) else {}
        numbers = [(name, value) for name, value in spread.items() if _is_number(value)]
        return {"classes": [], "numbers": sorted(numbers, key=lambda entry: entry[1]), "of": "all rows"}
    try:
        counts, of = [(str(entry["class"]), int(entry["rows"])) for entry in (spread or [])], "all rows"
    except (KeyError, TypeError, ValueError):
        counts = []
    if not counts:
        held = np.bincount(predicted.target, minlength=len(predicted.classes))
        counts, of = [(name, int(rows)) for name, rows in zip(predicted.classes, held, strict=True)], "held-out rows"
    total = sum(rows for _, rows in counts) or 1
    return {"classes": [(name, rows, rows / total) for name, rows in counts], "numbers": [], "of": of}


def by_class(predicted: Predicted) -> list[tuple[str, int, float | None, float | None]]:
    """Of each class: name, held-out rows, recall (share found) and precision (share right of those predicted so)."""
    size = len(predicted.classes)
    true = np.bincount(predicted.target, minlength=size)
    said = np.bincount(predicted.prediction, minlength=size)
    right = np.bincount(predicted.target[predicted.target == predicted.prediction], minlength=size)
    return [
        (name, int(t), float(r / t) if t else None, float(r / s) if s else None)
        for name, t, s, r in zip(predicted.classes, true, said, right, strict=True)
    ]


def by_share(predicted: Predicted) -> list[tuple[float, float]]:
    """(share of the rows, absolute error that they stay within), in the target's unit, for a numeric target."""
    error = np.abs(predicted.target - predicted.prediction)
    return [(share, float(np.quantile(error, share))) for share in (0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)]


def lookups(record: dict[str, Any]) -> list[tuple[str, Any, int]]:
    """name, rows and number of columns of the second tables."""
    listed = record.get("lookups")
    listed = listed if isinstance(listed, dict) else {}
    return [(name, facts.get("rows"), len(facts.get("columns") or [])) for name, facts in listed.items()]


def assumptions(validation: Any) -> list[dict[str, Any]]:
    """name, says, rule, owner, severity, passed, failing (rows), first (rows, in words); failed ones first."""
    listed = validation.get("assumptions") if isinstance(validation, dict) else validation
    shown = [_assumption(entry) for entry in listed or [] if isinstance(entry, dict)]
    return sorted(shown, key=lambda entry: entry["passed"])


def _assumption(entry: dict[str, Any]) -> dict[str, Any]:
    known = {name: entry.get(name) for name in ("name", "says", "owner", "severity", "failing")}
    options = {
        name: value for name, value in (entry.get("parameters") or {}).items() if name not in ("column", "columns")
    }
    rule = [entry.get("use") or "", ", ".join(map(str, entry.get("columns") or []))]
    rule += [f"{name} {json.dumps(value, ensure_ascii=False, default=str)}" for name, value in options.items()]
    first = [
        f"row {row.get('row')}: " + ", ".join(f"{name} = {value}" for name, value in (row.get("values") or {}).items())
        for row in entry.get("first_rows") or []
    ]
    passed = entry.get("result") == "passed"
    return known | {"rule": "; ".join(filter(None, rule)), "passed": passed, "first": "; ".join(first)}


def flat(group: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    """(dotted key, value as JSON) of every leaf: the keys are what `dvc exp run -S` takes."""
    rows: list[tuple[str, str]] = []
    for name, value in group.items():
        if isinstance(value, dict) and value:
            rows += flat(value, f"{prefix}.{name}")
        else:
            rows.append((f"{prefix}.{name}", json.dumps(value, ensure_ascii=False, default=str)))
    return rows


def number(value: Any) -> str:
    """Whole numbers in full, others to four significant digits."""
    if not _is_number(value):
        return "" if value is None else str(value)
    if value == int(value) or abs(value) >= 10_000:
        return f"{value:,.0f}"
    if abs(value) >= 1000:
        return f"{value:,.1f}"
    return f"{value:#.4g}" if abs(value) >= 1 or abs(value) < 0.001 else f"{value:.4f}"


def share(value: Any) -> str:
    """A share in [0, 1] as a percentage with one decimal; a share that is not quite 0 never reads as 0."""
    if not _is_number(value):
        return "\u2013"
    if value == 0:
        return "0%"
    return "< 0.1%" if 0 < value < 0.0005 else f"{value:.1%}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
