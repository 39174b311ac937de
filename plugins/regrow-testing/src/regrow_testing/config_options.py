"""The config options that a plugin ships: each must compose, and name components with parameters that they take."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base import find_source
from regrow.base.errors import Problem, RegrowError
from regrow.base.yaml_files import ABSENT, ambiguous, look_up
from regrow.plugin.components import nearest, parse
from regrow.plugin.declare import Plugin
from regrow.plugin.manager import Plugins, config_options
from regrow.settings.compose import normal, refused_for, stage_settings
from regrow.settings.removable import step_keys
from regrow.tools import hydra
from regrow_testing.two_runs import ExampleRun


def check(plugin: Plugin, plugins: Plugins, examples: Sequence[ExampleRun]) -> list[Problem]:
    """What is wrong with them. An option that a stage with an example reads is tried in the place of the example's."""
    problems = []
    for package in plugin.config:
        folder = find_source.find_folder(package)
        if folder is not None:
            for file in sorted(folder.rglob("*.yaml")):
                problems += ambiguous(file, f"config option {file.relative_to(folder).as_posix()}")
    return problems or [one for option in config_options(plugin) for one in _option(option, plugins, examples)]


def uses(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping in settings that names a component."""
    if isinstance(node, Mapping):
        if isinstance(node.get("use"), str):
            yield node
        for value in node.values():
            yield from uses(value)
    elif isinstance(node, list):
        for value in node:
            yield from uses(value)


def _option(option: str, plugins: Plugins, examples: Sequence[ExampleRun]) -> list[Problem]:
    where = f"config option {option}"
    key = ".".join(option.split("/")[:-1])
    readers = [one for one in examples if any(_overlap(key, param) for param in one.stage.params)]
    try:
        composed = normal(_compose(option, plugins, (readers or examples)[:1]), step_keys(plugins.stages.values()))
    except RegrowError as error:
        return [Problem(problem.wrong, where) for problem in error.problems]
    if not readers or look_up(composed, key) is ABSENT:
        return [
            Problem(wrong, where)
            for block in uses(look_up(composed, key) if key else composed)
            for wrong in _misuse(block, plugins)
        ]
    refused: dict[str, str] = {}
    for example in readers:
        try:
            stage_settings(example.stage, _in_place(example, key, composed), plugins.components)
            refused[example.stage.name] = ""
        except Exception as error:
            refused.setdefault(example.stage.name, "; ".join(refused_for(error)))
    return [Problem(f"stage {stage} refuses it: {wrong}", where) for stage, wrong in refused.items() if wrong]


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def _compose(option: str, plugins: Plugins, examples: Sequence[ExampleRun]) -> dict[str, Any]:
    """The option as Hydra composes it, with an example's other settings around it for interpolations."""
    group, _, name = option.rpartition("/")
    others = {key: value for one in examples for key, value in one.settings.items() if key != group.partition("/")[0]}
    folders = [folder for _, package in plugins.config_packages if (folder := find_source.find_folder(package))]
    config = {
        "hydra": {"searchpath": [f"file://{folder}" for folder in folders]},
        "defaults": ["_self_", {group: name} if group else name],
        **others,
    }
    with tempfile.TemporaryDirectory(prefix="regrow-") as root:
        file = Path(root, layout.CONF, f"{layout.CONFIG_NAME}.yaml")
        file.parent.mkdir()
        file.write_text(json.dumps(config), encoding="utf-8")
        return hydra.compose(Path(root))


def _in_place(example: ExampleRun, key: str, composed: Mapping[str, Any]) -> dict[str, Any]:
    """The example's settings with those keys of its stage that the option says."""
    settings = json.loads(json.dumps(example.settings))
    for param in example.stage.params:
        inner = max(param, key, key=len)
        value = look_up(dict(composed), inner)
        if _overlap(key, param) and value is not ABSENT:
            *above, last = inner.split(".")
            node = settings
            for part in above:
                node = node.setdefault(part, {})
            node[last] = value
    return normal(settings, step_keys([example.stage]))


def _misuse(block: Mapping[str, Any], plugins: Plugins) -> Iterator[str]:
    """Why no component of that name, of whatever kind, takes these parameters."""
    named = [component for (_, name), component in plugins.components.items() if name == block["use"]]
    if not named:
        names_ = [name for _, name in plugins.components]
        yield f"no component is called {block['use']!r}; {nearest(block['use'], names_)}"
    wrong = []
    for component in named:
        try:
            parse(component, {name: value for name, value in block.items() if name != "use"})
            return
        except Exception as error:
            said = "; ".join(refused_for(error))
            wrong.append(f"{component.kind} {component.name} refuses its parameters: {said}")
    yield from wrong
