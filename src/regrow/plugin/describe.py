"""Components as their declarations describe them: for `regrow components`, its page, and the schemas of conf/."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from regrow.base.errors import RegrowError
from regrow.plugin.components import KIND, load, nearest
from regrow.plugin.declare import Component
from regrow.plugin.manager import Plugins

Schema = dict[str, Any]
WORDS = {"integer": "whole number", "number": "number", "string": "text", "null": "null"}
BOUNDS = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
LENGTHS = (("minLength", "maxLength", "characters"), ("minItems", "maxItems", "entries"))


@dataclass(frozen=True)
class Setting:
    """One parameter of a component, as text."""

    name: str
    type: str
    #: such as "> 0 and <= 1"; empty if there is no bound
    range: str
    required: bool
    default: Any
    description: str

    @property
    def told(self) -> str:
        """Type, range and default in one line."""
        default = "required" if self.required else f"default {json.dumps(self.default, ensure_ascii=False)}"
        return _joined([self.type, self.range, default], ", ")


def found(plugins: Plugins, kind: str = "", name: str = "") -> list[tuple[str, Component]]:
    """(Plugin's name, component) of all, those of a kind, or the one of that kind and name; by kind, then name.

    Raises RegrowError, with the nearest name, where there is none.
    """
    every = sorted(
        ((plugin.name, one) for plugin in plugins.loaded for one in plugin.components),
        key=lambda pair: (pair[1].kind, pair[1].name),
    )
    kinds = sorted({one.kind for _, one in every})
    if kind and kind not in kinds:
        named = [f"regrow components {one.kind} {kind}" for _, one in every if one.name == kind]
        raise RegrowError(f"no kind of component is called {kind!r}", fix="\n".join(named) or nearest(kind, kinds))
    chosen = [pair for pair in every if kind in {"", pair[1].kind}]
    if name and name not in {one.name for _, one in chosen}:
        raise RegrowError(f"no {kind} is called {name!r}", fix=nearest(name, [one.name for _, one in chosen]))
    return [pair for pair in chosen if name in {"", pair[1].name}]


def facts(plugin: str, component: Component) -> dict[str, Any]:
    """All that a component declares for its user, for JSON. Raises RegrowError if its settings can't be loaded."""
    return {
        **{key: getattr(component, key) for key in ("kind", "name", "about")},
        "plugin": plugin,
        **{key: getattr(component, key) for key in ("tasks", "tags", "better", "source", "extra", "packages")},
        "example": {"use": component.name, **component.example},
        "settings": [asdict(one) for one in settings(component)],
    }


def settings(component: Component) -> list[Setting]:
    """A component's parameters, in the order of the declaration. Raises RegrowError if they can't be loaded."""
    schema = parameters(component)
    required = schema.get("required", ())
    return [
        Setting(
            name, _listed(_words(one)), _range(one), name in required, one.get("default"), one.get("description", "")
        )
        for name, one in schema.get("properties", {}).items()
    ]


def parameters(component: Component) -> Schema:
    """JSON Schema of a component's parameters, without references. Raises RegrowError if it can't be loaded."""
    if not component.settings:
        return {"type": "object", "properties": {}, "additionalProperties": False}
    try:
        checks = load(component.settings)
        if hasattr(checks, "model_json_schema"):
            return model_schema(checks)
        return load(component.schema)(component.name) if component.schema else {"type": "object"}
    except Exception as error:  # whatever a plugin's module raises
        wrong = f"its settings can't be loaded: {type(error).__name__}: {error}"
        raise RegrowError(wrong, where=f"{component.kind} {component.name}") from None


def model_schema(model: Any) -> Schema:
    """JSON Schema of a pydantic model, without titles and references."""
    schema = model.model_json_schema()
    return _inlined(schema, schema.pop("$defs", {}))


def _inlined(schema: Any, definitions: Mapping[str, Any], above: tuple[str, ...] = ()) -> Any:
    if not isinstance(schema, dict):
        return [_inlined(one, definitions, above) for one in schema] if isinstance(schema, list) else schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return {} if name in above else _inlined({**definitions[name], **beside}, definitions, (*above, name))
    return {
        key: {name: _inlined(one, definitions, above) for name, one in value.items()}
        if key == "properties"
        else value
        if key == "default"
        else _inlined(value, definitions, above)
        for key, value in schema.items()
        if key != "title"
    }


def _branches(schema: Schema) -> Iterator[Schema]:
    """The alternatives that a schema leaves, each of one type."""
    for one in schema.get("anyOf", [schema]):
        if one is schema:
            yield one
        else:
            yield from _branches(one)


def _words(schema: Schema) -> list[str]:
    found: dict[str, None] = {}
    for one in _branches(schema):
        if KIND in one:
            words = [f"a component: {one[KIND]}"]
        elif "const" in one or "enum" in one:
            words = [json.dumps(value, ensure_ascii=False).strip('"') for value in one.get("enum", [one.get("const")])]
        elif one.get("type") in {"array", "object"}:
            inner = one.get("items" if one["type"] == "array" else "additionalProperties") or {}
            what = "list" if one["type"] == "array" else "mapping"
            words = [f"{what} of {_listed(_words(inner))}" if isinstance(inner, dict) and inner else what]
        elif one.get("type") == "boolean":
            words = ["true", "false"]
        else:
            words = [WORDS.get(one.get("type", ""), "anything")]
        found |= dict.fromkeys(words)
    return list(found)


def _listed(words: list[str]) -> str:
    *most, last = sorted(words, key=lambda word: word == "null")
    return f"{', '.join(most)} or {last}" if most else last


def _range(schema: Schema) -> str:
    bounds = {WORDS.get(one.get("type", ""), "each"): _bounds(one) for one in _branches(schema) if _bounds(one)}
    return "; ".join(f"{word} {text}" if len(bounds) > 1 else text for word, text in bounds.items())


def _bounds(one: Schema) -> str:
    if inner := next((one[key] for key in ("items", "additionalProperties") if isinstance(one.get(key), dict)), None):
        return _joined([*_lengths(one), f"each {_range(inner)}" if _range(inner) else ""], ", ")
    numbers = [f"{sign} {one[key]:g}" for key, sign in BOUNDS.items() if key in one]
    return _joined([" and ".join(numbers), *_lengths(one), one.get("pattern", "")], ", ")


def _lengths(one: Schema) -> Iterator[str]:
    for low, high, what in LENGTHS:
        if low in one or high in one:
            parts = [f"{word} {one[key]}" for word, key in (("at least", low), ("at most", high)) if key in one]
            yield "not empty" if parts == ["at least 1"] else f"{' and '.join(parts)} {what}"


def _joined(parts: list[str], between: str) -> str:
    return between.join(filter(None, parts))
