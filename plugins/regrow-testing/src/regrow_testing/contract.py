"""The contract of a plugin, for its author's first test: `check_plugin` tells all that is wrong at once."""

import copy
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from regrow.artifacts import TYPES
from regrow.base import python
from regrow.base.errors import Problem, RegrowError
from regrow.base.yaml_files import ABSENT, look_up
from regrow.compile.dvc_yaml import artifacts_of, ordered
from regrow.fingerprint.fingerprint import used
from regrow.plugin.components import check, load, nearest, parse
from regrow.plugin.declare import Artifact, Component, Plugin, Stage
from regrow.plugin.manager import Plugins, load_modules
from regrow.plugin.needs import Called, Every, Maybe, Need
from regrow.settings.compose import normal, refused_for, stage_settings, subset
from regrow.settings.removable import step_keys
from regrow.stage.outputs import handler
from regrow_testing import components, config_options
from regrow_testing.two_runs import ExampleRun, run_twice

Given = tuple[Mapping[str, Any], Mapping[str, Any]]
HEAVY = ("matplotlib", "pandas", "scipy", "sklearn")
UNKNOWN = "no_such_key"
FORBID = 'set extra="forbid" in its model_config'


def check_plugin(
    module: str | ModuleType, examples: Mapping[str, Given | Sequence[Given]], others: Iterable[str] = ()
) -> None:
    """Check that a plugin keeps the contract; it takes a few seconds, for two processes.

    module: the plugin's, such as "regrow_drift.plugin". examples: for every stage of it one pair, or several: inputs by
    the names in `needs` (small; a Path for a source), and settings nested as in params.yaml. others: modules of plugins
    whose components the settings use; their stages may have examples, too.
    Raises RegrowError with everything that is wrong, by stage, component or config option: see docs/plugin-guide.md.
    """
    __tracebackhide__ = True  # pytest shows the error, not this function
    name = module if isinstance(module, str) else module.__name__
    plugins = load_modules(dict.fromkeys([name, *others]))
    plugin = next(one for one in plugins.loaded if one.module == name)
    problems = [*_heavy_imports(plugin), *_declared(plugins)]
    if any(one.problem for one in plugins.loaded):
        raise RegrowError.of(problems)
    problems += [*_unloadable(plugin), *_uncallable(plugin), *_without_example(plugin, plugins, examples)]
    given = [
        one for stage in plugins.stages.values() for one in _examples(stage, examples.get(stage.name, ()), plugins)
    ]
    broken = {one.label: found for one in given if (found := [*_misfits(one, plugins)])}
    problems += [problem for found in broken.values() for problem in found]
    sound = [one for one in given if one.label not in broken]
    problems += _settings_models(plugin, plugins, sound)
    problems += [p for one in plugin.components if (p := _component_accepts(one, plugins, sound))]
    problems += components.problems(plugin, plugins)
    problems += config_options.check(plugin, plugins, sound)
    if sound:
        problems += run_twice([one.module for one in plugins.loaded], sound)
    if problems:
        raise RegrowError.of(dict.fromkeys(problems))


def _declared(plugins: Plugins) -> Iterator[Problem]:
    """What compile would refuse; needs that nobody here makes are taken for another plugin's or for sources."""
    yield from (Problem(problem.wrong, problem.where) for problem in plugins.problems)
    made = artifacts_of(plugins.stages)
    outside = {need for stage in plugins.stages.values() for need in stage.inputs if need not in made}
    try:
        ordered(plugins.stages, {need: f".sources/{need}" for need in outside}, plugins.types)
    except RegrowError as error:
        yield from error.problems


def _heavy_imports(plugin: Plugin) -> Iterator[Problem]:
    if plugin.problem:
        return
    script = f"import sys, {plugin.module}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    _, out, _ = python.run(["-c", script], Path.cwd(), {})
    if out.strip():
        fix = "every command of regrow imports it: import only regrow there; run, make and settings are import paths"
        yield Problem(f"importing {plugin.module} imports {', '.join(out.split())}", f"plugin {plugin.name}", fix)


def _unloadable(plugin: Plugin) -> Iterator[Problem]:
    """Import paths that lead nowhere."""
    paths = [(f"stage {one.name}", "run", one.run) for one in plugin.stages]
    paths += [(_name(one), "make", one.make) for one in plugin.components]
    paths += [(f"command {one.name}", "run", one.run) for one in plugin.commands]
    acts = ("read", "write", "check")
    paths += [(f"artifact type {one.name}", act, f"{one.module}:{act}") for one in plugin.artifacts for act in acts]
    paths += [(f"stage {one.name}", "settings", one.settings) for one in plugin.stages if one.settings]
    paths += [(_name(one), "settings", one.settings) for one in plugin.components if one.settings]
    paths += [(_name(one), "types", path) for one in plugin.components for path in one.types]
    for where, attribute, path in paths:
        try:
            found = load(path)
        except Exception as error:  # whatever its module raises
            yield Problem(f"{attribute}={path!r} can't be loaded: {type(error).__name__}: {error}", where)
            continue
        home = f"{getattr(found, '__module__', '')}:{getattr(found, '__name__', '')}"
        if attribute == "types" and path != home:  # a model file has the name that the class has itself
            yield Problem(f"types: {path!r} is defined elsewhere", where, f'write "{home}"')


def _uncallable(plugin: Plugin) -> Iterator[Problem]:
    for stage in plugin.stages:
        try:
            names = [*stage.arguments, "settings", *(["compute"] if stage.compute else ())]
            inspect.signature(load(stage.run)).bind(**dict.fromkeys(names))
        except (TypeError, ValueError) as error:
            yield Problem(f"{stage.run} can't be called with its needs and settings: {error}", f"stage {stage.name}")
        except Exception:  # noqa: S112 - told by _unloadable
            continue

    for component in plugin.components:
        try:
            inspect.signature(load(component.make)).bind(None, None)
        except (TypeError, ValueError) as error:
            wrong = f"{component.make} can't be called with settings and context: {error}"
            yield Problem(wrong, _name(component), f"def {component.name}(settings, context): ...")
        except Exception:  # noqa: S112 - told by _unloadable
            continue


def _name(component: Component) -> str:
    return f"{component.kind} {component.name}"


def _without_example(plugin: Plugin, plugins: Plugins, examples: Mapping[str, Any]) -> Iterator[Problem]:
    for stage in plugin.stages:
        if not examples.get(stage.name):
            yield Problem("has no example", f"stage {stage.name}", "give it one: (inputs by name, settings)")
    for name in examples:
        if name not in plugins.stages:
            yield Problem(f"no stage is called {name!r}; {nearest(name, list(plugins.stages))}", "examples")


def _examples(stage: Stage, given: Given | Sequence[Given], plugins: Plugins) -> Iterator[ExampleRun]:
    pairs: Sequence[Any] = [given] if isinstance(given, tuple) and given else given
    made = artifacts_of(plugins.stages)
    for number, (inputs, settings) in enumerate(pairs, 1):
        label = f"stage {stage.name}" + (f", example {number}" if len(pairs) > 1 else "")
        fitted, flat = _fitted(stage, inputs)
        types = {name: need.type for need in fitted.needs if isinstance(need, Every) for name in need.names}
        types = {name: types.get(name) or _type_of(name, value, made) for name, value in flat.items()}
        known = {**TYPES, **plugins.types}
        kinds = {name: None if isinstance(flat[name], Path) else known[kind] for name, kind in types.items()}
        yield ExampleRun(fitted, label, flat, copy.deepcopy(dict(settings)), kinds)


def _fitted(stage: Stage, inputs: Mapping[str, Any]) -> tuple[Stage, dict[str, Any]]:
    """The stage with what an example gives for `every` and `maybe`, and the values by the names of artifacts."""
    flat = {name: value for name, value in inputs.items() if value is not None}
    needs: list[Need] = []
    for need in stage.needs:
        if isinstance(need, Every) and isinstance(inputs.get(need.argument, {}), Mapping):
            given = flat.pop(need.argument, {})
            need = replace(need, names=tuple(sorted(given)))
            flat |= given
        elif isinstance(need, Called) and need.argument in flat:
            flat[need.names[0]] = flat.pop(need.argument)
        elif isinstance(need, Maybe):
            need = replace(need, names=(need.argument,) if need.argument in flat else ())
        needs.append(need)
    return replace(stage, needs=tuple(needs)), flat


def _type_of(name: str, value: Any, made: Mapping[str, Artifact]) -> str:
    return made[name].type if name in made else _kind_of(value)


def _kind_of(value: Any) -> str:
    """The artifact type of an input that another plugin makes, by the value."""
    if hasattr(value, "columns"):
        return "table"
    if isinstance(value, Mapping) and all(hasattr(one, "columns") for one in value.values()):
        return "tables"
    if hasattr(value, "get_params"):
        return "model"
    if isinstance(value, bytes):
        return "image"
    if isinstance(value, str) and value.lstrip()[:1] == "<":
        return "report" if "<html" in value[:200].lower() else "plot"
    return "record"


def _misfits(example: ExampleRun, plugins: Plugins) -> Iterator[Problem]:
    """Why an example can't be run."""
    stage, label = example.stage, example.label
    odd = sorted({*example.inputs} ^ {*stage.inputs})
    if odd:
        yield Problem(f"its inputs must be {', '.join(stage.arguments) or 'none'}; look at {', '.join(odd)}", label)
    for name, kind in example.kinds.items():
        value = example.inputs[name]
        try:
            if kind:
                handler(kind).check(value)
            elif not value.exists():
                yield Problem(f"input {name!r}: there is no {value.name}", label)
        except ValueError as error:
            yield Problem(f"input {name!r} ({kind.name if kind else ''}) {error}", label)
    missing = [key for key in stage.params if look_up(dict(example.settings), key) is ABSENT]
    if missing:
        yield Problem(f"its settings lack {', '.join(missing)}, which are in params", label)
        return
    try:
        stage_settings(stage, normal(dict(example.settings), step_keys([stage])), plugins.components)
    except RegrowError as error:
        yield from (Problem(one.wrong, f"{label}, {one.where}") for one in error.problems)
    except Exception as error:  # a ValueError says what is wrong with the settings, others what is wrong with the model
        yield from (Problem(f"its settings are refused: {wrong}", label) for wrong in refused_for(error))


def _settings_models(plugin: Plugin, plugins: Plugins, examples: Sequence[ExampleRun]) -> Iterator[Problem]:
    """Models that hold other keys than `params`, or that let a slip pass."""
    for stage in plugin.stages:
        try:
            model = load(stage.settings) if stage.settings else None
        except Exception:  # noqa: S112 - told by _unloadable
            continue
        if model is None:
            continue
        where = f"stage {stage.name}"
        if not hasattr(model, "model_fields"):
            yield Problem(f"{stage.settings} is not a pydantic model", where)
            continue
        yield from (Problem(wrong, where) for wrong in _uncovered(model, stage.params, ""))
        for example in examples:
            if example.stage.name == stage.name:
                yield from _lets_pass(model, example, plugins)


def _model_in(annotation: Any) -> Any:
    """The pydantic model in a field's annotation, or None."""
    parts = [annotation, *getattr(annotation, "__args__", ())]
    return next((part for part in parts if hasattr(part, "model_fields")), None)


def _uncovered(model: Any, keys: Iterable[str], above: str) -> Iterator[str]:
    keys = list(keys)
    heads = {key.partition(".")[0] for key in keys}
    fields = {info.alias or name: info for name, info in model.model_fields.items()}
    for name in sorted(heads - {*fields}):
        if model.model_config.get("extra") != "allow":
            yield f"{above}{name} is in params, and its settings model has no such field"
    for name, info in fields.items():
        if name not in heads:
            yield f"{above}{name} is a field of its settings model, and not in params: it would never be given"
        elif name not in keys and (inner := _model_in(info.annotation)):
            yield from _uncovered(
                inner, [k.partition(".")[2] for k in keys if k.startswith(f"{name}.")], f"{above}{name}."
            )


def _lets_pass(model: Any, example: ExampleRun, plugins: Plugins) -> Iterator[Problem]:
    """Unknown keys that the model takes, and missing ones that make it fail otherwise than by a ValueError."""
    own = subset(normal(dict(example.settings), step_keys([example.stage])), example.stage.params)
    for place in _places(model, own, ()):
        tried = copy.deepcopy(own)
        inner = tried
        for part in place:
            inner = inner[part]
        inner[UNKNOWN] = 1
        key = ".".join((*place, UNKNOWN))
        try:
            check(model, tried, plugins.components)
        except ValueError:
            continue
        yield Problem(f"its settings model accepts an unknown key, {key}", f"stage {example.stage.name}", FORBID)
    for key in example.stage.params:
        kept = [one for one in example.stage.params if one != key]
        try:
            check(model, subset(own, kept), plugins.components)
        except ValueError:
            continue
        except Exception as error:  # pydantic lets it through, and no user would understand it
            wrong = f"without {key}, its settings model fails: {type(error).__name__}: {error}"
            yield Problem(wrong, f"stage {example.stage.name}", "raise ValueError in validators")


def _places(model: Any, values: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Where a key too many has to be refused: in every model that does not say that it allows or ignores others."""
    if model.model_config.get("extra") not in {"allow", "ignore"}:
        yield above
    for name, info in model.model_fields.items():
        inner = _model_in(info.annotation)
        if inner and isinstance(values.get(name), Mapping):
            yield from _places(inner, values[name], (*above, name))


def _component_accepts(component: Component, plugins: Plugins, examples: Sequence[ExampleRun]) -> Problem | None:
    """A parameter that does not exist must be refused, beside the right ones of an example if there are any."""
    where = _name(component)
    given = _parameters(component, plugins, examples)
    try:
        parse(component, {**(given or {}), UNKNOWN: 1})
    except ValueError as error:
        if given is not None or _names_unknown(error):
            return None
        return Problem("no example uses it, nor do its settings say which parameter is unknown", where, "use it in one")
    except (ImportError, AttributeError):
        return None  # told by _unloadable
    except Exception as error:
        return Problem(f"its settings fail on an unknown parameter: {type(error).__name__}: {error}", where, FORBID)
    return Problem("its settings accept a parameter that does not exist", where, FORBID)


def _names_unknown(error: ValueError) -> bool:
    """Whether an error is about the key; pydantic's text holds all that was given, whatever it is about."""
    details = error.errors() if hasattr(error, "errors") else [{"loc": (), "msg": str(error)}]
    return any(UNKNOWN in one["loc"] or UNKNOWN in one["msg"] for one in details)


def _parameters(component: Component, plugins: Plugins, examples: Sequence[ExampleRun]) -> Mapping[str, Any] | None:
    """Those an example gives to a component."""
    for example in examples:
        settings = normal(dict(example.settings), step_keys([example.stage]))
        if any(use.component == component for use in used(stage_settings(example.stage, settings, plugins.components))):
            for block in config_options.uses(settings):
                if block["use"] == component.name:
                    return {key: value for key, value in block.items() if key != "use"}
    return None
