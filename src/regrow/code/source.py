"""One module, parsed: its definitions, its imports, and what it runs when it is imported."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from regrow.errors import RegrowError

Import = tuple[str, str]  # (module, name in it or "" for the module itself)


@dataclass
class Source:
    """name: dotted module name. definitions: what `def`, `class` and plain assignments bind, each with all its nodes.
    imports: local name -> what it stands for. stars: modules imported by `*`. body: what else runs on import."""

    name: str
    is_package: bool
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, Import] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    body: list[ast.stmt] = field(default_factory=list)
    statements: list[ast.stmt] = field(default_factory=list)


@lru_cache(maxsize=2048)
def _parse(file: Path, _mtime_ns: int, _size: int, name: str) -> Source:
    try:
        tree = ast.parse(file.read_bytes(), str(file))
    except (SyntaxError, ValueError) as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) else ""
        raise RegrowError(f"is not valid Python: {error}", where=f"{file.name}{line} (module {name})") from None
    source = Source(name, file.name == "__init__.py", statements=tree.body)
    for statement in _without_docstring(tree.body):
        _sort_in(source, statement)
    return source


def parse(file: Path, name: str) -> Source:
    """Parse a module's file. Raises RegrowError naming the line that is not Python."""
    stat = file.stat()
    return _parse(file, stat.st_mtime_ns, stat.st_size, name)


def _sort_in(source: Source, statement: ast.stmt) -> None:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        source.definitions.setdefault(statement.name, []).append(statement)
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        for local, target in imported(statement, source):
            if local == "*":
                source.stars.append(target[0])
            else:
                source.imports[local] = target
    elif names := _assigned(statement):
        for name in names:
            source.definitions.setdefault(name, []).append(statement)
    else:
        # if/try/with/for at module level may bind names as well as act: it counts as both
        source.body.append(statement)
        for inner in ast.walk(statement):
            if isinstance(inner, ast.Import | ast.ImportFrom):
                source.imports.update((local, target) for local, target in imported(inner, source) if local != "*")
            elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                source.definitions.setdefault(inner.name, []).append(inner)
            elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                source.definitions.setdefault(inner.id, []).append(statement)


def _assigned(statement: ast.stmt) -> list[str]:
    """The names that a plain assignment binds; none if it also writes into something (`registry["x"] = ...`)."""
    if isinstance(statement, ast.Assign):
        targets: list[ast.expr] = statement.targets
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        targets = [statement.target]
    elif type(statement).__name__ == "TypeAlias":  # Python 3.12's `type X = ...`
        targets = [statement.name]  # type: ignore[attr-defined]
    else:
        return []
    flat = [e for target in targets for e in (target.elts if isinstance(target, ast.Tuple | ast.List) else [target])]
    return (
        [target.id for target in flat if isinstance(target, ast.Name)]
        if all(isinstance(t, ast.Name) for t in flat)
        else []
    )


def imported(statement: ast.Import | ast.ImportFrom, source: Source) -> Iterator[tuple[str, Import]]:
    """(local name, what it stands for) of an import statement; relative ones are resolved."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if alias.asname:
                yield alias.asname, (alias.name, "")
            else:
                yield alias.name.partition(".")[0], (alias.name.partition(".")[0], "")
        return
    module = statement.module or ""
    if statement.level:
        above = source.name.split(".")
        above = above[: len(above) - statement.level + source.is_package]
        module = ".".join([*above, module] if module else above)
    for alias in statement.names:
        yield alias.asname or alias.name, (module, alias.name)


def submodules_imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Dotted modules of `import a.b.c` without `as`: they are imported though only `a` is bound."""
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Import):
                yield from (alias.name for alias in inner.names if "." in alias.name)


def digest(nodes: Iterable[ast.AST]) -> str:
    """A short hash of code that a comment, a docstring or a reformat leaves as it is."""
    text = "\n".join(ast.dump(_normal(node), annotate_fields=False) for node in nodes)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _normal(node: ast.AST) -> ast.AST:
    copy = ast.parse(ast.unparse(node)) if not isinstance(node, ast.Module) else node
    for inner in ast.walk(copy):
        if isinstance(inner, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inner.body = _without_docstring(inner.body) or [ast.Pass()]
    return copy


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body
