"""The settings: composed from conf/ by Hydra, checked against every stage's schema before anything runs."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from regrow import layout
from regrow.base.errors import Problem, RegrowError
from regrow.base.yaml_files import ABSENT, ambiguous, look_up, pairs
from regrow.plugin.components import Registry, check, load, nearest
from regrow.plugin.declare import Stage
from regrow.plugin.project import Project
from regrow.settings import source_line
from regrow.settings.removable import step_keys, without_nulls

Settings = dict[str, Any]
COMPUTING = {"portable": True, "io": "warn"}
ALLOWED: dict[str, tuple[Any, ...]] = {"portable": (True, False), "io": ("warn", "strict", "none")}


def compose(project: Project, overrides: Iterable[str] = ()) -> Settings:
    """What conf/ says, with Hydra `overrides`.

    Raises RegrowError for ambiguous YAML, unknown names, values JSON can't hold.
    """
    from regrow.tools import hydra

    _require_plain(project)
    explain_overrides()
    composed = hydra.compose(project.root, overrides)
    return normal(composed, project.steps, lambda key: source_line.of(project, composed, key))


def composer(project: Project) -> Callable[[Iterable[str]], Settings]:
    """`compose` for many lists of overrides, from files that stay as they are meanwhile. Raises RegrowError, too."""
    from regrow.tools import hydra

    _require_plain(project)
    explain_overrides()
    composed = hydra.composer(project.root)
    return lambda overrides: normal(composed(overrides), project.steps)


def explain_overrides() -> None:
    """Let Hydra, here or in DVC's process, ask the stages' schemas of the keys that overrides name."""
    from regrow.tools import hydra_overrides

    hydra_overrides.explain_failures(_refused)


def _refused(settings: Settings, keys: list[str]) -> list[tuple[str, str]]:
    """What the schemas of the project around the current folder say of some keys, by key."""
    from regrow.plugin.manager import load_plugins
    from regrow.plugin.project import open_project

    plugins = load_plugins(open_project())
    stages = plugins.stages.values()
    told = refusals(normal(settings, step_keys(stages)), stages, plugins.components)
    return [
        (key, wrong)
        for key in keys
        for at, wrong in told
        if at == key or at.startswith(f"{key}.") or key.startswith(f"{at}.")
    ]


def _require_plain(project: Project) -> None:
    """Raise RegrowError for settings files that mean different things to different readers, and one that is missing."""
    folder = project.path(layout.CONF)
    files = sorted(folder.rglob("*.yaml"))
    problems = [p for file in files for p in ambiguous(file, file.relative_to(project.root).as_posix())]
    if problems:
        raise RegrowError.of(problems)
    own = project.path(layout.CONF) / f"{layout.CONFIG_NAME}.yaml"
    if own.is_file() and not project.path(layout.PLUGIN_DEFAULTS).is_file():
        raise RegrowError("is missing", where=layout.PLUGIN_DEFAULTS, fix="run: regrow compile")


def normal(
    settings: Settings, steps: Iterable[str], place: Callable[[str], str] = lambda key: f"settings key {key}"
) -> Settings:
    """The settings without components set to null, which is how one is taken out of a mapping of them.

    Keys that are whole numbers (of classes) become text. steps: the keys of mappings of components
    (`regrow.settings.removable.step_keys`); elsewhere null is a value. place: where a key stands, for messages. Raises
    RegrowError for odd values.
    """
    problems = [Problem(wrong, place(key), fix) for key, wrong, fix in _odd(settings, "")]
    if problems:
        raise RegrowError.of(problems)
    return without_nulls(_text_keys(settings), steps)


def _text_keys(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _text_keys(value) for key, value in node.items()}
    return [_text_keys(value) for value in node] if isinstance(node, list) else node


def _are_steps(node: Settings) -> bool:
    """Whether a mapping is an ordered one, of components: the order of all others means nothing."""
    return bool(node) and all(isinstance(value, dict) and "use" in value for value in node.values())


def orders(settings: Any, prefix: str = "") -> Iterable[tuple[str, list[str]]]:
    """(dotted key, names in order) of every mapping of two components or more.

    DVC itself compares mappings without order.
    """
    if isinstance(settings, dict):
        if len(settings) > 1 and _are_steps(settings):
            yield prefix, list(settings)
        for key, value in settings.items():
            yield from orders(value, f"{prefix}.{key}".strip("."))


def number_types(settings: Any, prefix: str = "") -> Iterable[str]:
    """Every number and truth value as "key: type". DVC takes 1, 1.0 and true for one value; scikit-learn does not."""
    if isinstance(settings, dict | list):
        parts = settings.items() if isinstance(settings, dict) else enumerate(settings)
        for key, value in parts:
            yield from number_types(value, f"{prefix}.{key}".strip("."))
    elif isinstance(settings, bool | int | float):
        yield f"{prefix}: {type(settings).__name__}"


def to_text(settings: Settings) -> str:
    """JSON, one value a line, that is the same for settings that mean the same: keys sorted, components in order."""
    return json.dumps(_sorted(settings), ensure_ascii=False, indent=2) + "\n"


def _sorted(node: Any) -> Any:
    """The same with sorted keys where order means nothing, so that no result can hang on it."""
    if not isinstance(node, dict):
        return [_sorted(value) for value in node] if isinstance(node, list) else node
    return {key: _sorted(node[key]) for key in (node if _are_steps(node) else sorted(node))}


def _odd(node: Any, key: str) -> Iterable[tuple[str, str, str]]:
    """(Dotted key, what is wrong there, how to mend it)."""
    if isinstance(node, dict):
        for name, value in node.items():
            if not isinstance(name, str) and (type(name) is not int or str(name) in node):
                yield key, f"the key {name!r} in it is not text", f'write "{name}"'
            elif name in {"_target_", "_partial_", "_args_", "_recursive_", "_convert_"}:
                fix = "name a component instead: use: NAME (regrow plugins lists them)"
                yield key, f"{name} is refused: settings may not name code to run", fix
            else:
                yield from _odd(value, f"{key}.{name}".strip("."))
    elif isinstance(node, list):
        for value in node:
            yield from _odd(value, key)
    elif isinstance(node, float) and not math.isfinite(node):
        yield key, f"{node} is not a number that can be recorded", "write null, or a finite number"
    elif node == "???":
        yield key, "is mandatory and has no value", f"give it one in {layout.CONF}/"
    elif not isinstance(node, str | int | float | bool | None):
        yield key, f"{node!r} is neither text, number, true, false nor null", "write it as text"


def subset(settings: Settings, keys: Iterable[str]) -> Settings:
    """Only the given dotted keys, nested as they were; absent ones are left out."""
    picked: Settings = {}
    for key in sorted(keys):
        value = look_up(settings, key)
        if value is ABSENT:
            continue
        *above, last = key.split(".")
        node = picked
        for part in above:
            node = node.setdefault(part, {})
        node[last] = value
    return picked


def stage_settings(stage: Stage, settings: Settings, registry: Registry) -> Any:
    """What a stage's function gets: its model of its own keys, or the plain dict if it has none.

    Raises pydantic.ValidationError (a ValueError).
    """
    own = _sorted(subset(settings, stage.params))
    if not stage.settings:
        return own
    model = load(stage.settings)
    if not hasattr(model, "model_validate"):
        raise AttributeError(f"{stage.settings} is no pydantic model")
    return check(model, own, registry)


def computing(settings: Settings) -> dict[str, Any]:
    """What `compute` says, with what holds where it says nothing: portable kernels, undeclared reading is told."""
    said = settings.get(layout.COMPUTE)
    return {**COMPUTING, **(said if isinstance(said, dict) else {})}


def _wrong_computing(project: Project, settings: Settings) -> Iterable[Problem]:
    said = computing(settings)
    for key, allowed in ALLOWED.items():
        if said[key] not in allowed or type(said[key]) is not type(COMPUTING[key]):
            choices = " or ".join(json.dumps(value) for value in allowed)
            at = source_line.of(project, settings, f"{layout.COMPUTE}.{key}")
            yield Problem(f"must be {choices}, not {said[key]!r}", at)


def validate(
    project: Project, settings: Settings, stages: Mapping[str, Stage], registry: Registry, others: Iterable[str] = ()
) -> dict[str, Any]:
    """Every stage's settings, checked, by stage name.

    others: settings keys that stages written by hand in dvc.yaml use. Raises RegrowError with all that is wrong: keys
    that are missing, keys that nobody uses, wrong types, ranges and names, each with its file.
    """
    problems = [*_missing(settings, stages), *_unused(project, settings, stages, others)]
    problems += _wrong_computing(project, settings)
    checked: dict[str, Any] = {}
    for stage in stages.values():
        if any(look_up(settings, key) is ABSENT for key in stage.params):
            continue
        try:
            checked[stage.name] = stage_settings(stage, settings, registry)
        except ValueError as error:
            problems += _problems(project, settings, error)
        except (ImportError, AttributeError) as error:
            problems.append(
                Problem(f"its settings model {stage.settings} can't be loaded: {error}", f"stage {stage.name}")
            )
    if problems:
        raise RegrowError.of(dict.fromkeys(problems))
    return checked


def _missing(settings: Settings, stages: Mapping[str, Stage]) -> Iterable[Problem]:
    need: dict[str, list[Stage]] = {}
    for stage in stages.values():
        for key in stage.params:
            if look_up(settings, key) is ABSENT:
                need.setdefault(key, []).append(stage)
    for key, asking in need.items():
        names = ", ".join(stage.name for stage in asking)
        wrong = f"is missing, and {f'stage {names} needs' if len(asking) == 1 else f'stages {names} need'} it"
        default = next(filter(None, (_default(stage, key) for stage in asking)), "")
        yield Problem(wrong, f"settings key {key}", _where_to_say(key, default))


def _where_to_say(key: str, default: str) -> str:
    group, _, inner = key.partition(".")
    default = f"; the default is {inner or key}: {default}" if default else ""
    return f"say it in {layout.CONF}/{f'{group}/ (every option needs {inner})' if inner else ''}{default}"


def _default(stage: Stage, key: str) -> str:
    """What a stage's schema takes where a key is not there, as YAML in one line; "" if it takes nothing."""
    with suppress(Exception):  # whatever a plugin's module raises; the key is missing anyway
        *above, last = key.split(".")
        model: Any = load(stage.settings)
        for part in above:
            model = model.model_fields[part].annotation
        field = model.model_fields[last]
        if not field.is_required():
            value = field.get_default(call_default_factory=True)
            return json.dumps(value.model_dump(mode="json") if hasattr(value, "model_dump") else value)
    return ""


def _unused(
    project: Project, settings: Settings, stages: Mapping[str, Stage], others: Iterable[str]
) -> Iterable[Problem]:
    used = {key for stage in stages.values() for key in stage.params} | {layout.COMPUTE, *others}
    for key, (value, _) in pairs(settings, {}).items():
        if value == {} or any(key == own or key.startswith(f"{own}.") or own.startswith(f"{key}.") for own in used):
            continue
        hint = nearest(key, sorted(used))
        yield Problem("is used by no stage", source_line.of(project, settings, key), hint)


def refusals(settings: Settings, stages: Iterable[Stage], registry: Registry) -> list[tuple[str, str]]:
    """(Dotted key, what is wrong with it) for all that the stages' schemas refuse."""
    told: dict[tuple[str, str], None] = {}
    for stage in stages:
        try:
            stage_settings(stage, settings, registry)
        except ValueError as error:
            told |= dict.fromkeys(_by_key(error))
    return list(told)


def refused_for(error: Exception) -> list[str]:
    """Each as "key: what is wrong with it", without pydantic's text around them."""
    return [f"{key}: {wrong}".removeprefix(": ") for key, wrong in _by_key(error)]


def _by_key(error: Exception) -> Iterable[tuple[str, str]]:
    details = error.errors() if hasattr(error, "errors") else [{"loc": (), "msg": str(error)}]
    for one in details:
        yield ".".join(str(part) for part in one["loc"]), str(one["msg"])


def _problems(project: Project, settings: Settings, error: ValueError) -> Iterable[Problem]:
    for key, wrong in _by_key(error):
        value = look_up(settings, key) if key else ABSENT
        shown = "" if value is ABSENT or isinstance(value, dict) else f"{value!r}: "
        yield Problem(f"{shown}{wrong}", source_line.of(project, settings, key))
