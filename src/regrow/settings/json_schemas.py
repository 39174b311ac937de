"""JSON Schemas of the files in conf/, for editors: from the settings of stages and components.

A file in conf/ may hold a part of what Hydra composes, so nothing is required here; a value may be an interpolation.
They lie outside of conf/ and src/, which DVC's stage `compile` depends on.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from regrow import layout
from regrow.base.atomic import write_text
from regrow.base.find_source import find_folder
from regrow.plugin.components import KIND, load
from regrow.plugin.describe import Schema, model_schema, parameters
from regrow.plugin.manager import Plugins
from regrow.plugin.project import Project
from regrow.settings.compose import ALLOWED

DRAFT = "http://json-schema.org/draft-07/schema#"
EDITOR = f"{layout.SCHEMAS.partition('/')[0]}/settings.json"
WIRES = "yaml.schemas"
INTERPOLATION = r"\$\{.+\}"
COMPUTING: Schema = {
    "type": "object",
    "description": "how a run is computed; none of it changes a result",
    "properties": {
        "n_jobs": {"type": "integer", "description": "processes or threads that one fit may use"},
        **{key: {"enum": list(choices)} for key, choices in ALLOWED.items()},
    },
}


def write(project: Project, plugins: Plugins, *, check: bool = False) -> tuple[list[str], str]:
    """Write the schemas and name them in the editor's settings: the paths of files that were not so, and a note.

    check: write nothing. The note: what to add to the editor's settings where they are not plain JSON, so left as they
    are. Raises RegrowError for broken plugins.
    """
    plugins.require_sound()
    made = schemas(plugins)
    files = {_path(name): _text(schema) for name, schema in made.items()}
    wires = _wires(made, _groups(project, plugins))
    editor = _editor(project, wires)
    files |= {EDITOR: editor} if editor else {}
    stale = [name for name, text in files.items() if _now(project, name) != text]
    there = [f"{layout.SCHEMAS}/{one.name}" for one in sorted(project.path(layout.SCHEMAS).glob("*.json"))]
    gone = [name for name in there if name not in files]
    for name in () if check else stale:
        project.path(name).parent.mkdir(parents=True, exist_ok=True)
        write_text(project.path(name), files[name])
    for name in () if check else gone:
        project.path(name).unlink()
    note = f"{EDITOR} is not a mapping in plain JSON, so it was left as it is; add:\n{_text({WIRES: wires})}"
    return [*stale, *gone], "" if editor else note


def schemas(plugins: Plugins) -> dict[str, Schema]:
    """Key of the settings -> JSON Schema of a file of that group; "config": of the whole."""
    keys: dict[str, Schema] = {layout.COMPUTE: COMPUTING}
    for stage in plugins.stages.values():
        own = model_schema(load(stage.settings)) if stage.settings else {}
        for key in {param.partition(".")[0]: None for param in stage.params}:
            keys[key] = _merged(keys.get(key, {}), own.get("properties", {}).get(key, {}))
    groups = {key: _file(schema, plugins) for key, schema in sorted(keys.items()) if "type" not in schema
              or schema["type"] == "object"}  # fmt: skip
    inner = {key: {"$ref": f"{key}.json"} if key in groups else _loose(schema) for key, schema in keys.items()}
    whole = {"type": "object", "properties": {"defaults": {"type": "array"}, **dict(sorted(inner.items()))}}
    return {**groups, layout.CONFIG_NAME: {"$schema": DRAFT, **whole}}


def _file(schema: Schema, plugins: Plugins) -> Schema:
    """The schema of a group's file: what it needs of components lies inside."""
    loose = _loose(schema)
    if "properties" in loose:
        loose["properties"] = {"defaults": {"type": "array"}, **loose["properties"]}
    wanted, kinds = {*_kinds(schema)}, dict[str, Schema]()
    while wanted - {*kinds}:
        kind = min(wanted - {*kinds})
        kinds[kind], inner = _component(kind, plugins)
        wanted |= inner
    return {"$schema": DRAFT, **loose, **({"definitions": kinds} if kinds else {})}


def _component(kind: str, plugins: Plugins) -> tuple[Schema, set[str]]:
    """What may stand where a component of a kind is named, and the kinds that its components name inside.

    Null takes a component out of a mapping of them.
    """
    found = {name: parameters(one) for (own, name), one in sorted(plugins.components.items()) if own == kind}
    about = [plugins.components[kind, name].about for name in found]
    use = {"enum": [*found], "enumDescriptions": about, "description": f"name of a component: {kind}"}
    cases = [
        {
            "if": {"properties": {"use": {"const": name}}, "required": ["use"]},
            "then": {
                "properties": {"use": True, "defaults": True, **_loose(schema).get("properties", {})},
                "additionalProperties": schema.get("additionalProperties", True),
            },
        }
        for name, schema in found.items()
    ]
    return {"type": ["object", "null"], "properties": {"use": use}, "allOf": cases}, {*_kinds(found)}


def _kinds(node: Any) -> list[str]:
    if not isinstance(node, Mapping | list):
        return []
    inner = [kind for one in (node.values() if isinstance(node, Mapping) else node) for kind in _kinds(one)]
    return [node[KIND], *inner] if isinstance(node, Mapping) and isinstance(node.get(KIND), str) else inner


def _loose(node: Any) -> Any:
    """The same with nothing required, references for components, and interpolations in place of plain values."""
    if isinstance(node, list):
        return [_loose(one) for one in node]
    if not isinstance(node, dict):
        return node
    if KIND in node:
        return {"$ref": f"#/definitions/{node[KIND]}"}
    made = {key: _inside(key, value) for key, value in node.items() if key != "required"}
    if made.get("type") in {"integer", "number", "boolean"}:
        made |= {"type": [made["type"], "string"], "pattern": INTERPOLATION}
    return made


def _inside(key: str, value: Any) -> Any:
    if key in {"default", "enum", "const"}:
        return value
    return {name: _loose(one) for name, one in value.items()} if key == "properties" else _loose(value)


def _merged(one: Schema, other: Schema) -> Schema:
    """What two stages say of one key: the keys of both; none beside them if one of the two refuses others."""
    if "properties" not in one or "properties" not in other:
        open_ = one.get("type") == "object" and one.get("additionalProperties") is True and KIND not in one
        return other if not one or open_ else one
    names = [*one["properties"], *(name for name in other["properties"] if name not in one["properties"])]
    both = {name: _merged(one["properties"].get(name, {}), other["properties"].get(name, {})) for name in names}
    closed = False in (one.get("additionalProperties"), other.get("additionalProperties"))
    return {**other, **one, "properties": both, "additionalProperties": not closed}


def _groups(project: Project, plugins: Plugins) -> set[str]:
    """The config groups that the project and its plugins have folders for."""
    folders = [project.path(layout.CONF), *filter(None, (find_folder(name) for _, name in plugins.config_packages))]
    return {one.name for folder in folders for one in folder.iterdir() if one.is_dir()}


def _wires(names: Iterable[str], groups: set[str]) -> dict[str, Any]:
    """Schema -> the files that it is for."""
    wires: dict[str, Any] = {_path(name): f"{layout.CONF}/{name}/*.yaml" for name in names if name in groups}
    whole = [f"{layout.CONF}/{layout.CONFIG_NAME}.yaml", f"{layout.EXPERIMENTS}/*.yaml"]
    return {**wires, _path(layout.CONFIG_NAME): whole}


def _editor(project: Project, wires: Mapping[str, Any]) -> str:
    """The editor's settings with our lines in place of those that a time before left; "" if they can't be read."""
    try:
        said = json.loads(_now(project, EDITOR) or "{}")
        kept = {key: value for key, value in said.get(WIRES, {}).items() if not key.startswith(layout.SCHEMAS)}
    except (ValueError, AttributeError):
        return ""
    return _text({**said, WIRES: {**kept, **wires}})


def _now(project: Project, name: str) -> str | None:
    file = project.path(name)
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _path(name: str) -> str:
    return f"{layout.SCHEMAS}/{name}.json"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
