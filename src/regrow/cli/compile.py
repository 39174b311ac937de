"""`regrow compile`."""

import click

from regrow import determinism, entering
from regrow.cli import say
from regrow.errors import RegrowError
from regrow.project import open_project


@click.command("compile")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is not what compile would write.")
@click.option("--in-pipeline", is_flag=True, help="As DVC's first stage: settle params.yaml and the fingerprints.")
def command(check: bool, in_pipeline: bool) -> None:
    """Write dvc.yaml, params.yaml and the fingerprints from conf/ and the plugins."""
    project = open_project()
    if in_pipeline:
        entering.enter(None, also=[determinism.EXPERIMENT])
    from regrow import build

    if in_pipeline:
        for note in build.in_pipeline(project):
            say(f"regrow: {note}")
        return
    if check:
        problems, notes = build.check(project)
        if problems:
            raise RegrowError.of(problems)
        for note in notes:
            say(f"regrow: {note}")
        click.echo("all is compiled")
        return
    changed, notes = build.write(project)
    for note in notes:
        say(f"regrow: {note}")
    for name in changed:
        click.echo(f"wrote {name}" if project.path(name).exists() else f"removed {name}")
    if not changed:
        click.echo("all is compiled already")
