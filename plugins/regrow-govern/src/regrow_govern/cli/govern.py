"""`regrow govern`."""

import click


@click.group("govern")
def govern() -> None:
    """The files of governance/: who answers for what."""


@govern.command("init")
def init() -> None:
    """Write the files of governance/ that are not there yet; those that are stay as they are."""
    from regrow.plugin.project import open_project

    folder = open_project().path("governance")
    folder.mkdir(exist_ok=True)
    click.echo(str(folder))
