"""`regrow run`."""

import sys

import click

from regrow.project import open_project


@click.command("run", context_settings={"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Reproduce the pipeline. ARGUMENTS are those of `dvc repro`: targets, --force, --dry, --downstream, ..."""
    from regrow.tools import dvc

    sys.exit(dvc.run(["repro", *arguments], open_project().root))
