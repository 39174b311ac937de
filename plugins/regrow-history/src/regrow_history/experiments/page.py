"""The leaderboard as one HTML page: parallel coordinates, the table, and what differs between two. Nothing is asked of
any other address."""

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from regrow.plugin.declare import LOWER
from regrow_history.experiments.table import INNER, Row, Table

HEIGHT, TOP, SIDE = 350, 64, 60
LEAST, AXIS = 560, 150  # pixels that the picture has at least, and for each axis: a phone scrolls it
MOST_AXES = 14
LINES, LINE, LONGEST = 3, 15, 34  # names above the axes take turns on three lines, so that they have room; characters
LONGEST_MARK = 18


def page(table: Table, shown: Sequence[str], by: str = "") -> str:
    """The page. shown: columns of the table. by: the column that ranks; the best by it is highlighted.

    An axis for each setting that varies, and for each metric that is shown, at most fourteen: settings first, and the
    metric that ranks; never a metric of a fold or of a baseline.
    """
    from jinja2 import Environment

    leading = table.column(by) if by else table.leading()
    axes = _axes(table, shown, leading)
    width = max(LEAST, 2 * SIDE + AXIS * max(len(axes) - 1, 1))
    drawn = [_axis(table.rows, name, place, len(axes), width) for place, name in enumerate(axes)]
    best = _best(table, leading)
    bests = {name: _best(table, name) for name in shown if name in table.metrics and table.direction(name)}
    rows = [_row(row, place, shown, drawn, bests, place == best) for place, row in enumerate(table.rows)]
    columns = [{"name": name, "better": table.direction(name) if name in table.metrics else ""} for name in shown]
    compared = [name for name in table.varying() if name in table.settings or not INNER.search(name)]
    known = {
        **{"width": width, "height": HEIGHT, "axes": drawn, "rows": rows, "columns": columns},
        **{"leading": leading, "better": table.direction(leading) if leading else "", "best": best},
        "values": [compared, *([_text(row.values.get(name)) for name in compared] for row in table.rows)],
    }
    text = (files("regrow_history.experiments") / "page.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text).render(known)


def _axes(table: Table, shown: Sequence[str], leading: str) -> list[str]:
    """The ranking metric is the last of them, where lines end."""
    varying = table.varying()
    settings = [name for name in varying if name in table.settings and name != leading]
    metrics = [name for name in varying if name in table.metrics and name in shown and not INNER.search(name)]
    others = [name for name in metrics if name != leading]
    last = [leading] if leading in varying else []
    return [*[*settings, *others][: MOST_AXES - len(last)], *last]


def _best(table: Table, name: str) -> int | None:
    """The place of the best row by a metric; None where nobody has said which way is better, or none has a value."""
    values = {place: row.values.get(name) for place, row in enumerate(table.rows)}
    numbers = {place: value for place, value in values.items() if isinstance(value, int | float)}
    if len(numbers) < 2 or not table.direction(name):
        return None
    return (min if table.direction(name) == LOWER else max)(numbers, key=lambda place: numbers[place])


def _axis(rows: Sequence[Row], name: str, place: int, number: int, width: int) -> dict[str, Any]:
    """An axis: of numbers from the least to the largest, of others each in its place."""
    x = SIDE + place * (width - 2 * SIDE) / max(number - 1, 1)
    bottom = HEIGHT - 16
    values = [row.values.get(name) for row in rows]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if numbers and len(numbers) == sum(value is not None for value in values):
        low, high = min(numbers), max(numbers)
        heights = {_key(one): bottom - (one - low) / ((high - low) or 1) * (bottom - TOP) for one in numbers}
        marks = [{"y": round(heights[_key(one)], 1), "text": f"{one:.5g}"} for one in (low, high)]
    else:
        texts = sorted({_key(value) for value in values})
        heights = {text: bottom - i / max(len(texts) - 1, 1) * (bottom - TOP) for i, text in enumerate(texts)}
        marks = [{"y": round(heights[text], 1), "text": _cut(text.strip('"'))} for text in texts[:20]]
    heights.setdefault(_key(None), float(bottom + 10))  # no value there
    where = {"x": round(x, 1), "top": TOP, "bottom": bottom, "line": 14 + LINE * (place % LINES)}
    short = name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"  # the end tells more
    anchor = "start" if place == 0 else "end" if place == number - 1 else "middle"
    aside = {"side": -5, "of": "end"} if place and place == number - 1 else {"side": 5, "of": "start"}
    return {"name": name, "short": short, "anchor": anchor, **where, **aside, "marks": marks, "heights": heights}


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_MARK else f"{text[: LONGEST_MARK - 1]}…"


def _key(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def _row(
    row: Row,
    place: int,
    shown: Sequence[str],
    axes: Sequence[dict[str, Any]],
    bests: dict[str, int | None],
    best: bool,
) -> dict[str, Any]:
    points = " ".join(f"{axis['x']},{axis['heights'][_key(row.values.get(axis['name']))]:.1f}" for axis in axes)
    cells = [
        {"text": _text(value), "number": isinstance(value, int | float) and not isinstance(value, bool),
         "best": bests.get(name) == place}
        for name, value in ((name, row.values.get(name)) for name in shown)
    ]  # fmt: skip
    told = "; ".join(f"{name} {cell['text']}" for name, cell in zip(shown, cells, strict=True))
    name = row.name or f"as committed, {row.commit[:7]}"
    why = "failed" if row.failed else f"no metrics: made by other settings ({row.stale})" if row.stale else ""
    return {"name": name, "commit": row.commit, "points": points, "cells": cells, "told": f"{name}: {told}",
            "best": best, "why": why}  # fmt: skip


def _text(value: Any) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
