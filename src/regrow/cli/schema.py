"""`regrow schema`."""

import sys

import click

from regrow import layout
from regrow.base.errors import Exit
from regrow.cli import say
from regrow.plugin.manager import load_plugins
from regrow.plugin.project import open_project
from regrow.settings import json_schemas


@click.command("schema")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is not what it would write.")
def command(check: bool) -> None:
    """Write JSON Schemas of the files in conf/ to .vscode/regrow/, and name them in .vscode/settings.json.

    Editors with a YAML language server then complete and check settings.
    """
    project = open_project()
    changed, note = json_schemas.write(project, load_plugins(project), check=check)
    for name in changed:
        click.echo(f"{'stale: ' if check else 'wrote ' if project.path(name).exists() else 'removed '}{name}")
    if note:
        say(note)
    if check and changed:
        say("run: regrow schema")
        sys.exit(int(Exit.FAILURE))
    if not changed:
        click.echo(f"{layout.SCHEMAS}/ fits the plugins")
