"""The model card in Markdown: the views of the report's sections, without figures."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from regrow_evaluation.embedded import clean
from regrow_evaluation.shown import Shown

MOST_ROWS = 30


def card(views: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]]) -> str:
    """views: sections as the page shows them, in order; findings: likewise. Text of the data stays text."""
    title = views[0]["title"] if views else "Model card"
    lines = [f"# {_plain(title)}", ""]
    for place, view in enumerate(views):
        if place:
            lines += [f"## {_plain(view['title'])}", ""]
        for kind, group in view["groups"]:
            for block in group:
                lines += [*WRITTEN[kind](block), ""] if kind in WRITTEN else []
        if not place and findings:
            lines += ["## What was checked", "", *(line for one in findings for line in _finding(one)), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _text(block: Mapping[str, Any]) -> Iterator[str]:
    yield _plain(block["text"])


def _number(block: Mapping[str, Any]) -> Iterator[str]:
    yield f"- {_plain(block['label'])}: {_shown(block['number'])}"


def _table(block: Mapping[str, Any]) -> Iterator[str]:
    yield f"**{_plain(block['title'])}**"
    yield ""
    yield _line([name for name, _ in block["columns"]])
    yield _line(["---"] * len(block["columns"]))
    for row in block["rows"][:MOST_ROWS]:
        yield _line([_shown(cell) if isinstance(cell, Shown) else ": ".join(filter(None, cell)) for cell in row])
    if (more := len(block["rows"]) - MOST_ROWS) > 0:
        yield ""
        yield f"{more} more rows are in the report."


def _finding(one: Mapping[str, Any]) -> Iterator[str]:
    numbers = "".join(f"; {_plain(name)}: {_shown(number)}" for name, number in one["numbers"].items())
    seen = f" {_plain(one['seen'])}" if one["seen"] else ""
    owner = f"; owner: {_plain(one['owner'])}" if one["owner"] else ""
    said = f"- **{one['verdict']}** {_plain(one['title'])} ({one['severity']}, `{_plain(one['code'])}`)."
    yield f"{said}{seen}{numbers}{owner}"


def _shown(number: Shown) -> str:
    interval = f" ({number.interval})" if number.interval else ""
    source = f" [{number.source}]" if number.source else ""
    return _plain(f"{number.text}{interval}{source}", brackets=True)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(_plain(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _plain(text: str, brackets: bool = False) -> str:
    """One line that Markdown shows as it is: no tag and no link comes of data."""
    line = clean(" ".join(str(text).split())).replace("<", "&lt;")
    return line if brackets else line.replace("](", "] (")


WRITTEN = {"text": _text, "number": _number, "table": _table, "finding": _finding}
