"""The leaderboard as one HTML page: parallel coordinates and the table. Nothing is asked of any other address."""

import json
from collections.abc import Sequence
from typing import Any

from regrow_history.experiments.table import Row, Table

WIDTH, HEIGHT, TOP, SIDE = 1100, 350, 64, 60
MOST_AXES = 14
LINES, LINE, LONGEST = 3, 15, 34  # names above the axes take turns on three lines, so that they have room; characters
PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Experiments</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
svg { max-width: 100%; height: auto }
polyline { fill: none; stroke: #1565c0; stroke-opacity: .35; stroke-width: 1.5 }
polyline:hover, polyline.on { stroke: #c62828; stroke-opacity: 1; stroke-width: 3 }
line { stroke: #888 }
text { font-size: 11px; fill: #333 }
table { border-collapse: collapse; margin-top: 1.5rem }
th, td { padding: .2rem .7rem; text-align: left; border-bottom: 1px solid #ddd; white-space: nowrap }
td.number { text-align: right; font-variant-numeric: tabular-nums }
tr.on, tbody tr:hover { background: #fff3e0 }
</style>
<h1>{{ rows|length }} experiments</h1>
{% if axes|length > 1 -%}
<svg viewBox="0 0 {{ width }} {{ height }}" role="img" aria-label="Parallel coordinates: a line for each experiment">
{% for axis in axes -%}
<line x1="{{ axis.x }}" y1="{{ axis.top }}" x2="{{ axis.x }}" y2="{{ axis.bottom }}"/>
<text x="{{ axis.x }}" y="{{ axis.line }}" text-anchor="{{ axis.anchor }}" font-weight="bold">{{ axis.short }}\
<title>{{ axis.name }}</title></text>
{% for mark in axis.marks -%}
<text x="{{ axis.x + 5 }}" y="{{ mark.y }}">{{ mark.text }}</text>
{% endfor %}{% endfor -%}
{% for row in rows -%}
<polyline data-row="{{ loop.index0 }}" points="{{ row.points }}"><title>{{ row.told }}</title></polyline>
{% endfor -%}
</svg>
{%- endif %}
<table>
<thead><tr><th>experiment</th><th>commit</th>{% for name in shown %}<th>{{ name }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in rows -%}
<tr data-row="{{ loop.index0 }}"><td>{{ row.name or "-" }}</td><td><code>{{ row.commit[:7] }}</code></td>
{%- for cell in row.cells %}<td{% if cell.number %} class="number"{% endif %}>{{ cell.text }}</td>{% endfor %}</tr>
{% endfor -%}
</tbody>
</table>
<script>
for (const one of document.querySelectorAll("[data-row]"))
  for (const [what, on] of [["mouseenter", true], ["mouseleave", false]])
    one.addEventListener(what, () => {
      const same = document.querySelectorAll(`[data-row="${one.dataset.row}"]`);
      for (const other of same) other.classList.toggle("on", on);
    });
</script>
</html>
"""


def page(table: Table, shown: Sequence[str]) -> str:
    """The page. An axis for each of the `shown` columns in which the rows differ, at most fourteen."""
    from jinja2 import Environment

    varying = [name for name in shown if len({repr(row.values.get(name)) for row in table.rows}) > 1][:MOST_AXES]
    axes = [_axis(table.rows, name, place, len(varying)) for place, name in enumerate(varying)]
    rows = [_row(row, shown, axes) for row in table.rows]
    known = {"width": WIDTH, "height": HEIGHT, "axes": axes, "rows": rows, "shown": shown}
    return Environment(autoescape=True, trim_blocks=False).from_string(PAGE).render(known)


def _axis(rows: Sequence[Row], name: str, place: int, number: int) -> dict[str, Any]:
    """An axis: of numbers from the least to the largest, of others each in its place."""
    x = SIDE + place * (WIDTH - 2 * SIDE) / max(number - 1, 1)
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
        marks = [{"y": round(heights[text], 1), "text": text.strip('"')[:24]} for text in texts[:20]]
    heights.setdefault(_key(None), float(bottom + 10))  # no value there
    where = {"x": round(x, 1), "top": TOP, "bottom": bottom, "line": 14 + LINE * (place % LINES)}
    short = name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"  # the end tells more
    anchor = "start" if place == 0 else "end" if place == number - 1 else "middle"
    return {"name": name, "short": short, "anchor": anchor, **where, "marks": marks, "heights": heights}


def _key(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def _row(row: Row, shown: Sequence[str], axes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    points = " ".join(f"{axis['x']},{axis['heights'][_key(row.values.get(axis['name']))]:.1f}" for axis in axes)
    cells = [{"text": _text(value), "number": isinstance(value, int | float)} for value in map(row.values.get, shown)]
    told = "; ".join(f"{name} {cell['text']}" for name, cell in zip(shown, cells, strict=True))
    return {
        "name": row.name,
        "commit": row.commit,
        "points": points,
        "cells": cells,
        "told": f"{row.name or '-'}: {told}",
    }


def _text(value: Any) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
