"""What was found, for a terminal and as JSON."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from regrow.base.safe_text import clean
from regrow_history.why.contributions import Shares
from regrow_history.why.why import Why, named

DIGITS = 4


def lines(found: Why, metric: str, order: Sequence[str] = ()) -> Iterator[str]:
    """For a terminal."""
    values = found.values(metric)
    ends = values[frozenset()], values[frozenset(found.factors)]
    yield f"{found.old.commit[:10]} -> {found.new.commit[:10]}"
    yield f"{clean(metric)}: {ends[0]:.6g} -> {ends[1]:.6g}, {_direction(found, metric, ends)}"
    if not found.factors:
        yield "data, settings, code and environment are the same in both"
        return
    shares = found.shares(metric, order)
    if shares is None:
        yield "no order of change could be run, so nothing can be told apart"
    else:
        yield from _table(found, metric, shares, order)
    for chosen, reason in found.refused.items():
        yield f"not run: {named(chosen, found.factors)}: {clean(reason, 400)}"
    same = [one for one in ("data", "settings", "code", "environment") if one not in found.factors]
    if same and not found.ends_run:
        yield f"the same in both: {', '.join(same)}"
    if found.ends_run:
        yield "all was run in this environment, both commits too: what their own contribute is not told"
    if "data" in found.factors:
        yield "each side was measured on the rows that its own data holds out"


def _direction(found: Why, metric: str, ends: tuple[float, float]) -> str:
    way = found.better.get(metric) or found.better.get(metric.rpartition(".")[2], "")
    change = ends[1] - ends[0]
    if not change or not way:
        return "the same" if not change else f"{change:+.6g}"
    return f"{change:+.6g}, {'better' if (change > 0) == (way == 'higher') else 'worse'}"


def _table(found: Why, metric: str, shares: Shares, order: Sequence[str]) -> Iterator[str]:
    rows = [(" + ".join(block), value) for block, value in shares.parts.items()]
    width = max(len(name) for name, _ in [*rows, ("change", Fraction(0))])
    shown = rounded([value for _, value in rows])
    for (name, _), value in zip(rows, shown, strict=True):
        yield f"  {name:<{width}}  {value:+.{DIGITS}g}"
    yield f"  {'change':<{width}}  {float(shares.change):+.{DIGITS}g}"
    runs = len(found.values(metric))
    how = f"in the order {', '.join(order)}" if order else f"the mean over {shares.orders} orders of change"
    yield f"each line is what changes when that alone goes from old to new, {how}; {runs} combinations"
    joined = [name for name, _ in rows if " + " in name]
    if joined:
        yield f"{'; '.join(joined)}: one without the other could not be run"


def rounded(values: Sequence[Fraction]) -> list[float]:
    """To four digits of the largest, so that the lines still sum to their rounded sum (largest remainder)."""
    largest = max((abs(value) for value in values), default=Fraction(0))
    if not largest:
        return [0.0] * len(values)
    unit = Fraction(1)
    while largest / unit >= 10:
        unit *= 10
    while largest / unit < 1:
        unit /= 10
    unit /= 10 ** (DIGITS - 1)
    floors = [value // unit for value in values]
    missing = round(sum(values, Fraction(0)) / unit) - sum(floors)
    by_remainder = sorted(range(len(values)), key=lambda place: (floors[place] * unit - values[place], place))
    for place in by_remainder[:missing]:
        floors[place] += 1
    return [float(floor * unit) for floor in floors]


def as_json(found: Why, metrics: Sequence[str], order: Sequence[str] = ()) -> dict[str, Any]:
    """All of it. `exact` of a contribution is a fraction: these sum to the exact change."""
    return {
        "old": found.old.commit,
        "new": found.new.commit,
        "factors": list(found.factors),
        "ends": "run" if found.ends_run else "recorded",
        "metrics": {metric: _metric(found, metric, order) for metric in metrics},
        "combinations": [
            {"new": [one for one in found.factors if one in chosen], "metrics": dict(values)}
            for chosen, values in found.metrics.items()
        ],
        "not_run": [
            {"new": [one for one in found.factors if one in chosen], "why": reason}
            for chosen, reason in found.refused.items()
        ],
    }


def _metric(found: Why, metric: str, order: Sequence[str]) -> dict[str, Any]:
    values = found.values(metric)
    old, new = values[frozenset()], values[frozenset(found.factors)]
    shares = found.shares(metric, order) if found.factors else Shares({}, 0)
    change = Fraction(new) - Fraction(old)
    parts = None if shares is None else [
        {"factors": list(block), "value": float(value), "exact": str(value)} for block, value in shares.parts.items()
    ]  # fmt: skip
    return {"old": old, "new": new, "change": float(change), "exact": str(change), "contributions": parts}
