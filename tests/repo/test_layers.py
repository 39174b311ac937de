"""Imports run one way. LAYERS is the order of the rooms: a module imports from its own room, or from one above it."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
#: Packages that grew out of rooms, with the order of their own; each may import from all rooms of regrow.
PACKAGES = {
    "regrow_testing": (
        "kit_table",
        "guard",
        "by_kind",
        "components",
        "worker",
        "two_runs",
        "config_options",
        "contract",
    ),
    "regrow_history": ("tools", "environment", "replay", "why", "experiments", "sweep", "cli", "plugin"),
}
LAYERS = (
    "layout",
    "base",
    "plugin",
    "artifacts",
    "tools",
    "settings",
    "environment",
    "fingerprint",
    "warm",
    "compile",
    "stage",
    "record",
    "verify",
    "testing",
    "run",
    "cli",
    "warm/server",
    "__main__",
)
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
    for package in ("regrow", *PACKAGES):
        source = SOURCE if package == "regrow" else ROOT / "plugins" / package.replace("_", "-") / "src"
        for file in sorted((source / package).rglob("*.py")):
            parts = file.relative_to(source).with_suffix("").parts
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
    """The room of a module; the server's side of warm/ stands above all, as it holds the whole command line."""
    parts = module.split(".")[1:]
    return "warm/server" if parts[:1] == ["warm"] and parts[1:2] in (["server"], ["__main__"]) else "".join(parts[:1])


def package(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize("name", [name for name in MODULES if name not in {"regrow", "regrow.testing"}])
def test_a_module_imports_only_from_layers_above(name):
    own, rows = layer(name), {"regrow": LAYERS, **PACKAGES}[package(name)]
    for other in imports(name):
        if package(other) == package(name) and layer(other) not in {own, ""}:
            assert rows.index(layer(other)) < rows.index(own), f"{name} imports {other}"
        assert package(name) != "regrow" or package(other) not in PACKAGES, f"{name} imports {other}"


def test_every_module_has_a_layer():
    for one, rows in {"regrow": LAYERS, **PACKAGES}.items():
        found = {layer(name) for name in MODULES if package(name) == one} - {""}
        assert found == {*rows}


def test_packages_need_nothing_of_each_other():
    for name in MODULES:
        if package(name) in PACKAGES:
            assert not {package(other) for other in imports(name)} & (PACKAGES.keys() - {package(name)})


def test_there_is_no_circle_among_modules():
    graph = {
        name: {other for other in imports(name) if other in MODULES and other not in {"regrow", name}}
        for name in MODULES
    }
    graph.pop("regrow")
    TopologicalSorter(
        {name: {o for o in others if o != "regrow.cli" or name != "regrow.cli"} for name, others in graph.items()}
    ).prepare()


SETTINGS = "regrow.plugin.schema"  # models, for modules of plugins that are models themselves


def test_models_of_settings_are_imported_by_nothing_before_they_are_needed():
    assert not [name for name in MODULES if SETTINGS in imports(name, top_level=True)]


@pytest.mark.parametrize("name", [name for name in MODULES if name != SETTINGS])
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
    }
    assert not touched or name.partition(".")[2].startswith("tools.")


@pytest.mark.parametrize("name", MODULES)
def test_only_base_and_tools_start_processes(name):
    starts = layer(name) in {"base", "tools"} or name == "regrow_history.environment.installer"
    assert starts or "subprocess" not in imports(name)


def test_no_class_name_stands_twice():
    where: dict[str, list[str]] = {}
    for name, file in MODULES.items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                where.setdefault(node.name, []).append(name)
    assert {name: places for name, places in where.items() if len(places) > 1} == {}


def test_the_hall_holds_three_files_and_an_old_name():
    found = sorted(file.stem for file in (SOURCE / "regrow").glob("*.py"))
    assert found == ["__init__", "__main__", "layout", "testing"]


@pytest.mark.parametrize("name", MODULES)
def test_modules_and_functions_are_short_and_say_what_they_are(name):
    text = MODULES[name].read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) < 400  # split by subject: to be shorter is a habit, and no law
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, node.name
