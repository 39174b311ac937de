"""Commands that are there in every project: of packages with an entry point of the group `regrow.commands`."""

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.plugin.declare import Command, Plugin
from regrow.plugin.manager import installed_plugins, load_entries


def everywhere() -> Mapping[str, tuple[Command, Plugin]]:
    """All, by name, each with what brings it; of two of one name the first package's, of a broken package none."""
    return _found(installed_plugins(layout.COMMAND_POINTS))


def of_ours(name: str) -> Command:
    """One of `layout.ELSEWHERE`: only its own package is looked at, which is quick. Raises RegrowError without that."""
    package = layout.ELSEWHERE[name]
    try:
        entries = [one for one in distribution(package).entry_points if one.group == layout.COMMAND_POINTS]
    except PackageNotFoundError:
        fix = f"pip install {package}"
        fix += f"\nin a project: its wheel in vendor/, {package} in requirements.in, make lock && make setup"
        wrong = f"comes with the package {package}, which is not installed"
        raise RegrowError(wrong, where=f"regrow {name}", fix=fix) from None
    found = _found(entries).get(name)
    if found is None:
        broken = next((one.problem for one in load_entries(entries).loaded if one.problem), "it brings no such command")
        fix = f"pip install --force-reinstall {package}"
        raise RegrowError(f"package {package}: {broken}", where=f"regrow {name}", fix=fix)
    return found[0]


def _found(entries: Iterable[EntryPoint]) -> dict[str, tuple[Command, Plugin]]:
    found: dict[str, tuple[Command, Plugin]] = {}
    for plugin in load_entries(entries).loaded:
        for command in plugin.commands:
            own = layout.ELSEWHERE.get(command.name, plugin.distribution) == plugin.distribution
            if own and command.name not in layout.COMMANDS.keys() | layout.ALIASES.keys():
                found.setdefault(command.name, (command, plugin))
    return dict(sorted(found.items()))
