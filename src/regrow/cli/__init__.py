"""The command line: one file a command, imported when it is called.

Errors become text and an exit code here, nowhere else.
"""

import contextlib
import importlib
import os
import sys
from pathlib import Path

import click

from regrow import __version__
from regrow.base.errors import Exit, RegrowError

# In the order of the flow; the text is what `regrow --help` shows.
COMMANDS = {
    "compile": "Write dvc.yaml, params.yaml and the fingerprints from conf/ and the plugins.",
    "stage": "Run one stage: the command of every stage in dvc.yaml.",
    "run": "Reproduce what edits reach, for a result that one commit with them can give again.",
    "replay": "Run a commit again in a clean place; compare every output with what it recorded.",
    "verify": "Hash what is on disk, in cache and remote against what a commit recorded.",
    "inspect": "Show the record of a commit: what it would run, on what, with what. Runs nothing.",
    "explain": "Say why stages would run again: settings, code, packages, data.",
    "sweep": "Run many experiments at once, each kept as a DVC experiment.",
    "experiments": "List experiments with metrics and the settings that vary, read from Git; also: ls.",
    "adopt": "Keep an experiment's settings as a file in conf/experiment/.",
    "plugins": "List the plugins with their stages, components and config groups.",
    "components": "List what settings can `use:`, by kind; describe one with its settings.",
    "schema": "Write JSON Schemas of the files in conf/, for editors.",
    "doctor": "Check what the project needs here: Git, DVC, Python, lock, plugins.",
}


ALIASES = {"ls": "experiments"}


class _Commands(click.Group):
    """Finds a command's module by its name, so that `--help` and `--version` import nothing else."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        cmd_name = ALIASES.get(cmd_name, cmd_name)
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(f"regrow.cli.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS.keys() | ALIASES.keys() and not args[0].startswith("-"):
            from regrow.plugin.components import nearest

            ctx.fail(f"no command {args[0]!r}; {nearest(args[0], list(COMMANDS))}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="regrow", message="%(prog)s %(version)s")
def cli() -> None:
    """Machine-learning projects in which every experiment can be regrown from its Git commit."""


def say(line: str) -> None:
    """Tell the user something beside a command's output."""
    click.echo(line, err=True)


def _note(code: Exit) -> None:
    """Where a stage's exit code has a meaning, leave it for `regrow run`: DVC ends in 255 whatever a stage says.

    Of the compile stage, 1 has: what is compiled is stale.
    """
    from regrow import layout

    meant = code is not Exit.FAILURE or os.environ.get("DVC_STAGE") == layout.COMPILE
    if code is not Exit.OK and meant and "DVC_STAGE" in os.environ:
        with contextlib.suppress(OSError):
            file = Path(os.environ.get("DVC_ROOT", ".")) / layout.FAILED
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(str(int(code)), encoding="utf-8")


def main() -> None:
    """The console script. Exit codes are those of `regrow.base.errors.Exit`; a usage error is 1."""
    if os.environ.get("REGROW_TRACEBACK"):
        sys.exit(cli(standalone_mode=False))
    try:
        code = cli(standalone_mode=False)
    except RegrowError as error:
        say(f"regrow: {error}")
        code = error.code
        _note(code)
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = Exit.FAILURE
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.FAILURE
    except OSError as error:
        say(f"regrow: {error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        code = Exit.FAILURE
    except Exception as error:
        say(f"regrow: an error of regrow's own: {type(error).__name__}: {error}")
        say("    to see where, and to report it: set REGROW_TRACEBACK=1 and run the same command")
        code = Exit.FAILURE
    sys.exit(int(code or 0))
