"""`regrow doctor`."""

import sys

import click

from regrow.base.errors import Exit, RegrowError
from regrow.cli import say
from regrow.plugin.project import open_project


@click.command("doctor")
@click.option(
    "--environment", is_flag=True, help="Only hold each file of this environment against its package's record."
)
@click.option("--plugins", is_flag=True, help="Only what the project's plugins look at.")
def command(environment: bool, plugins: bool) -> None:
    """Check what the project needs here; exit 1 if something is missing. Each finding says how to get it."""
    if environment:
        _require_unedited()
        return
    from regrow.run import doctor

    findings = list(doctor.of_plugins(open_project())) if plugins else doctor.examine(open_project())
    for finding in findings:
        indented = finding.found.replace("\n", f"\n{'':10}")
        mark, colour = ("ok", "green") if finding.ok else ("warn", "yellow") if finding.warning else ("FIX", "red")
        click.echo(f"{click.style(f'{mark:8}', fg=colour)}{finding.subject}: {indented}")
        for line in finding.fix.splitlines():
            click.echo(f"{'':10}{line}")
    sys.exit(0 if all(finding.ok or finding.warning for finding in findings) else 1)


def _require_unedited() -> None:
    from regrow.environment import files, problems
    from regrow.environment.records import here

    if found := files.differences(here(), say=say):
        raise RegrowError.of(problems.edited(found), Exit.ENVIRONMENT)
