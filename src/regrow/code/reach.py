"""What a function can reach: the project's and plugins' code, unit by unit, and the packages imported. Nothing is run.

A unit is a module-level function, class or constant. Where a name can't be followed (a dynamic import, a module handed
around as a value) the whole module or package is taken, so that a result is never stale for lack of looking.
"""

import ast
import builtins
import hashlib
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from regrow import modules
from regrow.code.source import Source, digest, imported, parse, submodules_imported

RUNTIME = "regrow"
FOLLOWED_RUNTIME = ("regrow.randomness", "regrow.artifacts")  # of ourselves, what can change a result
DYNAMIC = frozenset({"eval", "exec", "__import__", "globals"})
DATA_READERS = frozenset({"importlib.resources", "importlib_resources", "pkgutil.get_data", "jinja2.PackageLoader"})
BODY = "<body>"


@dataclass
class Reach:
    """units: "module:name" -> hash. imports: top-level names of packages outside the followed code. dynamic: where code
    was found that can't be followed, and what was taken instead. data: package -> hash of its files that are no code,
    where
    code reads them."""

    units: dict[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    dynamic: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def follow(self, path: str) -> None:
        """Follow "module:name" and all that it can reach. A module that is not followed code counts as an import."""
        module, _, name = path.partition(":")
        todo = [(module, name)]
        while todo:
            module, name = todo.pop()
            if (module, name) not in self._seen:
                self._seen.add((module, name))
                todo += self._visit(module, name)

    def _visit(self, module: str, name: str) -> list[tuple[str, str]]:
        source = followed(module)
        if source is None:
            self._outside(module, name)
            return []
        if not name:
            return [(module, BODY), *self._parents(module)]
        if name == BODY:
            return self._visit_body(source)
        if name == "*":
            return [(module, unit) for unit in source.definitions]
        nodes = source.definitions.get(name)
        more = [(module, "")]
        if nodes:
            self.units[f"{module}:{name}"] = digest(nodes)
            more += self._names_in(source, nodes, f"{module}:{name}")
        if name in source.imports:
            more.append(_entry(source.imports[name]))
        elif not nodes and followed(f"{module}.{name}") is not None:
            more.append((f"{module}.{name}", ""))
        elif not nodes:
            more += [(star, name) for star in source.stars]
        return more

    def _reads_data(self, source: Source, target: tuple[str, str]) -> None:
        """Code that names a way to read files beside it stands on those files."""
        if ".".join(filter(None, target)) in DATA_READERS or target[0] in DATA_READERS:
            package = source.name.partition(".")[0]
            self.data[package] = _data_digest(package)

    def _outside(self, module: str, name: str) -> None:
        top = module.partition(".")[0]
        if top and top != RUNTIME and top not in sys.stdlib_module_names:
            self.imports.add(top if name in {"", BODY, "*"} or not _is_namespace(module) else f"{module}.{name}")

    def _parents(self, module: str) -> list[tuple[str, str]]:
        """Importing a.b.c runs a/__init__ and a.b/__init__ too."""
        parts = module.split(".")
        return [(".".join(parts[:end]), BODY) for end in range(1, len(parts))]

    def _visit_body(self, source: Source) -> list[tuple[str, str]]:
        """What runs when a module is imported.

        Bare statements, decorators of ours, imports that nobody uses by name.
        """
        used = _loaded(source.statements)
        more = [_module_of(target) for local, target in source.imports.items() if local not in used]
        more += [(module, "") for module in (*source.stars, *submodules_imported(source.statements))]
        more += [_module_of(target) for target in source.imports.values() if followed(_module_of(target)[0])]
        body = [
            *source.body,
            *(node for nodes in source.definitions.values() for node in nodes if _registers(source, node)),
        ]
        if body:
            self.units[f"{source.name}:{BODY}"] = digest(body)
            more += self._names_in(source, body, f"{source.name}:{BODY}")
        return more

    def _names_in(self, source: Source, nodes: Iterable[ast.AST], unit: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for node in nodes:
            local = _local_imports(source, node)
            found += [(module, "") for module in submodules_imported([node])]
            found += [_entry(entry) for entry in local.values()]
            scope = source.imports | local
            for chain in _chains(node):
                found += self._resolve(source, scope, chain, unit)
            found += self._dynamic(source, scope, node, unit)
        return found

    def _resolve(self, source: Source, scope: dict, chain: tuple[str, ...], unit: str) -> list[tuple[str, str]]:
        first, *rest = chain
        if first in scope:
            module, name = scope[first]
            self._reads_data(source, (module, name or ".".join(rest[:1])))
            if name and followed(f"{module}.{name}") is not None and not _defines(module, name):
                module, name = f"{module}.{name}", ""
            if name:
                return [(module, name)]
            return self._into(module, rest, unit)
        if first in source.definitions:
            return [(source.name, first)]
        if source.stars and not hasattr(builtins, first):
            return [(star, first) for star in source.stars]
        return []

    def _into(self, module: str, rest: list[str], unit: str) -> list[tuple[str, str]]:
        """`helpers.sub.function`: down the submodules to the name that is used."""
        if followed(module) is None:
            return [(module, "")]
        while rest and not _defines(module, rest[0]) and followed(f"{module}.{rest[0]}") is not None:
            module, rest = f"{module}.{rest[0]}", rest[1:]
        if rest:
            return [(module, rest[0])]
        self.dynamic[unit] = f"uses module {module} as a value: all of it counts"
        return [(module, "*"), (module, "")]

    def _dynamic(self, source: Source, scope: dict, node: ast.AST, unit: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for call in (inner for inner in ast.walk(node) if isinstance(inner, ast.Call)):
            chain = _chain(call.func)
            if not chain:
                continue
            target = ".".join([*filter(None, scope.get(chain[0], (chain[0], ""))), *chain[1:]])
            if target not in DYNAMIC and target not in {
                "importlib.import_module",
                "importlib.reload",
                "runpy.run_module",
            }:
                continue
            argument = call.args[0] if call.args else None
            if target == "importlib.import_module" and isinstance(argument, ast.Constant) and len(call.args) == 1:
                found += [(str(argument.value), "*"), (str(argument.value), "")]
                continue
            package = source.name.partition(".")[0]
            self.dynamic[unit] = f"calls {target}, which can't be followed: all of package {package} counts"
            found += [(module, end) for module in _all_modules(package) for end in ("*", "")]
        return found


@cache
def _library_folders() -> tuple[Path, ...]:
    return tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib"))


_plugin_packages: set[str] = set()


def follow_package(package: str) -> None:
    """Follow the code of a package that lies among the installed libraries: a plugin's."""
    _plugin_packages.add(package.partition(".")[0])


def followed(module: str) -> Source | None:
    """The source of a module whose code is followed.

    The project's, a plugin's, or any that lies outside the libraries.
    """
    top = module.partition(".")[0]
    if top == RUNTIME and module != RUNTIME and not module.startswith(FOLLOWED_RUNTIME):
        return None
    if top in sys.stdlib_module_names:
        return None
    file = modules.find_source(module)
    if file is None:
        return None
    if (
        top not in _plugin_packages
        and top != RUNTIME
        and any(file.is_relative_to(folder) for folder in _library_folders())
    ):
        return None
    return parse(file, module)


def _entry(target: tuple[str, str]) -> tuple[str, str]:
    module, name = target
    if name and followed(f"{module}.{name}") is not None and not _defines(module, name):
        return f"{module}.{name}", ""
    return module, name


def _module_of(target: tuple[str, str]) -> tuple[str, str]:
    """The module that an import runs."""
    return (_entry(target)[0], "")


def _defines(module: str, name: str) -> bool:
    source = followed(module)
    return source is not None and (name in source.definitions or name in source.imports)


def _is_namespace(module: str) -> bool:
    """A package without __init__, such as `google`: which distribution it is only shows one level down."""
    return modules.exists(module) and modules.find_source(module) is None and modules.find_folder(module) is not None


@cache
def _all_modules(package: str) -> tuple[str, ...]:
    folder = modules.find_folder(package)
    if folder is None:
        return (package,)
    files = sorted(file.relative_to(folder).with_suffix("").parts for file in folder.rglob("*.py"))
    return tuple(".".join((package, *(parts[:-1] if parts[-1] == "__init__" else parts))) for parts in files)


@cache
def _data_digest(package: str) -> str:
    folder = modules.find_folder(package)
    files = sorted(folder.rglob("*")) if folder else []
    digest = hashlib.sha256()
    for file in files:
        if folder and file.is_file() and file.suffix not in {".py", ".pyc", ".pyi"}:
            digest.update(
                f"{file.relative_to(folder).as_posix()}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode()
            )
    return digest.hexdigest()[:16]


def _registers(source: Source, node: ast.AST) -> bool:
    """A decorator of followed code may file the function somewhere, so it counts as run on import."""
    for decorator in getattr(node, "decorator_list", ()):
        chain = _chain(decorator.func if isinstance(decorator, ast.Call) else decorator)
        if chain and (chain[0] in source.definitions or followed(_entry(source.imports.get(chain[0], ("", "")))[0])):
            return True
    return False


def _local_imports(source: Source, node: ast.AST) -> dict[str, tuple[str, str]]:
    statements = [inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]
    return {local: target for statement in statements for local, target in imported(statement, source) if local != "*"}


def _loaded(statements: Iterable[ast.AST]) -> set[str]:
    return {n.id for s in statements for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _chain(node: ast.AST) -> tuple[str, ...]:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else ()


def _chains(node: ast.AST) -> Iterable[tuple[str, ...]]:
    """Every dotted name that is read, longest form only."""
    inner: set[int] = set()
    for part in ast.walk(node):  # parents come before children
        if isinstance(part, ast.Attribute | ast.Name) and id(part) not in inner:
            chain = _chain(part)
            child: ast.AST = part
            while isinstance(child, ast.Attribute):
                child = child.value
                inner.add(id(child))
            if chain and not isinstance(part.ctx, ast.Store):
                yield chain
