"""`regrow doctor`."""

import sys

import click

from regrow.project import open_project


@click.command("doctor")
def command() -> None:
    """Check what the project needs here; exit 1 if something is missing. Each finding says how to get it."""
    from regrow import doctor

    findings = doctor.examine(open_project())
    for finding in findings:
        indented = finding.found.replace("\n", f"\n{'':10}")
        mark, colour = ("ok", "green") if finding.ok else ("warn", "yellow") if finding.warning else ("FIX", "red")
        click.echo(f"{click.style(f'{mark:8}', fg=colour)}{finding.subject}: {indented}")
        for line in finding.fix.splitlines():
            click.echo(f"{'':10}{line}")
    sys.exit(0 if all(finding.ok or finding.warning for finding in findings) else 1)
