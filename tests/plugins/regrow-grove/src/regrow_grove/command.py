"""`regrow grove`."""

import click

from regrow_grove import rings


@click.command("grove")
def command() -> None:
    """Count the rings."""
    from pathlib import Path

    click.echo(f"{len(rings.read(Path('rings/grove.txt')))} rings")
