"""The code that scoring reaches: of each module, the functions and classes that are named on the way, and no others.

What it keeps is never more than what a fingerprint holds: comments and docstrings are left out, and an edit of what
scoring does not reach changes no bundle.
"""

import ast
import importlib.util
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from regrow import RegrowError

BODY, ALL = "<body>", "*"


@dataclass
class _Module:
    """A module's source, and what of it is kept. imports: local name -> (module, name in it or "")."""

    tree: ast.Module
    package: str
    is_package: bool
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    body: list[ast.stmt] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)


@dataclass
class Code:
    """followed: the top-level packages whose code is taken. outside: those imported beside them."""

    followed: Collection[str]
    outside: set[str] = field(default_factory=set)
    _modules: dict[str, _Module] = field(default_factory=dict)

    def reach(self, entries: Iterable[str]) -> None:
        """Take in "module:name" and all that it names."""
        todo = [(module, name) for module, _, name in (entry.partition(":") for entry in entries)]
        while todo:
            module, name = todo.pop()
            if module.partition(".")[0] not in self.followed:
                self._take_outside(module)
                continue
            found = self._module(module)
            if name and name not in found.kept:
                found.kept.add(name)
                todo += self._names(module, found, name)

    def members(self) -> dict[str, bytes]:
        """Path below code/ -> source, of every module reached."""
        made = {}
        for name, module in sorted(self._modules.items()):
            path = name.replace(".", "/") + ("/__init__.py" if module.is_package else ".py")
            made[path] = (_source(module) + "\n").encode()
        return made

    def _take_outside(self, module: str) -> None:
        top = module.partition(".")[0]
        if top and top not in sys.stdlib_module_names:
            self.outside.add(top)

    def _module(self, name: str) -> _Module:
        if name not in self._modules:
            spec = importlib.util.find_spec(name)
            if spec is None or not spec.origin:
                raise RegrowError(f"the code of {name} can't be found", where="bundle")
            source = Path(spec.origin).read_text(encoding="utf-8")
            is_package = spec.submodule_search_locations is not None
            package = name if is_package else name.rpartition(".")[0]
            self._modules[name] = _read(_Module(ast.parse(source), package, is_package))
        return self._modules[name]

    def _names(self, name: str, module: _Module, wanted: str) -> Iterator[tuple[str, str]]:
        above = name.rpartition(".")[0]
        yield from (((above, BODY),) if above else ())
        yield (name, BODY)
        if wanted == ALL:
            yield from ((name, one) for one in (*module.definitions, *module.imports))
            return
        if wanted in module.imports:
            target, inner = module.imports[wanted]
            yield from self._target(target, inner)
        statements = module.body if wanted == BODY else module.definitions.get(wanted, [])
        for statement in statements:
            yield from self._named_in(name, module, statement)

    def _named_in(self, name: str, module: _Module, statement: ast.stmt) -> Iterator[tuple[str, str]]:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and (node.id in module.definitions or node.id in module.imports):
                yield (name, node.id)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for target, inner in _targets(node, module.package).values():
                    yield from self._target(target, inner)

    def _target(self, module: str, name: str) -> Iterator[tuple[str, str]]:
        """What an import stands for; a module that is handed on as a value counts whole."""
        if module.partition(".")[0] not in self.followed:
            yield (module, name)
        elif not name:
            yield (module, ALL)
        elif (found := self._module(module)).is_package and name not in {*found.definitions, *found.imports}:
            yield from ((module, BODY), (f"{module}.{name}", ALL))
        else:
            yield (module, name)


def _read(module: _Module) -> _Module:
    for statement in module.tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            module.imports |= _targets(statement, module.package)
        elif names := _defined(statement):
            for name in names:
                module.definitions.setdefault(name, []).append(statement)
        elif not _is_text(statement) and not _for_types_alone(statement):
            module.body.append(statement)
    for statement in _late(module):
        module.imports |= _targets(statement, module.package)
    return module


def _late(module: _Module) -> Iterator[ast.Import | ast.ImportFrom]:
    """What a module with `__getattr__` imports when it is asked for, as it tells type checkers: imported at once in a
    bundle, where whoever asks needs it."""
    if "__getattr__" in module.definitions:
        for block in filter(_for_types_alone, module.tree.body):
            yield from (one for one in block.body if isinstance(one, ast.Import | ast.ImportFrom))  # type: ignore[attr-defined]


def _targets(statement: ast.Import | ast.ImportFrom, package: str) -> dict[str, tuple[str, str]]:
    if isinstance(statement, ast.Import):
        return {one.asname or one.name.partition(".")[0]: (one.name, "") for one in statement.names}
    base = statement.module or ""
    if statement.level:
        above = package.split(".")[: len(package.split(".")) - statement.level + 1]
        base = ".".join([*above, *([statement.module] if statement.module else [])])
    return {one.asname or one.name: (base, one.name) for one in statement.names}


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    targets = [statement.target] if isinstance(statement, ast.AnnAssign) else targets
    names = [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return names if targets and all(isinstance(target, ast.Name | ast.Tuple) for target in targets) else []


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _for_types_alone(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.If) and isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING"
    )


def _source(module: _Module) -> str:
    """The statements that are kept, in their order, without what people alone read."""
    kept = [one for name, nodes in module.definitions.items() if name in module.kept for one in nodes]
    chosen = {id(node) for node in (*kept, *(module.body if BODY in module.kept else ()))}
    lines = []
    for statement in module.tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            lines += _imported(statement, module)
        elif id(statement) in chosen:
            lines.append(ast.unparse(_Bare().visit(statement)))
    lines += [line for statement in _late(module) for line in _imported(statement, module)]
    return "\n".join(lines)


def _imported(statement: ast.Import | ast.ImportFrom, module: _Module) -> list[str]:
    if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
        return [ast.unparse(statement)]
    names = [one for one in statement.names if (one.asname or one.name.partition(".")[0]) in module.kept]
    if not names:
        return []
    if isinstance(statement, ast.Import):
        return [ast.unparse(ast.Import(names))]
    return [ast.unparse(ast.ImportFrom(statement.module, names, statement.level))]


class _Bare(ast.NodeTransformer):
    """Takes docstrings out."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and _is_text(node.body[0]):
            node.body = node.body[1:] or [ast.Pass()]
        return node
