"""Find the plugins that a project names, load each apart from the others, check and sort what they bring."""

import inspect
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import EntryPoint
from typing import Any

import pluggy

from regrow import layout
from regrow.base import find_source as modules
from regrow.base.errors import Problem, RegrowError
from regrow.plugin import distributions as installed
from regrow.plugin import spec
from regrow.plugin.components import Registry, nearest
from regrow.plugin.declare import ArtifactType, Command, Component, Kind, Plugin, Stage
from regrow.plugin.import_source import use_own_code
from regrow.plugin.kinds import KINDS
from regrow.plugin.needs import settled
from regrow.plugin.project import Project

PREFIX = "regrow_"
OWN_COMMANDS = {*layout.COMMANDS, *layout.ALIASES, *layout.ELSEWHERE}
HOOKS = tuple(name for name in vars(spec) if name.startswith(PREFIX))


class _Manager(pluggy.PluginManager):
    """pluggy's manager; a plugin's `regrow_*` functions are hooks without a decorator, as pytest does it."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        options = super().parse_hookimpl_opts(plugin, name)
        if options is None and name.startswith(PREFIX) and inspect.isroutine(getattr(plugin, name, None)):
            return {}
        return options


@dataclass(frozen=True)
class Plugins:
    """The plugins of a project, sorted by name; those that failed carry a `problem` and bring nothing."""

    loaded: tuple[Plugin, ...]
    manager: pluggy.PluginManager
    #: the project's, by name: a need may be one of them
    sources: tuple[str, ...] = ()
    #: what the project leaves out, as "plugin.stage"
    without: tuple[str, ...] = ()

    @cached_property
    def components(self) -> Registry:
        """Every component by (kind, name); of duplicates the first plugin's, `problems` tells of them."""
        registry: dict[tuple[str, str], Component] = {}
        for plugin in self.loaded:
            for component in plugin.components:
                registry.setdefault((component.kind, component.name), component)
        return registry

    @cached_property
    def types(self) -> Mapping[str, ArtifactType]:
        """Every artifact type that a plugin brings, by name."""
        return {one.name: one for plugin in self.loaded for one in plugin.artifacts}

    @cached_property
    def model_types(self) -> tuple[str, ...]:
        """The types that a model file may hold beside those of `regrow.artifacts.model_types`: "module:Class"."""
        return tuple(sorted({path for component in self.components.values() for path in component.types}))

    @cached_property
    def stages(self) -> Mapping[str, Stage]:
        """Every stage by name, sorted; its needs hold the names they stand for, and its artifacts their types."""
        stages: dict[str, Stage] = {}
        for _, stage in self._taken():
            stages.setdefault(stage.name, stage)
        types = {made.name: made.type for stage in stages.values() for made in stage.makes}
        within = {made.name: stage.pipeline for stage in stages.values() for made in stage.makes}

        def whole(stage: Stage) -> Stage:
            others = {name for name, pipeline in within.items() if pipeline != stage.pipeline}
            own = {made.name for made in stage.makes}
            needs = tuple(settled(need, types, own | others, self.sources) for need in stage.needs)
            makes = tuple(
                replace(one, kept=self.types[one.type]) if one.type in self.types else one for one in stage.makes
            )
            return replace(stage, needs=needs, makes=makes)

        return {name: whole(stage) for name, stage in sorted(stages.items())}

    def _taken(self) -> Iterable[tuple[Plugin, Stage]]:
        """The stages of all plugins but those that the project leaves out."""
        every = ((plugin, stage) for plugin in self.loaded for stage in plugin.stages)
        return ((plugin, stage) for plugin, stage in every if f"{plugin.name}.{stage.name}" not in self.without)

    @cached_property
    def commands(self) -> Mapping[str, Command]:
        """Every command that a plugin brings, by name, sorted; none that has the name of one of regrow's."""
        found = {one.name: one for plugin in reversed(self.loaded) for one in plugin.commands}
        return {name: one for name, one in sorted(found.items()) if name not in OWN_COMMANDS}

    @cached_property
    def config_packages(self) -> tuple[tuple[str, str], ...]:
        """(plugin name, dotted package) of everything that ships Hydra groups."""
        return tuple((plugin.name, package) for plugin in self.loaded for package in plugin.config)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What keeps the pipeline from being compiled: plugins that failed, names that two plugins claim."""
        failed = [
            Problem(
                plugin.problem,
                f"plugin {plugin.name}",
                f"mend it, or take it out of {layout.PYPROJECT} [tool.regrow] plugins",
            )
            for plugin in self.loaded
            if plugin.problem
        ]
        return (*failed, *self._left_out(), *self._duplicates(), *self._undeclared())

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Every kind of component by name: regrow's own and the plugins'."""
        return {**{kind.name: kind for plugin in self.loaded for kind in plugin.kinds}, **KINDS}

    def _undeclared(self) -> Iterable[Problem]:
        for plugin in self.loaded:
            for component in plugin.components:
                if component.kind not in self.kinds:
                    wrong = f"component {component.name!r} is of kind {component.kind!r}, which nobody declares"
                    fix = f"{nearest(component.kind, list(self.kinds))}\na kind of your own: regrow_kinds()"
                    yield Problem(wrong, f"plugin {plugin.name}", fix)

    def _left_out(self) -> Iterable[Problem]:
        there = [f"{plugin.name}.{stage.name}" for plugin in self.loaded for stage in plugin.stages]
        broken = {plugin.name for plugin in self.loaded if plugin.problem}
        for name in self.without:
            if name not in there and name.partition(".")[0] not in broken:
                yield Problem(f"without names {name!r}, which is no stage", f"{layout.PYPROJECT} [tool.regrow]",
                              nearest(name, there))  # fmt: skip

    def _duplicates(self) -> Iterable[Problem]:
        owners: dict[str, list[str]] = defaultdict(list)
        owners |= {f"kind {name!r}": ["regrow"] for name in KINDS}
        for plugin, stage in self._taken():
            owners[f"stage {stage.name!r}"].append(plugin.name)
        for plugin in self.loaded:
            for kind in plugin.kinds:
                owners[f"kind {kind.name!r}"].append(plugin.name)
            for component in plugin.components:
                owners[f"{component.kind} {component.name!r}"].append(plugin.name)
            for one in plugin.artifacts:
                owners[f"artifact type {one.name!r}"].append(plugin.name)
            for command in plugin.commands:
                owners[f"command {command.name!r}"] += [plugin.name, *(["regrow"] * (command.name in OWN_COMMANDS))]
            for option in config_options(plugin):
                owners[f"config option {option!r}"].append(plugin.name)
        for what, plugins in sorted(owners.items()):
            if len(plugins) > 1:
                yield Problem(
                    f"{what} is declared twice", f"plugins {', '.join(plugins)}", "rename one of them, or drop a plugin"
                )

    def require_sound(self) -> None:
        """Raise RegrowError if any plugin failed or two claim one name."""
        if self.problems:
            raise RegrowError.of(self.problems)

    def owner(self, stage: str) -> Plugin:
        """The plugin that brings a stage. Raises RegrowError, with the stages there are, for an unknown name."""
        for plugin, own in self._taken():
            if own.name == stage:
                return plugin
        raise RegrowError(f"no stage is called {stage!r}; {nearest(stage, list(self.stages))}")


def config_options(plugin: Plugin) -> list[str]:
    """The options of Hydra groups that a plugin ships, such as "drift/default"; one entry for each file, sorted."""
    folders = [folder for package in plugin.config if (folder := modules.find_folder(package))]
    files = [file.relative_to(folder) for folder in folders for file in folder.rglob("*.yaml")]
    return sorted(file.with_suffix("").as_posix() for file in files)


def load_plugins(project: Project) -> Plugins:
    """Load what the project names, and its own plugin.py. Never raises for a plugin's own faults.

    They are in its `problem`.
    """
    use_own_code(project)
    manager = _Manager("regrow")
    manager.add_hookspecs(spec)
    there = installed_plugins()
    loaded = [_load(manager, name, _entry_point(name, there)) for name in sorted(project.plugins)]
    if project.package and modules.find_source(f"{project.package}.plugin"):
        own = EntryPoint(layout.PROJECT_PLUGIN, f"{project.package}.plugin", layout.ENTRY_POINTS)
        loaded.append(_load(manager, layout.PROJECT_PLUGIN, own))
    found = tuple(sorted(_without_twins(loaded), key=lambda plugin: plugin.name))
    return Plugins(found, manager, tuple(project.sources), project.without)


def load_modules(modules: Iterable[str]) -> Plugins:
    """Load plugins by the names of their modules, without a project; as `load_plugins`, their faults are in them."""
    known = {entry.value: entry for entry in installed_plugins()}
    plain = ((name, EntryPoint(name.partition(".")[0], name, layout.ENTRY_POINTS)) for name in modules)
    return load_entries(known.get(name, entry) for name, entry in plain)


def load_entries(entries: Iterable[EntryPoint]) -> Plugins:
    """Load what entry points name, without a project; as `load_plugins`, faults are in what is loaded."""
    manager = _Manager("regrow")
    manager.add_hookspecs(spec)
    loaded = [_load(manager, entry.name, entry) for entry in entries]
    return Plugins(tuple(sorted(loaded, key=lambda plugin: plugin.name)), manager)


def _without_twins(plugins: list[Plugin]) -> Iterable[Plugin]:
    """A plugin listed once by its own and once by its distribution's name is one plugin."""
    seen: dict[str, Plugin] = {}
    for plugin in plugins:
        if not plugin.module or seen.setdefault(plugin.module, plugin) is plugin:
            yield plugin


def installed_plugins(group: str = layout.ENTRY_POINTS) -> tuple[EntryPoint, ...]:
    """All entry points of a group in this environment, sorted by name and distribution."""
    first = {one.name: one for one in reversed(list(installed.distributions()))}
    found = (entry for one in first.values() for entry in one.entry_points if entry.group == group)
    return tuple(sorted(found, key=lambda entry: (entry.name, _distribution(entry))))


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else ""


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _entry_point(name: str, installed: tuple[EntryPoint, ...]) -> EntryPoint | str:
    """The one entry point of that name (or of the distribution of that name), or what is wrong."""
    found = [e for e in installed if e.name == name] or [
        e for e in installed if _plain(_distribution(e)) == _plain(name)
    ]
    if not found:
        hint = nearest(name, [entry.name for entry in installed])
        fix = "get it: make setup (if it is locked), or pip install the package that brings it"
        return f"is not installed in this environment; {hint}\n{fix}"
    distributions = sorted({_distribution(entry) for entry in found})
    if len(distributions) > 1:
        return f"is brought by two installed packages: {', '.join(distributions)}; uninstall one"
    return found[0]


def _load(manager: _Manager, name: str, entry: EntryPoint | str) -> Plugin:
    if isinstance(entry, str):
        return Plugin(name, problem=entry)
    version = entry.dist.version if entry.dist else ""
    plugin = Plugin(entry.name, _distribution(entry), version, entry.value)
    try:
        module = entry.load()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin may also sys.exit() when it is imported
        return replace(plugin, problem=f"importing {entry.value} failed: {_say(error)}")
    problem = _misspelt(module) or _register(manager, module, entry.name)
    if problem:
        return replace(plugin, problem=problem)
    try:
        return _collect(manager, plugin, module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        manager.unregister(module)
        return replace(plugin, problem=_say(error))


def _say(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"it called sys.exit({error.code!r})"
    return f"{type(error).__name__}: {error}"


def _misspelt(module: object) -> str:
    if isinstance(module, type):
        return f"its entry point names the class {module.__name__}; let it name a module, or an instance"
    for name in dir(module):
        value = inspect.getattr_static(module, name)
        if name.startswith(PREFIX) and name not in HOOKS and inspect.isroutine(value):
            return f"function {name} is not a hook; {nearest(name, list(HOOKS))}"
        if name in HOOKS and not inspect.isroutine(value):
            return f"{name} is not callable: make it a function"
        own = isinstance(value, type) and value.__module__ == getattr(module, "__name__", "")
        if hooks := [one for one in HOOKS if own and hasattr(value, one)]:
            return f"{hooks[0]} is in the class {name}, where nobody calls it; make it a function of the module"
    return ""


def _register(manager: _Manager, module: object, name: str) -> str:
    try:
        manager.register(module, name)
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        if manager.is_registered(module):
            manager.unregister(module)
        return f"wrong signature: {str(error).replace(chr(10), ' ')}"
    return ""


def hook_of(manager: pluggy.PluginManager, module: object, hook: str) -> pluggy.HookCaller:
    """A hook that calls one plugin alone, so that whose answer or failure it is is known."""
    return manager.subset_hook_caller(hook, [other for other in manager.get_plugins() if other is not module])


def _collect(manager: pluggy.PluginManager, plugin: Plugin, module: object) -> Plugin:
    def call(hook: str) -> Any:
        alone = hook_of(manager, module, hook)
        answers = alone()
        said_none = any(not one.wrapper for one in alone.get_hookimpls())  # which pluggy leaves out
        return answers[0] if answers else None if said_none else ()

    config = call("regrow_config")
    if not isinstance(config, str | list | tuple):
        raise ValueError(f"regrow_config must return the dotted name of a package, not {config!r}")
    config = (config,) if isinstance(config, str) else tuple(config)
    for package in config:
        if not isinstance(package, str) or modules.find_folder(package) is None:
            raise ValueError(f"regrow_config names {package!r}, which is not a package that can be found")
    return replace(
        plugin,
        stages=_all_of(Stage, call("regrow_stages"), "regrow_stages"),
        components=_all_of(Component, call("regrow_components"), "regrow_components"),
        kinds=_all_of(Kind, call("regrow_kinds"), "regrow_kinds"),
        commands=_all_of(Command, call("regrow_commands"), "regrow_commands"),
        artifacts=_all_of(ArtifactType, call("regrow_artifacts"), "regrow_artifacts"),
        config=config,
    )


def _all_of(kind: type[Any], values: Any, hook: str) -> tuple[Any, ...]:
    if not isinstance(values, list | tuple) or not all(isinstance(value, kind) for value in values):
        raise ValueError(f"{hook} must return a list of {kind.__name__}, not {values!r}")
    return tuple(sorted(values, key=lambda value: (getattr(value, "kind", ""), value.name)))
