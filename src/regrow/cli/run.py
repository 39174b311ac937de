"""`regrow run`."""

import os
import sys

import click

from regrow import layout
from regrow.base.safe_text import clean
from regrow.cli import cli, say
from regrow.plugin.project import open_project
from regrow.run import nothing_to_do


@click.command("run", context_settings={"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]})
@click.option("--allow-dirty", is_flag=True, help="Run on files that no commit could hold, and mark the result.")
@click.option("--keep-warm", is_flag=True, help="Leave the warm server for the next run; it ends when idle for 10 min.")
@click.option("--cold", is_flag=True, help="Start every stage by itself, without the warm server.")
@click.option("--set-param", "-S", "overrides", multiple=True, metavar="OVERRIDE",
              help="Other settings than conf/ has; the result is kept as by `dvc exp run -S`.")  # fmt: skip
@click.option("--as-recorded", is_flag=True, help="Take what a clock decided, as a search's end, from the commit here.")
@click.option("--twice", is_flag=True, help="Then run every stage once more elsewhere: is the pipeline deterministic?")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(
    arguments: tuple[str, ...],
    allow_dirty: bool,
    keep_warm: bool,
    cold: bool,
    overrides: tuple[str, ...],
    twice: bool,
    as_recorded: bool,
) -> None:
    """Reproduce what edits reach, for a result that one commit with them can give again.

    It is dvc repro, warm, after checks: it refuses files that no commit could hold, packages other than locked, a stale
    compile. A run that fails leaves the tree as it was. ARGUMENTS are those of `dvc repro` (with -S, of `dvc exp run`):
    targets, --force, --dry, --downstream, ...
    """
    project = open_project()
    if not (arguments or overrides or twice or keep_warm) and nothing_to_do.nothing_to_do_here():
        click.echo(nothing_to_do.UP_TO_DATE)
        return
    from regrow.run import reproduce
    from regrow.warm import client

    if twice:
        _require_replay()
    os.environ[layout.TOLD] = "1"
    if as_recorded:
        os.environ[layout.AS_RECORDED] = "1"
    if cold:
        os.environ[client.COLD] = "1"
    settings = [part for override in overrides for part in ("--set-param", override)]
    asked = ["exp", "run", *settings, *arguments] if settings else ["repro", *arguments]
    code = reproduce.run(project, asked, allow_dirty=allow_dirty, keep_warm=keep_warm, say=say)
    if code == 0 and "--dry" not in arguments:
        from regrow.run import headline

        for line in headline.lines(project):
            click.echo(clean(line))
    if code == 0 and twice:
        _once_more()
    sys.exit(code)


def _once_more() -> None:
    """Replay the tree as it is, and exit as that does."""
    say("regrow: once more, in a clean place")
    cli(["replay", "--here"], standalone_mode=False)


def _require_replay() -> None:
    """Raise RegrowError, before anything runs, where the package that replays is not here."""
    from regrow.plugin import commands

    commands.of_ours("replay")
