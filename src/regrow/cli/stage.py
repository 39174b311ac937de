"""`regrow stage NAME`."""

import logging

import click

from regrow import entering, names
from regrow.cli import say
from regrow.project import open_project


@click.command("stage")
@click.argument("name")
def command(name: str) -> None:
    """Run stage NAME. DVC calls this; by hand it overwrites the stage's outputs and records nothing."""
    project = open_project()
    entering.enter(project.path(names.fingerprint(name)))
    from regrow.run import run_stage

    logging.basicConfig(format="regrow: %(message)s", level=logging.WARNING)
    for note in run_stage(project, name):
        say(f"regrow: {note}")
