"""Which files of the project its stages may import, told from the text of its code alone; nothing is imported."""

import ast
import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from regrow import layout
from regrow.plugin.project import Project

NO_CODE = re.compile(r"(^|/)(__pycache__|\.ipynb_checkpoints|[^/]+\.egg-info)(/|$)|\.py[co]$|~$|\.swp$")
CODE = re.compile(r"\.(py|pyd|so)$")
NAMED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(:[A-Za-z_]\w*)?")  # a module, or something in one
SCRIPT = re.compile(r"[\w./-]+\.py\b")
# What reads a package's files, or imports by a name that is made up as it runs: then all of the package counts.
WHOLE = {
    *("__file__", "__path__", "__import__", "import_module", "iter_modules", "walk_packages", "run_module", "run_path"),
    *("get_data", "resources", "exec", "eval"),
}
CALLS = {"__import__", "import_module", "run_module"}  # with a constant they name one module


def scripts(project: Project) -> list[str]:
    """Relative paths of files with Python code that dvc.yaml names, in commands or elsewhere."""
    file = project.path(layout.DVC_YAML)
    said = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    return list(dict.fromkeys(posixpath.normpath(path) for path in SCRIPT.findall(said)))


def files(project: Project) -> set[str]:
    """Relative paths of the modules that stages may import, from the project's plugin and dvc.yaml's scripts on."""
    todo = [project.path(f"{layout.SOURCE}/{project.package}/plugin.py")] if project.package else []
    todo += [project.path(path) for path in scripts(project)]
    found: set[Path] = set()
    while todo:
        file = todo.pop()
        if file in found or not file.is_file() or not file.is_relative_to(project.root):
            continue
        found.add(file)
        if file.suffix == ".py":
            todo += _led_to(file, project.path(layout.SOURCE))
    return {file.relative_to(project.root).as_posix() for file in found}


def _led_to(file: Path, source: Path) -> Iterator[Path]:
    """The files that one may import; packages around them run, too."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return  # compiling says what is wrong
    bases = [source] if file.is_relative_to(source) else [source, file.parent]
    for base in bases:
        for name in _named(tree, file, base):
            parts = name.split(".")
            for end in range(1, len(parts) + 1):
                yield from _files_of(base.joinpath(*parts[:end]))
    if file.is_relative_to(source) and _takes_all(tree):
        top = source / file.relative_to(source).parts[0]
        yield from (inner for inner in top.rglob("*") if inner.is_file() and not NO_CODE.search(inner.as_posix()))


def _files_of(module: Path) -> Iterable[Path]:
    return [module.with_suffix(".py"), module / "__init__.py", *module.parent.glob(f"{module.name}.*so")]


def _named(tree: ast.AST, file: Path, base: Path) -> Iterator[str]:
    """Dotted names of modules, and of what may be one, in imports and in texts such as "package.module:function"."""
    package = file.relative_to(base).parts[:-1] if file.is_relative_to(base) else ()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}".strip(".") for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and NAMED.fullmatch(node.value):
            yield node.value.partition(":")[0]


def _takes_all(tree: ast.AST) -> bool:
    plain = {
        id(call.func)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant)
        and _name(call.func) in CALLS
    }  # fmt: skip
    return any(_name(node) in WHOLE and id(node) not in plain for node in ast.walk(tree))


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
