"""section: one part of the report as data, with no HTML in it; `regrow.artifacts.blocks` makes its blocks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from regrow.artifacts import findings, plot, record
from regrow.artifacts.fields import check_choice, check_fields, is_number
from regrow.artifacts.figure import draw
from regrow.artifacts.jsontext import plain
from regrow.plugin.components import nearest

LEVELS = ("decide", "analyse", "engineer")  # what to know before deciding, what to look into, how it was made
SECTION = {"title": str, "level": str, "order": int, "blocks": list}


def check(value: Any) -> None:
    """ValueError unless it has a title, a level, an order (a whole number; small ones come first) and blocks.

    A block is a text, number, table, figure or finding. A figure's `svg` is what the type plot takes: SVG text, or a
    matplotlib Figure. Messages name the block by its position.
    """
    check_fields(value, SECTION)
    check_choice(value, "level", LEVELS)
    plain({name: value[name] for name in SECTION if name != "blocks"}, "")
    if not value["title"].strip():
        raise ValueError("has an empty 'title'")
    for position, block in enumerate(value["blocks"]):
        try:
            _check_block(block)
        except ValueError as error:
            raise ValueError(f"block {position} {error}") from None


def _check_block(block: Any) -> None:
    kind = block.get("kind") if isinstance(block, dict) else None
    if kind not in BLOCKS:
        raise ValueError(f"has the kind {kind!r}; {nearest(str(kind), list(BLOCKS))}")
    inner = {name: value for name, value in block.items() if name != "kind"}
    BLOCKS[kind](inner if kind == "figure" else plain(inner, ""))


def _check_text(block: Any) -> None:
    check_fields(block, {"text": str})


def _check_labelled(block: Any) -> None:
    check_fields(block, {"label": str}, findings.NUMBER)
    findings.check_number({name: value for name, value in block.items() if name != "label"})


def _check_table(block: Any) -> None:
    check_fields(block, {"title": str, "columns": list, "rows": list}, {"caption": str})
    if not block["columns"] or not all(isinstance(name, str) for name in block["columns"]):
        raise ValueError("has 'columns' that are no list of names")
    for position, row in enumerate(block["rows"]):
        if not isinstance(row, list) or len(row) != len(block["columns"]):
            raise ValueError(f"has a row {position} of other cells than its {len(block['columns'])} columns")
        for name, cell in zip(block["columns"], row, strict=True):
            if cell is not None and not isinstance(cell, str | bool) and not is_number(cell):
                try:
                    findings.check_number(cell)
                except ValueError as error:
                    raise ValueError(f"has a cell in row {position}, column {name!r}, that {error}") from None


def _check_figure(block: Any) -> None:
    check_fields(block, {"title": str, "svg": object}, {"caption": str})
    try:
        plot.check(block["svg"])
    except ValueError as error:
        raise ValueError(f"has an 'svg' that {error}") from None


BLOCKS: dict[str, Callable[[Any], None]] = {
    "text": _check_text,
    "number": _check_labelled,
    "table": _check_table,
    "figure": _check_figure,
    "finding": findings.check_one,
}


def write(value: Any, path: Path) -> None:
    """Write it in canonical form; a Figure is drawn as the type plot draws it."""
    record.write({**value, "blocks": [_drawn(block) for block in value["blocks"]]}, path)


def _drawn(block: Any) -> Any:
    figure = block.get("svg")
    return {**block, "svg": draw(figure, "svg").decode()} if hasattr(figure, "savefig") else block


def read(path: Path) -> Any:
    """Read it. ValueError if the file holds no whole section."""
    value = record.read(path)
    check(value)
    return value
