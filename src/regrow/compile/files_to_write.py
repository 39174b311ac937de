"""What `regrow compile` would write: every file with its text, worked out before any is touched."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from regrow import layout
from regrow.base import find_source
from regrow.base.errors import Problem, RegrowError
from regrow.base.yaml_files import read_text, read_yaml
from regrow.compile import dvc_yaml, stale_outputs
from regrow.compile.pipeline import Pipeline
from regrow.fingerprint.code.asks import Ask
from regrow.fingerprint.code.lookup import Code
from regrow.fingerprint.fingerprint import fingerprint, is_installed, used
from regrow.plugin.components import nearest
from regrow.plugin.declare import Stage
from regrow.plugin.manager import Plugins
from regrow.plugin.project import Project
from regrow.settings.compose import Settings, computing, subset, to_text, validate
from regrow.tools import dvc_templates
from regrow.tools.declared_paths import parsed

DEFAULTS_HEADER = """\
# What the plugins bring by default: one line for each config group that a plugin's stage needs and that
# conf/config.yaml does not choose itself. Written by regrow compile; to choose otherwise, add the group to
# the defaults in conf/config.yaml.
"""


@dataclass(frozen=True)
class Plan:
    """base: what conf/ says. settings: what params.yaml is to hold. stages: our part of dvc.yaml as data; pipelines: of
    each dvc.yaml, by path. files: path -> text of everything compile writes but these. dynamic: stage -> code that
    could not be followed. asks: what code asks of clock, chance and machine -> the stages that reach it. checked:
    stage -> its settings as its function gets them. left: what stages that are gone have left behind, for people."""

    base: Settings
    settings: Settings
    order: tuple[Stage, ...]
    pipelines: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, str]
    dynamic: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    asks: Mapping[Ask, list[str]] = field(default_factory=dict)
    checked: Mapping[str, Any] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def stages(self) -> Mapping[str, Any]:
        """Of the project's own dvc.yaml."""
        return self.pipelines[layout.DVC_YAML]


class _ByHand(NamedTuple):
    """A person's own stages, and the settings keys they use, in `params:` or put in for `${}`."""

    stages: Mapping[str, Any]
    keys: list[str]


def make(pipeline: Pipeline, settings: Settings | None = None, *, base: Settings | None = None) -> Plan:
    """Compile the project. settings: what to use in place of what conf/ says (an experiment's). base: what conf/ says,
    if that was composed already.

    Raises RegrowError for anything that is wrong with plugins, stages or settings.
    """
    from regrow.tools import hydra

    project, plugins, order, code = pipeline.project, pipeline.plugins, pipeline.stages, pipeline.code
    base = pipeline.base if base is None else base
    settings = base if settings is None else settings
    text = hydra.to_yaml(settings)
    by_hand = _by_hand(project, text)
    checked = validate(project, settings, plugins.stages, plugins.components, by_hand.keys)
    _require_packages(checked)
    files = {layout.PARAMS: text, layout.SETTINGS_LOCK: to_text(base)}
    dynamic: dict[str, Mapping[str, str]] = {}
    asks: dict[Ask, list[str]] = {}
    _require_code(order, checked, code)
    for stage in order:
        make_one = partial(fingerprint, stage, checked[stage.name], settings, plugins, pipeline.artifacts, code)
        text, unfollowed, asked = code.once((f"stage {stage.name}", _decisive(stage, settings)), make_one)
        files[layout.fingerprint(stage.name)] = text
        if unfollowed:
            dynamic[stage.name] = unfollowed
        for ask in asked:
            asks.setdefault(ask, []).append(stage.name)
    deps = [dep for dep in layout.COMPILE_DEPS if project.path(dep).exists()]
    pipelines = dvc_yaml.dvc_stages(order, project.sources, deps)
    every = {**by_hand.stages, **{name: one for stages in pipelines.values() for name, one in stages.items()}}
    if stale := stale_outputs.still_read(project, every, by_hand.stages):
        raise RegrowError.of(stale)
    return Plan(base, settings, order, pipelines, files, dynamic, asks, checked, stale_outputs.left(project, every))


def _decisive(stage: Stage, settings: Settings) -> str:
    """The settings that a fingerprint depends on, their order included."""
    return json.dumps([subset(settings, stage.params), computing(settings)], default=str)


def _require_code(order: Iterable[Stage], checked: Mapping[str, Any], code: Code) -> None:
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


def read_dvc_yaml(project: Project, name: str = layout.DVC_YAML) -> Any:
    """A dvc.yaml as plain data, {} if there is none. Raises RegrowError if it is not YAML."""
    file = project.path(name)
    return parsed(read_text(file, name), name) or {} if file.is_file() else {}


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


def plugin_defaults(pipeline: Pipeline) -> str:
    """The text of conf/plugins.yaml: the groups that stages need and only plugins bring.

    The option is `default`, or the only one there is. Raises RegrowError with the options where there are several.
    """
    plugins, chosen = pipeline.plugins, _chosen_by_project(pipeline.project)
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
