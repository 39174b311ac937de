"""`regrow govern`."""

import click


@click.group("govern")
def govern() -> None:
    """The files of governance/: who answers for what."""


@govern.command("init")
def init() -> None:
    """Write risk.yaml, roles.yaml and promotion.yaml into governance/; those that are there stay as they are."""
    from regrow.plugin.project import open_project
    from regrow_govern.scaffold import write

    made, kept = write(open_project().root)
    for path in made:
        click.echo(f"wrote {path}")
    for path in kept:
        click.echo(f"{path} is there already, and stays as it is")
    click.echo("answer the questions in governance/risk.yaml; regrow risks shows what is open")
