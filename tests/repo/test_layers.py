"""Imports run one way. LAYERS is the order: a module imports from rows above its own, or from its own row's folder."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
LAYERS = [
    [
        "names",
        "errors",
        "git_variables",
        "randomness",
        "modules",
        "loaded",
        "installed",
        "files",
        "hashing",
        "orphans",
        "ending",
        "terminal",
        "io_rules",
        "bytecode",
    ],
    ["safe_path", "locks", "bulk", "cache_home", "install_errors", "room", "io_arrow", "io_places", "gate"],
    ["environment_records"],
    ["environment_files"],
    ["declare"],
    ["components", "yaml_files", "project"],
    ["lock", "steps"],
    ["this_environment"],
    ["own_code", "artifacts", "code"],
    ["plugin"],
    ["tools"],
    ["environments", "differences", "declared_paths"],
    ["where", "determinism"],
    ["stated"],
    ["warm"],
    ["warm.place"],
    ["warm.guard"],
    ["warm.client"],
    ["warm.line"],
    ["entering", "handing", "serving"],
    ["settings"],
    ["fingerprint", "overrides"],
    ["compile"],
    ["held", "plan", "outputs", "io_findings"],
    ["io_record", "io_imports"],
    ["io_contract"],
    ["run"],
    ["plugin.guard"],  # the contract kit runs stages; the rest of plugin/ only finds them
    ["plugin.once"],
    ["plugin.twice"],
    ["plugin.options"],
    ["plugin.checks"],
    ["columns"],
    ["build"],
    ["journal", "imported", "idle"],
    ["recorded"],
    ["verify", "refusals", "missing_data", "snapshot", "unheld"],
    ["record"],
    ["provenance"],
    ["replay"],
    ["recording"],
    ["sweep"],
    ["explain", "io_report", "adopt", "doctor", "leaderboard_settings"],
    ["leaderboard_notes"],
    ["leaderboard"],
    ["leaderboard_page", "headline"],
    ["cli"],
    ["warm.libraries", "warm.child"],
    ["warm.server"],
    ["__main__", "warm.__main__"],
]
ROW = {name: row for row, names in enumerate(LAYERS) for name in names}
HEAVY = {
    "dask",
    "distributed",
    "dvc",
    "dvc_data",
    "hydra",
    "omegaconf",
    "pandas",
    "sklearn",
    "pydantic",
    "pyarrow",
    "skops",
    "matplotlib",
    "yaml",
    "ruamel",
}


def modules() -> dict[str, Path]:
    found = {}
    for file in sorted((SOURCE / "regrow").rglob("*.py")):
        parts = file.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


MODULES = modules()


def imports(name: str, *, top_level: bool = False) -> set[str]:
    """The modules of regrow that one imports, inside functions as well unless `top_level`."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    nodes = tree.body if top_level else ast.walk(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {one if one in MODULES else str(node.module) for one in inner}
    return found


def layer(module: str) -> str:
    _, _, inner = module.partition(".")
    return inner if inner in ROW else inner.partition(".")[0]


@pytest.mark.parametrize("name", [name for name in MODULES if name != "regrow"])
def test_a_module_imports_only_from_layers_above(name):
    own = layer(name)
    for other in imports(name):
        if other.startswith("regrow.") and layer(other) != own:
            assert ROW[layer(other)] < ROW[own], f"{name} imports {other}"


def test_every_module_has_a_layer():
    assert {layer(name) for name in MODULES} - {""} == ROW.keys()


def test_there_is_no_circle_among_modules():
    graph = {
        name: {other for other in imports(name) if other in MODULES and other not in {"regrow", name}}
        for name in MODULES
    }
    graph.pop("regrow")
    TopologicalSorter(
        {name: {o for o in others if o != "regrow.cli" or name != "regrow.cli"} for name, others in graph.items()}
    ).prepare()


@pytest.mark.parametrize("name", MODULES)
def test_nothing_heavy_is_imported_before_it_is_needed(name):
    heavy = {module for module in imports(name, top_level=True) if module.partition(".")[0] in HEAVY}
    assert not heavy


@pytest.mark.parametrize("name", MODULES)
def test_only_tools_touch_git_dvc_and_hydra(name):
    touched = {module.partition(".")[0] for module in imports(name)} & {
        "dask",
        "distributed",
        "dvc",
        "dvc_data",
        "hydra",
        "subprocess",
    }
    assert not touched or name.startswith("regrow.tools.")


@pytest.mark.parametrize("name", MODULES)
def test_modules_and_functions_are_short_and_say_what_they_are(name):
    text = MODULES[name].read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) < 400  # split by subject: to be shorter is a habit, and no law
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name
