"""`regrow stage NAME`."""

import logging
import os

import click

from regrow import layout
from regrow.base.safe_text import clean
from regrow.cli import say
from regrow.plugin.project import open_project
from regrow.stage import start


@click.command("stage")
@click.argument("name")
def command(name: str) -> None:
    """Run stage NAME. DVC calls this; by hand it overwrites the stage's outputs and records nothing."""
    project = open_project()
    start.enter(project.path(layout.fingerprint(name)), hooks=project.pass_environment)
    from regrow.stage.run_stage import run_stage

    logging.basicConfig(format="regrow: %(message)s", level=logging.WARNING)
    logging.getLogger("regrow.progress").setLevel(logging.INFO)
    for note in run_stage(project, name):
        say(f"regrow: {note}")
    if "DVC_ROOT" in os.environ and not {layout.TOLD, layout.WATCHED} & os.environ.keys():
        from regrow.run import headline

        if told := headline.line_after(project, name):
            click.echo(clean(told))
