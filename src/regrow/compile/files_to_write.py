"""What `regrow compile` would write: every file with its text, worked out before any is touched."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

from regrow import layout
from regrow.base import find_source
from regrow.base.errors import Problem, RegrowError
from regrow.base.yaml_files import read_text, read_yaml
from regrow.compile import dvc_yaml, stale_outputs
from regrow.fingerprint.code.asks import Ask
from regrow.fingerprint.code.lookup import Code
from regrow.fingerprint.fingerprint import code_of, fingerprint, is_installed, used
from regrow.plugin.components import nearest
from regrow.plugin.declare import Stage
from regrow.plugin.manager import Plugins, load_plugins
from regrow.plugin.project import Project
from regrow.settings.compose import Settings, compose, computing, subset, to_text, validate
from regrow.settings.removable import step_keys
from regrow.tools import dvc_templates
from regrow.tools.declared_paths import parsed

DEFAULTS_HEADER = """\
# What the plugins bring by default: one line for each config group that a plugin's stage needs and that
# conf/config.yaml does not choose itself. Written by regrow compile; to choose otherwise, add the group to
# the defaults in conf/config.yaml.
"""


@dataclass(frozen=True)
class Plan:
    """base: what conf/ says. settings: what params.yaml is to hold. stages: our part of dvc.yaml as data.
    files: path -> text of everything compile writes but dvc.yaml. dynamic: stage -> code that could not be followed.
    asks: what code asks of clock, chance and machine -> the stages that reach it. checked: stage -> its settings as its
    function gets them. left: what stages that are gone have left behind, for people."""

    base: Settings
    settings: Settings
    order: tuple[Stage, ...]
    stages: Mapping[str, Any]
    files: Mapping[str, str]
    dynamic: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    asks: Mapping[Ask, list[str]] = field(default_factory=dict)
    checked: Mapping[str, Any] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


class _ByHand(NamedTuple):
    """A person's own stages, and the settings keys they use, in `params:` or put in for `${}`."""

    stages: Mapping[str, Any]
    keys: list[str]


def make(
    project: Project,
    plugins: Plugins,
    settings: Settings | None = None,
    *,
    base: Settings | None = None,
    code: Code | None = None,
) -> Plan:
    """Compile the project. `settings`: what to use in place of what conf/ says (an experiment's). `base`, `code`: what
    conf/ says, and what was read of the code, if that was done already.

    Raises RegrowError for anything that is wrong with plugins, stages or settings.
    """
    from regrow.tools import hydra

    plugins.require_sound()
    order = dvc_yaml.ordered(plugins.stages, project.sources, plugins.types)
    base = compose(project) if base is None else base
    settings = base if settings is None else settings
    text = hydra.to_yaml(settings)
    by_hand = _by_hand(project, text)
    checked = validate(project, settings, plugins.stages, plugins.components, by_hand.keys)
    _require_packages(checked)
    artifacts = dvc_yaml.artifacts_of(plugins.stages)
    files = {layout.PARAMS: text, layout.SETTINGS_LOCK: to_text(base)}
    dynamic: dict[str, Mapping[str, str]] = {}
    asks: dict[Ask, list[str]] = {}
    code = code or code_of(plugins)
    _require_code(order, checked, code)
    for stage in order:
        make_one = partial(fingerprint, stage, checked[stage.name], settings, plugins, artifacts, code)
        text, unfollowed, asked = code.once((f"stage {stage.name}", _decisive(stage, settings)), make_one)
        files[layout.fingerprint(stage.name)] = text
        if unfollowed:
            dynamic[stage.name] = unfollowed
        for ask in asked:
            asks.setdefault(ask, []).append(stage.name)
    deps = [dep for dep in layout.COMPILE_DEPS if project.path(dep).exists()]
    stages = dvc_yaml.dvc_stages(order, project.sources, deps)
    every = {**by_hand.stages, **stages}
    if stale := stale_outputs.still_read(project, every, by_hand.stages):
        raise RegrowError.of(stale)
    return Plan(base, settings, tuple(order), stages, files, dynamic, asks, checked, stale_outputs.left(project, every))


def _decisive(stage: Stage, settings: Settings) -> str:
    """The settings that a fingerprint depends on, their order included."""
    return json.dumps([subset(settings, stage.params), computing(settings)], default=str)


def _require_code(order: list[Stage], checked: Mapping[str, Any], code: Code) -> None:
    """Raise RegrowError for functions that a stage or a component in use names, and that are not there."""
    named = [(f"stage {stage.name}, run", stage.run) for stage in order]
    components = {use.component for settings in checked.values() for use in used(settings)}
    kept = {made.kept for stage in order for made in stage.makes if made.kept}
    named += sorted(
        (f"artifact type {k.name}", f"{k.module}:{act}") for k in kept for act in ("read", "write", "check")
    )
    named += sorted((f"{component.kind} {component.name}, make", component.make) for component in components)
    told = [(f"stage {stage.name}, columns", stage.columns) for stage in order]
    told += sorted((f"{component.kind} {component.name}, columns", component.columns) for component in components)
    named += [(where, path) for where, path in told if path]
    problems = []
    for where, path in named:
        module, _, name = path.partition(":")
        source = code.source(module)
        if source is None and find_source.find(module) is None:
            problems.append(Problem(f"{path!r} names a module that is not there", where))
        elif source is not None and not code.binds(module, name) and not code.binds(module, "__getattr__"):
            choices = [*source.definitions, *source.imports]
            problems.append(Problem(f"module {module} has no {name!r}; {nearest(name, choices)}", where))
    if problems:
        raise RegrowError.of(problems)


def _require_packages(checked: Mapping[str, Any]) -> None:
    """Raise RegrowError for components in use that need a distribution that is not installed."""
    components = {use.component for settings in checked.values() for use in used(settings)}
    missing = {(c.kind, c.name, package) for c in components for package in c.packages if not is_installed(package)}
    if missing:
        raise RegrowError.of(
            Problem(
                f"needs the package {package}, which is not installed",
                f"{kind} {name}",
                f"pip install {package}; to keep it: add it to requirements.in, then make lock",
            )
            for kind, name, package in sorted(missing)
        )


def load(project: Project) -> tuple[Project, Plugins]:
    """The project, knowing its mappings of components, and its plugins. Raises RegrowError if one is broken."""
    plugins = load_plugins(project)
    plugins.require_sound()
    return replace(project, steps=step_keys(plugins.stages.values())), plugins


def read_dvc_yaml(project: Project) -> Any:
    """dvc.yaml as plain data, {} if there is none. Raises RegrowError if it is not YAML."""
    file = project.path(layout.DVC_YAML)
    return parsed(read_text(file, layout.DVC_YAML), layout.DVC_YAML) or {} if file.is_file() else {}


def _by_hand(project: Project, settings: str) -> _ByHand:
    """settings: params.yaml to be.

    Raises RegrowError for a stage that DVC could not read with these settings.
    """
    document = read_dvc_yaml(project)
    by_hand = dvc_yaml.written_by_hand(document)
    if not by_hand:
        return _ByHand({}, [])
    there = dvc_templates.on_disk(project.root)
    read = {layout.PARAMS: settings.encode()}.get
    own = dvc_templates.resolve({**document, "stages": by_hand}, "", lambda path: read(path) or there(path))
    if own.unresolved:
        fix = f"say it in {layout.CONF}/, in a file under vars:, or mend {layout.DVC_YAML}"
        where = f"{layout.DVC_YAML}, stage"
        raise RegrowError.of(
            Problem(f"DVC can't read it: {why}", f"{where} {n}", fix) for n, why in own.unresolved.items()
        )
    return _ByHand(own.stages, [*_params_of(own.stages), *dvc_templates.keys(by_hand)])


def _params_of(stages: Mapping[str, Any]) -> list[str]:
    """The settings keys that stages of dvc.yaml stand on in params.yaml."""
    keys: list[str] = []
    for entry in stages.values():
        listed = entry.get("params", ()) if isinstance(entry, dict) else ()
        for item in listed or ():
            if isinstance(item, str):
                keys.append(item)
            elif isinstance(item, dict):
                keys += item.get(layout.PARAMS) or ()
    return keys


def plugin_defaults(project: Project, plugins: Plugins) -> str:
    """The text of conf/plugins.yaml: the groups that stages need and only plugins bring.

    The option is `default`, or the only one there is. Raises RegrowError with the options where there are several.
    """
    chosen = _chosen_by_project(project)
    needed = {key.partition(".")[0] for stage in plugins.stages.values() for key in stage.params}
    lines = []
    for group in sorted(needed - chosen):
        options = _shipped_options(plugins, group)
        if not options:
            continue
        if "default" not in options and len(options) > 1:
            add = f"add `- {group}: NAME` to the defaults in {layout.CONF}/config.yaml"
            fix = f"choose one: {add}; {nearest('', options)}"
            raise RegrowError(
                f"a stage needs settings {group!r}, and there are several to choose from", where="conf/", fix=fix
            )
        lines.append(f"  - {group}: {'default' if 'default' in options else options[0]}\n")
    return f"{DEFAULTS_HEADER}defaults:\n{''.join(lines)}  - _self_\n"


def _shipped_options(plugins: Plugins, group: str) -> list[str]:

    folders = [find_source.find_folder(package) for _, package in plugins.config_packages]
    return sorted({file.stem for folder in folders if folder for file in (folder / group).glob("*.yaml")})


def _chosen_by_project(project: Project) -> set[str]:
    """Groups in the defaults of conf/config.yaml, and keys that it sets itself."""
    file = project.path(f"{layout.CONF}/{layout.CONFIG_NAME}.yaml")
    name = f"{layout.CONF}/{layout.CONFIG_NAME}.yaml"
    document = read_yaml(read_text(file, name), name) if file.is_file() else {}
    if not isinstance(document, dict):
        return set()
    chosen = {key for key in document if isinstance(key, str)}
    for item in document.get("defaults") or ():
        if isinstance(item, dict):
            chosen |= {
                str(key).split()[-1].lstrip("/").partition("@")[0]
                for key in item
                if not str(key).startswith("override ")
            }
    return chosen
