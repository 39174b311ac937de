"""`regrow verify [REV]`."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from regrow.plugin.project import open_project

if TYPE_CHECKING:
    from regrow.base.hash_many import Watch
    from regrow.verify.check import Begin
    from regrow.verify.findings import Discrepancy, Level, Report

PATIENCE = 2  # seconds without progress being shown
MOST = 50  # findings of one level in text


@click.command("verify")
@click.argument("revision", default="HEAD", metavar="[REV]")
@click.option("--remote", is_flag=False, flag_value="", metavar="[NAME]", help="Also look in a remote, DVC's default.")
@click.option("--staged", is_flag=True, help="What a commit made now would hold, without hashing data; for a hook.")
@click.option("--no-set-aside", is_flag=True, help="Leave corrupt objects in the cache; only tell of them.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(revision: str, remote: str | None, staged: bool, no_set_aside: bool, as_json: bool) -> None:
    """Hash every input and output of REV (HEAD) in Git, cache and workspace against what it recorded.

    Runs no code of the commit. Exit code 2: something is not as recorded; 3: something is missing; 8: something can't
    be proven.
    """
    from regrow.base import safe_text
    from regrow.verify.check import verify, verify_staged

    root = open_project().root
    if staged:
        report = verify_staged(root)
    else:
        with _progress() as begin:
            report = verify(root, revision, remote=remote, set_aside=not no_set_aside, begin=begin)
    if as_json:
        click.echo(safe_text.dumps(report.as_json()))
    else:
        _print(report, "what is staged" if staged else f"commit {report.commit[:10]}")
    sys.exit(int(report.code))


@contextmanager
def _progress() -> Iterator["Begin"]:
    """Bytes hashed, on standard error, once it takes long."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from regrow.base import safe_text

    console = safe_text.console(stderr=True)
    columns = (TextColumn("hashing"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task("hashing", total=None)
    started = time.monotonic()

    def watch(size: int) -> None:
        bar.advance(task, size)
        if not bar.live.is_started and not bar.disable and time.monotonic() - started > PATIENCE:
            bar.start()

    def begin(size: int) -> "Watch":
        bar.update(task, total=size)
        return watch

    try:
        yield begin
    finally:
        bar.stop()


def _print(report: "Report", what: str) -> None:
    from rich.table import Table

    from regrow.base import safe_text
    from regrow.base.errors import Exit
    from regrow.verify.findings import Level, by_package

    console = safe_text.console()
    for level in Level:
        found = by_package(finding for finding in report.findings if finding.level is level)
        for finding in found[:MOST]:
            _print_one(finding, level)
        if len(found) > MOST:
            click.echo(f"... and {len(found) - MOST} more: --json lists all")
    table = Table(box=None, pad_edge=False)
    for heading, side in (
        ("place", "left"),
        ("files", "right"),
        ("size", "right"),
        *((level, "right") for level in Level),
    ):
        table.add_column(str(heading), justify=side)  # type: ignore[arg-type]
    for place, count in report.places.items():
        counts = [sum(one.place == place and one.level is level for one in report.findings) for level in Level]
        table.add_row(safe_text.clean(place), str(count.files), safe_text.size(count.size), *map(str, counts))
    console.print(table)
    _print_claims(report)
    verdict = {Exit.OK: "is as recorded", Exit.MISMATCH: "is NOT as recorded", Exit.DATA_MISSING: "is not all there"}
    verdict |= {Exit.NOT_PROVEN: "holds nothing false, but not all of it is proven"}
    beside = f"; {report.sha256} paths by sha256 too" if report.sha256 else "; by md5 alone"
    click.echo(f"{what} {verdict[report.code]}{beside}")


def _print_claims(report: "Report") -> None:
    from rich.table import Table

    from regrow.base import safe_text

    table = Table(box=None, pad_edge=False)
    for heading in ("claims", "proven", "broken", "not proven"):
        table.add_column(heading, justify="left" if heading == "claims" else "right")
    for kind, proof in report.claims.items():
        table.add_row(kind, str(proof.proven), str(proof.broken), str(proof.not_proven))
    safe_text.console().print(table)


def _print_one(finding: "Discrepancy", level: "Level") -> None:
    from regrow.base.safe_text import clean

    colour = {"mismatch": "red", "missing": "yellow", "not proven": "yellow"}.get(level)
    head = click.style(f"{level:10}", fg=colour, bold=bool(colour))
    click.echo(f"{head} {clean(finding.path)}: {clean(finding.place)}: {clean(finding.wrong, 500)}")
    for name, text in (("recorded", finding.recorded), ("found", finding.actual), ("set aside", finding.set_aside)):
        if text:
            click.echo(f"{'':11}{name:9} {clean(text)}")
    for line in finding.fix.splitlines():
        click.echo(f"{'':11}{clean(line)}")
