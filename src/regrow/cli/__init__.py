"""The command line: one file a command, imported when it is called.

Errors become text and an exit code here, nowhere else.
"""

import contextlib
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from regrow import __version__, layout
from regrow.base.errors import Exit, RegrowError
from regrow.layout import ALIASES, COMMANDS, ELSEWHERE

if TYPE_CHECKING:
    from regrow.plugin.declare import Command


def _everywhere() -> "dict[str, Command]":
    """The commands that installed packages bring to every project."""
    from regrow.plugin import commands

    return {name: command for name, (command, _) in commands.everywhere().items()}


def _of_plugins() -> "dict[str, Command]":
    """The commands that plugins of the project around the current folder bring, of a broken one none; outside a project
    those of all that are installed: some need no project."""
    from regrow.plugin.manager import installed_plugins, load_modules, load_plugins
    from regrow.plugin.project import open_project

    if layout.find_project(Path.cwd()) is None:
        return dict(load_modules(entry.value for entry in installed_plugins()).commands)
    try:
        return dict(load_plugins(open_project()).commands)
    except RegrowError:  # what is wrong with pyproject.toml the other commands say
        return {}


def _brought(name: str) -> "Command | None":
    from regrow.plugin import commands

    return commands.of_ours(name) if name in ELSEWHERE else (_everywhere().get(name) or _of_plugins().get(name))


def _imported(command: "Command") -> click.Command:
    from regrow.plugin.components import load

    where = f"command {command.name}"
    try:
        found = load(command.run)
    except (Exception, SystemExit) as error:
        wrong = f"{command.run!r} can't be imported: {type(error).__name__}: {error}"
        raise RegrowError(wrong, where=where, fix="mend the plugin that brings it: regrow plugins") from None
    if not isinstance(found, click.Command):
        raise RegrowError(f"{command.run!r} is no click command, but a {type(found).__name__}", where=where)
    return found


class _Commands(click.Group):
    """Finds a command's module by its name, so that `--help` and `--version` import nothing else."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(dict.fromkeys([*COMMANDS, *_everywhere(), *_of_plugins()]))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        cmd_name = ALIASES.get(cmd_name, cmd_name)
        if cmd_name in COMMANDS:
            return importlib.import_module(f"regrow.cli.{cmd_name}").command
        brought = _brought(cmd_name)
        return _imported(brought) if brought else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
        there = _everywhere()
        own = {name: command for name, command in _of_plugins().items() if name not in there}
        inside = layout.find_project(Path.cwd()) is not None
        for title, brought in (("installed packages", there), ("this project's plugins" if inside else "plugins", own)):
            if brought:
                with formatter.section(f"Commands of {title}"):
                    formatter.write_dl([(name, command.about) for name, command in brought.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in {*COMMANDS, *ALIASES, *ELSEWHERE} and not args[0].startswith("-"):
            there = self.list_commands(ctx)
            if args[0] not in there:
                from regrow.plugin.components import nearest

                ctx.fail(f"no command {args[0]!r}; {nearest(args[0], there)}")
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
        others = [name for name in sys.argv[1:2] if name not in {*COMMANDS, *ALIASES, *ELSEWHERE}]
        own = f"command {others[0]!r} of a plugin failed" if others else "an error of regrow's own"
        say(f"regrow: {own}: {type(error).__name__}: {error}")
        say("    to see where, and to report it: set REGROW_TRACEBACK=1 and run the same command")
        code = Exit.FAILURE
    sys.exit(int(code or 0))
