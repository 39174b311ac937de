"""`regrow compile`."""

import click

from regrow.base.errors import RegrowError
from regrow.cli import say
from regrow.environment import variables
from regrow.plugin.project import open_project
from regrow.stage import start


@click.command("compile")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is not what compile would write.")
@click.option("--in-pipeline", is_flag=True, help="As DVC's first stage: settle params.yaml and the fingerprints.")
def command(check: bool, in_pipeline: bool) -> None:
    """Write dvc.yaml, params.yaml and the fingerprints from conf/ and the plugins."""
    project = open_project()
    if in_pipeline:
        start.enter(None, also=[variables.EXPERIMENT])
    from regrow.compile import write_and_check

    if in_pipeline:
        for note in write_and_check.in_pipeline(project):
            say(f"regrow: {note}")
        return
    if check:
        problems, notes = write_and_check.check(project)
        if problems:
            raise RegrowError.of(problems)
        for note in notes:
            say(f"regrow: {note}")
        click.echo("all is compiled")
        return
    changed, notes = write_and_check.write(project)
    for note in notes:
        say(f"regrow: {note}")
    for name in changed:
        click.echo(f"wrote {name}" if project.path(name).exists() else f"removed {name}")
    if not changed:
        click.echo("all is compiled already")
