"""`regrow experiments`, or `regrow ls`."""

import csv
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from regrow.base.errors import RegrowError
from regrow.base.safe_text import block, clean, dumps
from regrow.cli import say
from regrow.plugin.project import open_project
from regrow_history.experiments import table as leaderboard

if TYPE_CHECKING:
    from regrow_history.experiments.table import Row, Table

WIDEST = 24  # characters of a cell on a terminal
WIDTH = 80  # of a table where there is no terminal


@click.command("experiments")
@click.argument("revision", default="HEAD", metavar="[REV]")
@click.option("--all", "everywhere", is_flag=True, help="Those of every commit, not of REV alone.")
@click.option("--filter", "conditions", multiple=True, metavar="CONDITION",
              help="Such as 'roc_auc > 0.75', 'model.use == linear'; ~ is 'contains'. All must hold.")  # fmt: skip
@click.option("--failed", is_flag=True, help="Also those that a sweep could not finish, and why.")
@click.option("--sort-by", metavar="COLUMN", help="A metric or a setting, or the end of its name; by default the first "
              "metric that settings name.")  # fmt: skip
@click.option("--sort-order", type=click.Choice(["asc", "desc"]), help="By default the best come first.")
@click.option("--best", type=click.IntRange(min=1), metavar="N", help="The first N alone.")
@click.option("--columns", metavar="NAMES", help="Which, with commas; by default metrics and settings that vary.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write a page: the table, and parallel coordinates.")  # fmt: skip
def command(
    revision: str,
    everywhere: bool,
    conditions: tuple[str, ...],
    failed: bool,
    sort_by: str | None,
    sort_order: str | None,
    best: int | None,
    columns: str | None,
    as_json: bool,
    as_csv: bool,
    html: Path | None,
) -> None:
    """List DVC's experiments that began from the commit REV, by default HEAD: metrics, and the settings that vary.

    The best come first. REV itself is among them, as "-". All is read from Git; nothing is run.
    """
    table = leaderboard.read(open_project(), revision, everywhere=everywhere, failed=failed)
    by = sort_by or table.leading()
    if best and not by:
        raise RegrowError("says how many, and there is no metric to rank by", where="--best", fix="--sort-by COLUMN")
    table = leaderboard.select(table, conditions, by, sort_order or "", best or 0)
    if not sort_order:
        warn_of_no_direction(table, by)
    if html:
        from regrow_history.experiments.page import page

        html.write_text(page(table, _shown(table, columns, by), by or ""), encoding="utf-8")
        click.echo(f"wrote {html}")
        return
    show(table, columns, by, as_json=as_json, as_csv=as_csv)
    if not as_json and not as_csv:
        for row in table.rows:
            if row.failed:
                click.echo(f"{clean(row.name)}: failed\n{block(row.failed)}")
            elif row.stale:
                name = clean(row.name or row.commit[:7])
                click.echo(f"{name}: its metrics were made by other settings, so they are left out: {clean(row.stale)}")


def warn_of_no_direction(table: "Table", by: str | None) -> None:
    """Say on stderr that nobody declared which way a metric is better."""
    column = table.column(by) if by else ""
    if column in table.metrics and not table.direction(column):
        say(f"regrow: nothing declares which way {clean(column)} is better: it is sorted from high to low")


def show(table: "Table", columns: str | None, by: str | None, *, as_json: bool = False, as_csv: bool = False) -> None:
    """Print a table. columns: names with commas; None for those that differ, and the one that it is sorted by.

    On a terminal as many of those as fit its width: the one it is sorted by, then settings, then metrics.
    """
    shown = _shown(table, columns, by)
    if as_json:
        click.echo(dumps([_plain(row) for row in table.rows]))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        failed = any(row.failed for row in table.rows)
        writer.writerow(["experiment", "commit", "base", *(["failed"] if failed else []), *shown])
        for row in table.rows:
            before = [row.name, row.commit, row.base, *([row.failed] if failed else [])]
            writer.writerow([*before, *(_text(row.values.get(one)) for one in shown)])
    else:
        _print(table, shown, fit=not columns)


def _shown(table: "Table", columns: str | None, by: str | None) -> list[str]:
    if columns:
        return [table.column(name.strip()) for name in columns.split(",")]
    return list(dict.fromkeys([*([table.column(by)] if by else []), *_usual(table)]))


def _usual(table: "Table") -> list[str]:
    """What differs from row to row, metrics of single folds and of the baseline left out; of one row, its metrics."""
    if len(table.rows) == 1:
        return [name for name in table.metrics if "." not in name]
    return [name for name in table.varying() if name in table.settings or not leaderboard.INNER.search(name)]


def _plain(row: "Row") -> dict[str, Any]:
    why = {"failed": row.failed} if row.failed else {}
    return {"experiment": row.name, "commit": row.commit, "base": row.base, **why, "values": dict(row.values)}


def _text(value: Any) -> str:
    return "" if value is None else json.dumps(value) if isinstance(value, bool | list) else str(value)


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.5g}"
    text = _text(value)
    return clean(text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…") or "-"


def _print(table: "Table", shown: list[str], *, fit: bool) -> None:
    """A table of plain text: a thousand rows take no longer than reading them from Git."""
    names = [f"{_short(row.name)} (failed)" if row.failed else _short(row.name) for row in table.rows]
    cells = {one: [_cell(row, one) for row in table.rows] for one in shown}
    widths = {one: max(map(len, (one, *column))) for one, column in cells.items()}
    first = max(map(len, ("experiment", *names)))
    kept = _fitting(table, shown, widths, _width() - first - len("  commit ")) if fit else shown
    right = {one: all(_is_number(row.values.get(one)) for row in table.rows) for one in kept}
    columns = [f"{{:{'>' if right[one] else '<'}{widths[one]}}}" for one in kept]
    form = "  ".join([f"{{:<{first}}}", "{:<7}", *columns]).format
    lines = [("experiment", "commit", *kept)]
    lines += zip(names, (row.commit[:7] for row in table.rows), *(cells[one] for one in kept), strict=True)
    click.echo("\n".join(form(*line).rstrip() for line in lines))
    if left := [one for one in shown if one not in kept]:
        click.echo(f"(and {len(left)} more: --columns {','.join(left[:3])}{',...' if len(left) > 3 else ''})")


def _width() -> int:
    return shutil.get_terminal_size((WIDTH, 24)).columns


def _fitting(table: "Table", shown: list[str], widths: dict[str, int], room: int) -> list[str]:
    """The columns that there is room for, in their order; the first always."""
    by_weight = [*shown[:1], *(one for one in shown[1:] if one in table.settings), *shown[1:]]
    kept: set[str] = set()
    for one in dict.fromkeys(by_weight):
        if not kept or widths[one] + 2 <= room:
            kept.add(one)
            room -= widths[one] + 2
    return [one for one in shown if one in kept]


def _cell(row: "Row", name: str) -> str:
    """A value; a metric of several folds with its spread over them."""
    spread = row.values.get(f"folds.{name}.std")
    text = _short(row.values.get(name))
    return f"{text} ± {spread:.2g}" if isinstance(spread, float) else text


def _is_number(value: Any) -> bool:
    return value is None or isinstance(value, int | float)
