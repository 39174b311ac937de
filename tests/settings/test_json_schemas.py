"""The schemas of conf/: they take what compile takes, and refuse slips (draft 7, as far as it is used)."""

import json
import re
from pathlib import Path

import jinja2
import pytest
import yaml

from regrow.plugin.manager import load_modules
from regrow.settings import json_schemas

PLUGINS = load_modules(f"regrow_{name}.plugin" for name in ("data", "evaluation", "experiment", "features"))
CONF = Path(__file__).resolve().parents[2] / "template/project/{{cookiecutter.__folder}}/conf"
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


@pytest.fixture(scope="module")
def made():
    return json_schemas.schemas(PLUGINS)


def is_a(value, kind: str) -> bool:
    if kind in TYPES:
        return isinstance(value, TYPES[kind])
    return isinstance(value, int if kind == "integer" else int | float) and not isinstance(value, bool)


def fits(value, schema, whole) -> bool:
    if isinstance(schema, bool):
        return schema
    if "$ref" in schema:
        return fits(value, whole["definitions"][schema["$ref"].rpartition("/")[2]], whole)
    kinds = schema.get("type", [])
    held = not kinds or any(is_a(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))
    held &= "enum" not in schema or value in schema["enum"]
    held &= "const" not in schema or value == schema["const"]
    held &= "anyOf" not in schema or any(fits(value, one, whole) for one in schema["anyOf"])
    held &= all(fits(value, one, whole) for one in schema.get("allOf", []))
    if "if" in schema and fits(value, schema["if"], whole):
        held &= fits(value, schema["then"], whole)
    if is_a(value, "number"):
        held &= schema.get("minimum", value) <= value <= schema.get("maximum", value)
        held &= not value <= schema.get("exclusiveMinimum", value - 1)
        held &= not value >= schema.get("exclusiveMaximum", value + 1)
    if isinstance(value, str) and "pattern" in schema:
        held &= re.search(schema["pattern"], value) is not None
    if isinstance(value, list):
        held &= all(fits(one, schema.get("items", True), whole) for one in value)
    if isinstance(value, dict):
        held &= all(key in value for key in schema.get("required", []))
        own, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        held &= all(fits(one, own.get(key, others), whole) for key, one in value.items())
    return bool(held)


@pytest.mark.parametrize("file", sorted(CONF.glob("*/*.yaml")), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_file_of_the_template_fits(made, file):
    if file.parent.name == "experiment":
        pytest.skip("an experiment is a part of the whole, whose schema refers to the others")
    answers = {"task": "binary", "data": "flights", "target": "late"}
    text = jinja2.Template(file.read_text(encoding="utf-8")).render(cookiecutter=answers)
    text = re.sub(r".*use: circle.*", "", text)  # the generated project's own
    settings = yaml.safe_load(text.replace("@READER@", "{use: csv, file: a.csv}"))
    schema = made[file.parent.name]
    assert fits(settings, schema, schema)


@pytest.mark.parametrize(
    ("group", "text", "good"),
    [
        ("model", "{use: forest, max_depth: 3}", True),
        ("model", "{use: forrest}", False),
        ("model", "{use: forest, max_dept: 3}", False),
        ("model", "{use: forest, max_depth: 0}", False),
        ("model", "{use: forest, max_depth: '${depth}'}", True),
        ("model", "{use: SVC, kernel: rbf, C: 2}", True),
        ("model", "{use: SVC, kernel: round}", False),
        ("model", "{use: SVC, C: 0}", False),
        ("features", "{steps: {scale: {use: scale, method: robust}}}", True),
        ("features", "{steps: {scale: null}}", True),
        ("features", "{steps: {scale: {use: scale, method: round}}}", False),
        ("features", "{stepps: {}}", False),
        ("data", "{types: {day: date, code: {type: text}}}", True),
        ("data", "{types: {day: dat}}", False),
        ("data", "{target: {column: a, above: 1, positive: 1}, leaks: [b]}", True),
        ("compute", "{io: loud}", False),
    ],
)
def test_a_slip_is_seen_and_what_compile_takes_is_not_one(made, group, text, good):
    assert fits(yaml.safe_load(text), made[group], made[group]) is good


def test_it_writes_once_and_names_them_in_the_editor_s_settings(small):
    small.write(".vscode/settings.json", '{"editor.rulers": [120], "yaml.schemas": {"mine.json": "*.yaml"}}')
    changed, note = json_schemas.write(small.project, small.plugins)
    assert ".vscode/regrow/metric.json" in changed
    assert not note
    said = json.loads(small.read(".vscode/settings.json"))
    assert said["editor.rulers"] == [120]
    assert said["yaml.schemas"]["mine.json"] == "*.yaml"
    assert said["yaml.schemas"][".vscode/regrow/metric.json"] == "conf/metric/*.yaml"
    assert json_schemas.write(small.project, small.plugins, check=True) == ([], "")


def test_a_change_of_the_settings_model_is_seen_and_what_is_gone_is_removed(small):
    json_schemas.write(small.project, small.plugins)
    small.edit(".vscode/regrow/metric.json", '"maximum": 9', '"maximum": 8')
    small.write(".vscode/regrow/gone.json", "{}")
    stale = [".vscode/regrow/metric.json", ".vscode/regrow/gone.json"]
    assert json_schemas.write(small.project, small.plugins, check=True)[0] == stale
    assert json_schemas.write(small.project, small.plugins)[0] == stale
    assert not (small.root / ".vscode/regrow/gone.json").exists()


def test_settings_of_the_editor_with_comments_are_left_as_they_are(small):
    small.write(".vscode/settings.json", "{} // mine\n")
    changed, note = json_schemas.write(small.project, small.plugins)
    assert small.read(".vscode/settings.json") == "{} // mine\n"
    assert ".vscode/settings.json" not in changed
    assert '".vscode/regrow/metric.json": "conf/metric/*.yaml"' in note


def test_the_template_s_editor_settings_are_what_it_writes(small, made):
    (small.root / ".vscode").mkdir()
    for group in made:
        (small.root / "conf" / group).mkdir(exist_ok=True)
    project = small.project
    json_schemas.write(project, PLUGINS)
    template = CONF.parent / ".vscode/settings.json"
    assert json.loads(small.read(".vscode/settings.json")) == json.loads(template.read_text(encoding="utf-8"))
