"""`regrow run`."""

import sys

import click

from regrow.cli import say
from regrow.cli.replay import Progress, show
from regrow.project import open_project


@click.command("run", context_settings={"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]})
@click.option("--allow-dirty", is_flag=True, help="Run on files that no commit holds, and mark the result.")
@click.option("--twice", is_flag=True, help="Then run every stage once more elsewhere: is the pipeline deterministic?")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...], allow_dirty: bool, twice: bool) -> None:
    """Reproduce the pipeline for a result that its commit can give again.

    It is dvc repro, after checks: it refuses files that no commit holds, packages other than locked, a stale compile.
    ARGUMENTS are those of `dvc repro`: targets, --force, --dry, --downstream, ...
    """
    from regrow import recording

    project = open_project()
    code = recording.run(project, arguments, allow_dirty=allow_dirty)
    if code == 0 and twice:
        say("regrow: once more, in a clean place")
        result = recording.twice(project, Progress())
        show(result)
        code = int(result.code)
    sys.exit(code)
