"""Where the model is worse than chance explains."""

from typing import Any

import pandas as pd

from regrow import Context
from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE
from regrow_evaluation.analyses.settings import SlicesSettings
from regrow_evaluation.evidence import Analysis, Evidence, Result, finding, not_enough, number
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.resampling import Bootstrap
from regrow_evaluation.slicing import Judged, Slice, judge, signals
from regrow_evaluation.slicing import slices as cut

TOLD, SHOWN, ROUNDS = 5, 10, 200
WEAK = "slices.weak", "No part of the rows is worse than chance explains", "major"


def slices(settings: SlicesSettings, context: Context) -> Analysis:
    """Cuts, judges and names them; see `regrow_evaluation.slicing`."""

    def examine(evidence: Evidence) -> Result:
        frame = evidence.columns if settings.columns is None else _named(evidence, settings.columns)
        found = cut(frame, settings.bins, settings.least_rows, settings.most, settings.pairs)
        judged = judge(found, signals(evidence.predicted, settings.effect), context.random_state)
        weak = _apart(one for one in judged if one.chance <= settings.error_rate and one.counts)
        rows = [_row(evidence, one) for one in _apart(judged, SHOWN)]
        worst = min((row for row in rows if row["enough"]), key=lambda row: row["rank"], default=None)
        metrics: dict[str, Any] = {"tried": len(found), "weak": len(weak)}
        if worst:
            metrics["worst"] = {"value": worst["value"], "rows": worst["rows"]} | worst["ends"]
        return {
            "metrics": metrics,
            "findings": [_finding(evidence, one) for one in weak] or [_none(evidence, found, settings)],
            "section": _section(evidence, rows, len(found)),
        }

    return examine


def _named(evidence: Evidence, names: list[str]) -> pd.DataFrame:
    return evidence.table[names].iloc[evidence.predicted.row].reset_index(drop=True)


def _apart(judged: Any, most: int = TOLD) -> list[Judged]:
    """Without those that are mostly the rows of one before them."""
    kept: list[Judged] = []
    for one in judged:
        if len(kept) == most:
            break
        same = [(one.slice.rows & k.slice.rows).sum() / (one.slice.rows | k.slice.rows).sum() for k in kept]
        if all(share < 0.5 for share in same):
            kept.append(one)
    return kept


def _finding(evidence: Evidence, one: Judged) -> dict[str, Any]:
    rows = int(one.slice.rows.sum())
    way = "" if not one.signal.both_ways else " (too low)" if one.apart > 0 else " (too high)"
    seen = (
        f"Where {one.slice.name}, {rows:,} rows, it has {one.signal.name}{way}, by {abs(one.apart):.3g} against the "
        f"other rows; chance would show as much in {one.chance:.1%} of tries, all slices together."
    )
    row = _row(evidence, one)
    numbers = {evidence.leading[0]: number(row["value"], row["interval"])} if row["value"] is not None else {}
    title = f"As good where {one.slice.name} as elsewhere"
    return finding(f"slices.weak.{one.slice.name}", title, WEAK[2], False, seen=seen, numbers=numbers, n=rows)


def _none(evidence: Evidence, found: list[Slice], settings: SlicesSettings) -> dict[str, Any]:
    rows = len(evidence.predicted.target)
    if not found or evidence.lacking:
        why = evidence.lacking or f"no part of the rows has {settings.least_rows} rows and leaves as many"
        return not_enough(*WEAK, why, rows)
    seen = f"{len(found)} slices of {rows:,} rows were looked at; the largest difference is one that chance explains."
    return finding(*WEAK, True, seen=seen, n=rows)


def _row(evidence: Evidence, one: Judged) -> dict[str, Any]:
    """The leading metric inside a slice."""
    _, metric = evidence.leading
    part = evidence.predicted.rows(one.slice.rows)
    part = Predicted(part.task, part.target, part.prediction, part.probability, part.classes, part.positive,
                     part.fold * 0, part.row)  # fmt: skip
    drawn = Bootstrap(ROUNDS, evidence.bootstrap.confidence, evidence.bootstrap.seed).of_metrics([metric], part)
    ends = drawn.interval(0)
    try:
        value: float | None = metric.of(part)(part)
    except ValueError:
        value = None
    if value is None or value != value or ends is None:
        return {"judged": one, "value": None, "interval": None, "enough": False, "rows": len(part.target)}
    low, high = ends
    known = {"value": value, "interval": ends, "ends": {"low": low, "high": high}, "rank": metric.gain * value}
    return {"judged": one, "enough": True, "rows": len(part.target), **known}


def _section(evidence: Evidence, rows: list[dict[str, Any]], tried: int) -> dict[str, Any]:
    key, _ = evidence.leading
    total = len(evidence.predicted.target)
    body = [
        [
            row["judged"].slice.name,
            row["rows"],
            {"value": row["rows"] / total, "unit": SHARE},
            None if row["value"] is None else number(row["value"], row["interval"]),
            f"{row['judged'].signal.name}\nby {row['judged'].apart:+.3g}",
            {"value": row["judged"].chance, "unit": SHARE},
        ]
        for row in rows
    ]
    columns = ["Rows where", "Rows", "Share", key, "Differs most in", "As much by chance"]
    caption = f"Of {tried} slices those that differ most from all other rows. Chance is that over all of them together."
    table = blocks.table("Slices", columns, body, caption)
    return {"title": "For whom it is worse", "level": "analyse", "order": 12, "blocks": [table]}
