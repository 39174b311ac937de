"""Stage `report`: the sections and findings that other stages made, on one self-contained HTML page."""

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from regrow.artifacts.findings import SEVERITIES, VERDICTS
from regrow.artifacts.section import LEVELS
from regrow_evaluation.card import card
from regrow_evaluation.embedded import clean, embedded
from regrow_evaluation.shown import Shown, number, shown
from regrow_evaluation.views import views as views_of

View = Callable[[str, Any, Any, str], dict[str, Any]]  # of where it is told, a block, the facts, an id
NO_ANALYSES: Mapping[str, Any] = {}
NOTHING = "", ""  # a cell without a value
FOLDED = 15  # rows of a table from which on it is folded away
LEVELS_TOLD = {
    "decide": "What to know before anything is decided",
    "analyse": "How it behaves, and on which data",
    "engineer": "How it was made",
}


def report(
    sections: Mapping[str, Any],
    findings: Mapping[str, Any],
    metrics: Mapping[str, Any],
    records: Mapping[str, Any],
    settings: Any,
    analyses: Mapping[str, Any] = NO_ANALYSES,
) -> dict[str, str]:
    """The page (`report`, HTML), and the same without figures as `card`, Markdown. It asks for nothing outside itself
    and holds no clock, host or path. analyses: artifact -> analysis -> what it returned, a section among it.

    Sections come by level, order and name; the first one to decide on opens the page. A number that a section refers to
    is looked up in `metrics` and `records`. Raises RegrowError where it is not there, or the section says another one.
    """
    facts = {**records, **metrics}
    every = {**sections, **_of_analyses(analyses)}
    told = [_section(name, every[name], facts) for name in sorted(every)]
    told.sort(key=lambda view: view["order"])
    opening = next((view for view in told if view["level"] == "decide"), None)
    judged = [_finding(f"findings {name}", one, facts) for name in sorted(findings) for one in findings[name]]
    judged.sort(key=lambda one: (VERDICTS.index(one["verdict"]), SEVERITIES.index(one["severity"])))
    parts: list[dict[str, Any]] = [
        {"level": level, "told": LEVELS_TOLD[level], "sections": within}
        for level in LEVELS
        if (within := [view for view in told if view["level"] == level and view is not opening])
        or (level == "decide" and judged)
    ]
    page = _environment().get_template("page.html")
    views = views_of(view for part in parts for view in part["sections"]) if judged else []
    html = page.render(opening=opening, parts=parts, findings=judged, folded=FOLDED, views=views)
    return {"report": html, "card": card([*filter(None, [opening]), *(v for v in told if v is not opening)], judged)}


def _of_analyses(analyses: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{artifact}-{name}": made["section"]
        for artifact, each in analyses.items()
        for name, made in each.items()
        if made.get("section")
    }


def _section(name: str, section: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """A section as the template shows it: its blocks in groups of one kind, as figures stand beside one another."""
    blocks = [
        SHOWN[block["kind"]](f"section {name}, block {place}", block, facts, f"{name}-{place}")
        for place, block in enumerate(section["blocks"])
    ]
    groups = [(kind, list(group)) for kind, group in groupby(blocks, key=lambda block: block["kind"])]
    order = LEVELS.index(section["level"]), section["order"]
    return {"name": name, "title": section["title"], "level": section["level"], "order": order, "groups": groups}


def _text(_where: str, block: Any, _facts: Any, _id: str) -> dict[str, Any]:
    return {"kind": "text", "text": block["text"]}


def _number(where: str, block: Any, facts: Any, _id: str) -> dict[str, Any]:
    return {"kind": "number", "label": block["label"], "number": shown(where, block, facts)}


def _table(where: str, block: Any, facts: Any, id_: str) -> dict[str, Any]:
    """Columns as (name, whether all its cells are numbers); a text cell as its first line and the others."""
    rows = [[_cell(where, cell, facts) for cell in row] for row in block["rows"]]
    numeric = [all(isinstance(cell, Shown) or cell == NOTHING for cell in column) for column in zip(*rows, strict=True)]
    numeric = numeric or [False] * len(block["columns"])
    columns = list(zip(block["columns"], numeric, strict=True))
    title, caption = block["title"], block.get("caption") or ""
    return {"kind": "table", "id": id_, "title": title, "caption": caption, "columns": columns, "rows": rows}


def _cell(where: str, cell: Any, facts: Any) -> Shown | tuple[str, str]:
    if isinstance(cell, bool):
        return ("yes" if cell else "no"), ""
    if isinstance(cell, str):
        first, _, more = cell.partition("\n")
        return first, more
    if cell is None:
        return NOTHING
    return shown(where, cell if isinstance(cell, Mapping) else {"value": cell}, facts)


def _figure(where: str, block: Any, _facts: Any, id_: str) -> dict[str, Any]:
    svg = Markup(embedded(block["svg"], id_, block["title"], where))  # noqa: S704 - made of what is listed, text escaped
    return {"kind": "figure", "title": block["title"], "svg": svg, "caption": block.get("caption") or ""}


def _finding(where: str, finding: Any, facts: Any, _id: str = "") -> dict[str, Any]:
    numbers = {
        name: shown(f"{where}, {finding['code']}", one if isinstance(one, Mapping) else {"value": one}, facts)
        for name, one in (finding.get("numbers") or {}).items()
    }
    optional = {name: finding.get(name) for name in ("seen", "n", "owner", "docs")}
    return {**optional, **finding, "kind": "finding", "numbers": numbers}


SHOWN: dict[str, Callable[[str, Any, Any, str], dict[str, Any]]] = {
    "text": _text,
    "number": _number,
    "table": _table,
    "figure": _figure,
    "finding": _finding,
}


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("regrow_evaluation", "page"),
        autoescape=True,  # sections hold class names and settings: data, and data may be hostile
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    environment.filters["number"] = number
    return environment
