"""template/plugin: hostile answers are refused, odd ones read back, and the package runs as its README says."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from template_projects import ODD_NAME, ROOT, run

TEMPLATE = ("--directory", "template/plugin")
BRINGS = (
    "stage",
    "transformer",
    "metric",
    "stage and transformer",
    "stage and metric",
    "transformer and metric",
    "stage, transformer and metric",
)
HOSTILE = [
    ("plugin_slug", "../x", "a-z"),
    ("plugin_slug", "regrow-", "a-z"),
    ("plugin_slug", "drift", "regrow-"),
    ("plugin_slug", "regrow-A;touch canary", "a-z"),
    ("plugin_slug", "regrow-$(touch canary)", "a-z"),
    ("plugin_slug", "regrow-" + "a" * 60, "50"),
    ("plugin_slug", "regrow-class", "add a word"),
    ("plugin_slug", "regrow-model-x", "add a word"),
    ("plugin_slug", "regrow-experiment", "add a word"),
    ("plugin_slug", "regrow-dask", "regrow's own"),
    ("plugin_slug", "{{7*7}}", "{{"),
    ("plugin_name", "{{7*7}}", "{{"),
    ("plugin_name", '{% set x = 1 %}A"', "{%"),
    ("plugin_name", "two\nlines", "U+000A"),
    ("plugin_name", "\u202egnisrever", "U+202E"),
    ("plugin_name", "  ", "empty"),
    ("plugin_name", "x" * 300, "longer"),
    ("__name", "x; touch canary", "not a question"),
]


@pytest.mark.parametrize(("question", "answer", "reason"), HOSTILE, ids=[f"{q}-{ascii(a)[:24]}" for q, a, _ in HOSTILE])
def test_a_hostile_answer_is_refused_and_leaves_nothing(generate, tmp_path, question, answer, reason):
    slug = {} if question == "plugin_slug" else {"plugin_slug": "regrow-fine"}
    done = generate(tmp_path / "a", arguments=TEMPLATE, **{**slug, question: answer})
    told = done.stdout + done.stderr
    assert done.returncode != 0
    assert reason in told
    assert "Traceback" not in told
    assert not list((tmp_path / "a").iterdir())


@pytest.mark.parametrize("bring", BRINGS)
def test_it_brings_what_was_asked_for_and_is_clean(generate, tmp_path, bring):
    done = generate(tmp_path, arguments=TEMPLATE, plugin_name=ODD_NAME, plugin_slug="regrow-odd", bring=bring)
    assert done.returncode == 0, done.stdout + done.stderr
    made = tmp_path / "regrow-odd"
    for part in ("stage", "transformer", "metric"):
        assert (made / f"src/regrow_odd/{part}.py").exists() == (part in bring)
        assert (made / f"tests/test_{part}.py").exists() == (part in bring)
    assert (made / "src/regrow_odd/conf/odd/default.yaml").exists() == ("stage" in bring)
    project = tomllib.loads((made / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["description"] == ODD_NAME
    assert project["entry-points"]["regrow"] == {"odd": "regrow_odd.plugin"}
    for check in (("check", "--select", "E,F,I,UP,B"), ("format", "--check")):
        clean = run(sys.executable, "-m", "ruff", *check, ".", cwd=made)
        assert clean.returncode == 0, clean.stdout
    plugin = ast.parse((made / "src/regrow_odd/plugin.py").read_text("utf-8"))
    hooks = {node.name for node in plugin.body if isinstance(node, ast.FunctionDef)}
    assert ("regrow_stages" in hooks, "regrow_components" in hooks) == ("stage" in bring, bring != "stage")
    assert not list(tmp_path.rglob("canary"))


def five(readme: Path) -> list[str]:
    """The commands that a generated README lists."""
    found = re.search(r"```sh\n(.*?)```", readme.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1].splitlines()


def test_its_five_commands_install_try_and_run_it(generate, own_flights, environment, tmp_path):
    bring = "stage, transformer and metric"
    done = generate(tmp_path, arguments=TEMPLATE, plugin_name="Lost cells", kind="data", bring=bring)
    assert done.returncode == 0, done.stdout + done.stderr
    site = f"{tmp_path}/site"
    pip = {"PIP_TARGET": site, "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    dated = {
        name: value for name, value in environment.items() if not name.endswith("_DATE")
    }  # DVC reads them otherwise
    env = {**dated, **pip, "PYTHONPATH": site, "PATH": f"{Path(sys.executable).parent}:{dated['PATH']}"}
    commands = five(tmp_path / "regrow-lost-cells/README.md")
    assert len(commands) == 5
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command], check=False, cwd=own_flights, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
    shown = run(sys.executable, "-m", "regrow", "plugins", cwd=own_flights, env=env).stdout
    assert "lost_cells 0.1.0 regrow-lost-cells" in shown
    assert (own_flights / "records/lost_cells.json").is_file()
    assert '"lost_cells"' in (own_flights / "metrics.json").read_text("utf-8")
    assert "lost_cells" in yaml.safe_load((own_flights / "params.yaml").read_text("utf-8"))["features"]["steps"]


def test_the_top_offers_it():
    assert '"./template/plugin"' in (ROOT / "cookiecutter.json").read_text("utf-8")
