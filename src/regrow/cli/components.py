"""`regrow components`."""

import json
from itertools import groupby
from pathlib import Path
from textwrap import fill
from typing import Any

import click

from regrow import layout
from regrow.cli import say
from regrow.plugin import describe
from regrow.plugin.declare import Component
from regrow.plugin.manager import Plugins, installed_plugins, load_modules, load_plugins
from regrow.plugin.project import open_project

WIDTH = 80
FACTS = ("tasks", "tags", "better", "source", "extra", "packages", "example")


@click.command("components")
@click.argument("kind", default="", metavar="[KIND]")
@click.argument("name", default="", metavar="[NAME]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with all settings.")
def command(kind: str, name: str, as_json: bool) -> None:
    """List what settings can `use:`: all, those of a KIND, or all there is to know of one.

    Inside a project they are those of its plugins, elsewhere those of all plugins installed.
    """
    plugins = _plugins()
    for plugin in plugins.loaded:
        if plugin.problem:
            say(f"plugin {plugin.name}: {plugin.problem}")
    found = describe.found(plugins, kind, name)
    if as_json:
        every = [describe.facts(plugin, one) for plugin, one in found]
        click.echo(json.dumps(every[0] if name else every, indent=2, ensure_ascii=False))
    elif name:
        _describe(*found[0])
    else:
        _table(found)


def _plugins() -> Plugins:
    if layout.find_project(Path.cwd()):
        return load_plugins(open_project())
    return load_modules(dict.fromkeys(entry.value for entry in installed_plugins()))


def _table(found: list[tuple[str, Component]]) -> None:
    for kind, group in groupby(found, lambda pair: pair[1].kind):
        rows = list(group)
        names, owners = (max(map(len, column)) for column in zip(*((one.name, by) for by, one in rows), strict=True))
        click.secho(kind, bold=True)
        for by, one in rows:
            line = f"  {one.name:{names}}  {by:{owners}}  {one.about}".rstrip()
            click.echo(line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}...")


def _describe(plugin: str, component: Component) -> None:
    facts = describe.facts(plugin, component)
    click.secho(f"{component.kind} {component.name}, of plugin {plugin}", bold=True)
    for text in filter(None, [component.about, *(f"{key}: {_text(facts[key])}" for key in FACTS if facts[key])]):
        click.echo(fill(text, WIDTH, subsequent_indent="  "))
    for one in describe.settings(component):
        click.echo(fill(f"{one.name}: {one.told}", WIDTH, subsequent_indent="  "))
        if one.description:
            click.echo(fill(one.description, WIDTH, initial_indent="  ", subsequent_indent="  "))


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
