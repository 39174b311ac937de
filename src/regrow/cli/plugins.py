"""`regrow plugins`."""

import json
import sys
from typing import Any

import click

from regrow import layout
from regrow.base import find_source
from regrow.base.errors import Exit
from regrow.plugin import commands
from regrow.plugin.declare import Plugin
from regrow.plugin.manager import Plugins, installed_plugins, load_plugins
from regrow.plugin.project import Project, open_project


@click.command("plugins")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """List the project's plugins: what each brings, what is wrong with it, and what is installed but not used."""
    project = open_project()
    plugins = load_plugins(project)
    rows = [_row(plugin, plugins) for plugin in plugins.loaded]
    others, everywhere = _unused(project, plugins), _everywhere()
    code = Exit.FAILURE if plugins.problems else Exit.OK
    if as_json:
        problems = [str(problem) for problem in plugins.problems]
        told = {"plugins": rows, "everywhere": everywhere, "installed_only": others, "problems": problems}
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        sys.exit(int(code))
    for row in rows:
        click.secho(
            " ".join(
                filter(
                    None,
                    (row["name"], row["version"], "" if row["name"] == row["distribution"] else row["distribution"]),
                )
            ),
            bold=True,
        )
        if row["problem"]:
            click.secho(f"  broken: {row['problem']}", fg="red")
        for what in ("stages", "components", "artifacts", "commands", "config", "left_out"):
            if row[what]:
                click.echo(f"  {what.replace('_', ' ')}: {', '.join(row[what])}")
    for problem in plugins.problems:
        if not problem.where.startswith("plugin "):
            click.secho(str(problem), fg="red")
    for package, names in everywhere.items():
        click.echo(f"in every project, {package}: {', '.join(names)}")
    if others:
        click.echo(f"installed, but not in {layout.PYPROJECT} [tool.regrow] plugins: {', '.join(others)}")
    sys.exit(int(code))


def _row(plugin: Plugin, plugins: Plugins) -> dict[str, Any]:
    groups = {
        f"{file.parent.name}/{file.stem}"
        for package in plugin.config
        if (folder := find_source.find_folder(package))
        for file in folder.glob("*/*.yaml")
    }
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "module": plugin.module,
        "stages": [one.name for one in plugin.stages if f"{plugin.name}.{one.name}" not in plugins.without],
        "left_out": [one.name for one in plugin.stages if f"{plugin.name}.{one.name}" in plugins.without],
        "components": [f"{component.name} ({component.kind})" for component in plugin.components],
        "artifacts": [one.name for one in plugin.artifacts],
        "commands": [one.name for one in plugin.commands],
        "config": sorted(groups),
        "problem": plugin.problem,
    }


def _everywhere() -> dict[str, list[str]]:
    """The commands that packages bring whatever the project lists, by package."""
    found: dict[str, list[str]] = {}
    for name, (_, plugin) in commands.everywhere().items():
        found.setdefault(plugin.distribution, []).append(name)
    return found


def _unused(project: Project, plugins: Plugins) -> list[str]:
    used = {plugin.module for plugin in plugins.loaded}
    return sorted({entry.name for entry in installed_plugins() if entry.value not in used})
