"""`regrow experiments`, or `regrow ls`."""

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from regrow import leaderboard
from regrow.errors import RegrowError
from regrow.project import open_project
from regrow.terminal import block, clean, dumps

if TYPE_CHECKING:
    from regrow.leaderboard import Row, Table

WIDEST = 24  # characters of a cell on a terminal


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
    if html:
        from regrow.leaderboard_page import page

        html.write_text(page(table, _shown(table, columns, by)), encoding="utf-8")
        click.echo(f"wrote {html}")
        return
    show(table, columns, by, as_json=as_json, as_csv=as_csv)
    if not as_json and not as_csv:
        for row in table.rows:
            if row.failed:
                click.echo(f"{clean(row.name)}: failed\n{block(row.failed)}")


def show(table: "Table", columns: str | None, by: str | None, *, as_json: bool = False, as_csv: bool = False) -> None:
    """Print a table. columns: names with commas; None for those that differ, and the one that it is sorted by."""
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
        _print(table, shown)


def _shown(table: "Table", columns: str | None, by: str | None) -> list[str]:
    if columns:
        return [table.column(name.strip()) for name in columns.split(",")]
    return list(dict.fromkeys([*([table.column(by)] if by else []), *_usual(table)]))


def _usual(table: "Table") -> list[str]:
    """What differs from row to row; of a single row, its metrics."""
    if len(table.rows) == 1:
        return [name for name in table.metrics if "." not in name]
    return table.varying()


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


def _print(table: "Table", shown: list[str]) -> None:
    """A table of plain text: a thousand rows take no longer than reading them from Git."""
    lines = [["experiment", "commit", *shown]]
    for row in table.rows:
        name = f"{_short(row.name)} (failed)" if row.failed else _short(row.name)
        lines.append([name, row.commit[:7], *(_short(row.values.get(one)) for one in shown)])
    right = [False, False, *(all(_is_number(row.values.get(one)) for row in table.rows) for one in shown)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    form = "  ".join(f"{{:{'>' if one else '<'}{width}}}" for one, width in zip(right, widths, strict=True)).format
    click.echo("\n".join(form(*line).rstrip() for line in lines))


def _is_number(value: Any) -> bool:
    return value is None or isinstance(value, int | float)
