"""The commands of this plugin."""

import datetime
import json
from pathlib import Path

import click

from regrow import RegrowError

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("seal")
@click.argument("day")
@click.option("--log", type=FOLDER, default=Path("log"), show_default=True, help="The folder of the prediction log.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def seal(day: str, log: Path, as_json: bool) -> None:
    """Seal DAY (such as 2026-11-28, by the server's clock, UTC): cut half lines, hash its files, let DVC keep them.

    No server may still write to it: end it, or wait until the day is over."""
    from regrow.plugin.project import open_project
    from regrow_monitor.seal import into_project
    from regrow_monitor.seal import seal as seal_day

    made = seal_day(log, day)
    lines = list(into_project(open_project(), log))
    if as_json:
        click.echo(json.dumps(made))
        return
    cut = f", {made['half_lines']} half lines cut" if made["half_lines"] else ""
    click.echo(f"{day}: {made['rows']:,} rows of {len(made['parts'])} files sealed{cut}")
    for line in lines:
        click.echo(line)


@click.command("monitor")
@click.option("--until", required=True, metavar="DAY", help="The last day that is looked at, such as 2026-11-28.")
def monitor(until: str) -> None:
    """Read the sealed days up to DAY; write monitor/page.html, and a file for each new alarm.

    The day is a setting (conf/monitor): the same commit gives the same page."""
    from regrow.plugin.project import open_project
    from regrow_monitor.run import monitor as run

    for line in run(open_project(), until):
        click.echo(line)


@click.group("alarms", invoke_without_command=True)
@click.option("--all", "every", is_flag=True, help="Closed ones, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def alarms(context: click.Context, every: bool, as_json: bool) -> None:
    """List alarms that are not closed."""
    from regrow_monitor import alarm_files as files
    from regrow_monitor.alarms import sentence

    if context.invoked_subcommand:
        return
    found = [one for one in files.read(_folder()) if every or one["state"] != files.CLOSED]
    if as_json:
        click.echo(json.dumps(found))
        return
    if not found:
        click.echo("no alarm is open")
    for one in found:
        click.echo(f"{one['id']}: {files.who(one)}")
        click.echo(click.wrap_text(sentence(one), 78, "  ", "  "))
        click.echo(click.wrap_text(f"owner: {one['owner']}; next: {one['next']}", 78, "  ", "  "))


@alarms.command("ack")
@click.argument("name")
@click.option("--by", default="", help="Who; by default Git's user.email.")
@click.option("--note", default="", help="What is being done.")
def ack(name: str, by: str, note: str) -> None:
    """Say that somebody looks after alarm NAME."""
    _change(name, "acknowledged", by, note)


@alarms.command("close")
@click.argument("name")
@click.option("--by", default="", help="Who; by default Git's user.email.")
@click.option("--note", default="", help="Why; it has to be said.")
def close(name: str, by: str, note: str) -> None:
    """Close alarm NAME: it is over, or was none."""
    if not note.strip():
        raise RegrowError(
            "needs a reason", where="alarms close", fix=f"regrow alarms close {name} --note 'what it was'"
        )
    _change(name, "closed", by, note)


def _change(name: str, state: str, by: str, note: str) -> None:
    from regrow.plugin.project import open_project
    from regrow_monitor import alarm_files as files
    from regrow_monitor.run import git

    who = by or git(open_project(), "config", "user.email").strip()
    day = datetime.datetime.now(datetime.UTC).date().isoformat()  # regrow: harmless clock
    one = files.change(_folder(), name, state, who, day, note)
    click.echo(f"{name}: {files.who(one)}")
    click.echo(f"next: git add {_folder().name} && git commit")


def _folder() -> Path:
    from regrow.plugin.project import open_project
    from regrow_monitor.alarm_files import FOLDER as USUAL
    from regrow_monitor.seal import ALARMS

    project = open_project()
    return project.path(project.sources.get(ALARMS, USUAL))


@click.command("demo-drift")
@click.option("--column", help="Which number shifts; by default the first that varies.")
@click.option("--shift", default=0.3, show_default=True, help="By how many standard deviations.")
@click.option("--rows", default=50, show_default=True, type=click.IntRange(8, 500), help="A day.")
@click.option("--days", default=56, show_default=True, type=click.IntRange(14, 365), help="Half of them shifted.")
@click.option("--bundle", type=click.Path(path_type=Path, dir_okay=False), help="By default, the project's own.")
@click.option("-o", "--out", type=FOLDER, default=Path("demo-drift"), show_default=True)
def demo_drift(column: str | None, shift: float, rows: int, days: int, bundle: Path | None, out: Path) -> None:
    """Answer the bundle's held-out rows day by day, shift a column half way, and write the monitor's page."""
    from regrow.plugin.project import open_project
    from regrow_monitor.demo import demo
    from regrow_serve.commands import bundle_file, in_recipe

    in_recipe()
    project = open_project()
    file = bundle_file(bundle, None, out)
    for line in demo(project, file, column, shift, rows, days, out):
        click.echo(line)
