"""Bias and variance of the best settings: learning curve, gap of training to validation, and a verdict in words."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from regrow.artifacts import blocks
from regrow_experiment import noise
from regrow_experiment.space import Range
from regrow_experiment.told import Point, Told, Tried

DOCS = "plugins/regrow-experiment/README.md"
PARTS = 4  # of a range, in a validation curve
CLEAR = 2.0  # times the noise: what is clearly more than it


def findings(told: Told) -> list[dict[str, Any]]:
    """Whether it overfits, underfits, and whether more rows would help; [] where no curve was drawn."""
    if not told.curve:
        return []
    last, least = told.curve[-1], _least(told)
    gap = _gap(last, told)
    numbers: dict[str, Any] = {"train": _mean(last.train), "validation": _mean(last.test), "gap": gap, "noise": least}
    found = [
        _finding("overfits", "The model does not fit its training rows much better than others", "minor",
                 gap > CLEAR * least, _overfits(told), numbers, last.rows),
        _finding("underfits", "The model has not left out what the rows could tell", "minor",
                 _is_low(told), _underfits(told), numbers, last.rows),
    ]  # fmt: skip
    if len(told.curve) > 1:
        more = _slope(told)
        numbers = {"gain": {"value": more.mean, "interval": [more.low, more.high]}, "noise": least}
        found.append(
            _finding("more_data", "More rows would not make it better", "info",
                     more.beyond, _more_data(told), numbers, last.rows)
        )  # fmt: skip
    return found


def verdict(told: Told) -> str:
    """One paragraph."""
    said = [_overfits(told), _underfits(told), *([_more_data(told)] if len(told.curve) > 1 else []), *_edges(told)]
    return " ".join(said)


def blocks_of(told: Told) -> list[dict[str, Any]]:
    """Of the section: the verdict, the learning curve, and a validation curve for each range that was searched."""
    made = list(_validation(told))
    if told.curve:
        rows = [[one.rows, _mean(one.train), _mean(one.test), _spread(one.test), _gap(one, told)] for one in told.curve]
        columns = ["Training rows", "On these", "On others", "Spread over folds", "Gap"]
        curve = blocks.table(f"Learning curve: {told.metric} of the best settings", columns, rows)
        made = [blocks.text(verdict(told)), curve, *made]
    return made


def _validation(told: Told) -> Iterator[dict[str, Any]]:
    """Of each range, the scores of the trials that lie in a part of it."""
    tried = [one for one in told.trials if one.candidate]
    for key, values in told.space.items():
        if not isinstance(values, Range):
            continue
        parts: list[list[tuple[Tried, Any]]] = [[] for _ in range(PARTS)]
        for one in tried:
            if key in one.changes:
                share = values.share(one.changes[key])
                parts[min(PARTS - 1, int(share * PARTS))].append((one, one.changes[key]))
        rows = []
        for part in (part for part in parts if part):
            scores, where = [one.score for one, _ in part], [value for _, value in part]
            best = max(scores) if told.higher else min(scores)
            rows.append([f"{min(where):g} to {max(where):g}", len(part), best, float(np.mean(scores))])
        if len(rows) > 1:
            yield blocks.table(f"Validation curve: {key}", ["Values", "Trials", "Best", "Mean"], rows)


def _finding(
    code: str, title: str, severity: str, failed: bool, seen: str, numbers: dict[str, Any], rows: int
) -> dict[str, Any]:
    return {
        "code": f"search.{code}",
        "title": title,
        "severity": severity,
        "verdict": "failed" if failed else "passed",
        "seen": seen,
        "numbers": numbers,
        "n": rows,
        "docs": DOCS,
    }


def _overfits(told: Told) -> str:
    last, least = told.curve[-1], _least(told)
    gap, numbers = _gap(last, told), _numbers(last, told)
    if gap > CLEAR * least:
        return (
            f"It overfits: {numbers}, a gap of {gap:.4g} where noise is {least:.2g}. Simpler settings may do as well."
        )
    return f"It does not overfit: {numbers}, a gap of {gap:.4g} where noise is {least:.2g}."


def _underfits(told: Told) -> str:
    if _is_low(told):
        return (
            "It underfits, if anything: training rows are fitted no better than others, so that a richer model, or "
            "more columns, may find more."
        )
    return "It does not underfit: training rows are fitted better than others."


def _more_data(told: Told) -> str:
    one, other, more = told.curve[-2], told.curve[-1], _slope(told)
    step = (
        f"from {one.rows} to {other.rows} training rows it gained {more.mean:.4g} ({more.low:.4g} to {more.high:.4g})"
    )
    if more.beyond:
        return f"More data would help: {step}, beyond noise."
    return f"More data would not help much: {step}, within noise."


def _edges(told: Told) -> Iterator[str]:
    changes = told.best.changes if told.best else {}
    for key, values in told.space.items():
        if key in changes and isinstance(values, Range) and (edge := values.edge(changes[key])):
            yield f"{key} = {changes[key]:g} lies at the {edge} edge of {values.low:g} to {values.high:g}."


def _is_low(told: Told) -> bool:
    return _gap(told.curve[-1], told) <= _least(told)


def _slope(told: Told) -> noise.Gain:
    """What the last step of the curve gained."""
    one, other = told.curve[-2], told.curve[-1]
    return noise.gain(other.test, one.test, told.share, told.higher, None)


def _least(told: Told) -> float:
    """The noise floor, or what the folds of the last point say of it."""
    if told.floor is not None:
        return told.floor
    return noise.floor([told.curve[-1].test] * 2, told.share) or 0.0


def _gap(one: Point, told: Told) -> float:
    return (_mean(one.train) - _mean(one.test)) * told.sign


def _numbers(one: Point, told: Told) -> str:
    return f"{told.metric} is {_mean(one.train):.4g} on {one.rows} training rows and {_mean(one.test):.4g} on others"


def _mean(scores: Any) -> float:
    return float(np.mean(scores))


def _spread(scores: Any) -> float | None:
    return float(np.std(scores, ddof=1)) if len(scores) > 1 else None
