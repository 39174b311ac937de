"""One module, parsed: its definitions, its imports, and what it runs when it is imported."""

import ast
import hashlib
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from regrow.base.errors import RegrowError
from regrow.fingerprint.code.chains import parts

HARMLESS = re.compile(rb"#\s*regrow:\s*harmless\s+([a-z]+(?:\s*,\s*[a-z]+)*)")
TICK = 1_000_000_000  # nanoseconds; coarse on some file systems
Import = tuple[str, str]  # (module, name in it or "" for the module itself)
Imports = dict[str, list[Import]]  # local name -> all that it may stand for
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(eq=False)
class Source:
    """name: dotted module name. definitions: what `def`, `class` and assignments bind, each with all its nodes.
    hints: imports for type checkers alone. stars: modules imported by `*`. body: what else runs on import.
    modules: those that `import a.b` names. loaded: every name that is read somewhere in it. harmless: line -> what a
    comment says that it may ask."""

    name: str
    is_package: bool
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: Imports = field(default_factory=dict)
    hints: Imports = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    body: list[ast.stmt] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    loaded: set[str] = field(default_factory=set)
    file: Path = Path()
    harmless: Mapping[int, frozenset[str]] = field(default_factory=dict)


def parse(file: Path, name: str) -> Source:
    """Parse a module's file. Raises RegrowError naming the line that is not Python.

    A file is parsed once in a process, and in those forked of it, for as long as the system says that it is the same;
    one that was written just now may be written again before its clock ticks.
    """
    about = file.stat()
    told = (about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino)
    if 0 <= time.time_ns() - about.st_ctime_ns < TICK:
        return _parse.__wrapped__(file, name, told)
    return _parse(file, name, told)


@lru_cache(maxsize=4096)
def _parse(file: Path, name: str, _about: tuple[int, ...]) -> Source:
    return parsed(file.read_bytes(), file.as_posix(), name)


def parsed(data: bytes, file: str, name: str) -> Source:
    """Parse a module's bytes. Raises RegrowError as `parse` does."""
    base = file.rpartition("/")[2]
    try:
        tree = ast.parse(data, file)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) else ""
        raise RegrowError(f"is not valid Python: {error}", where=f"{base}{line} (module {name})") from None
    source = Source(name, base == "__init__.py", loaded=_loaded(tree), file=Path(file), harmless=_harmless(data))
    for statement in _without_docstring(tree.body):
        _sort_in(source, statement)
    return source


def _harmless(data: bytes) -> dict[int, frozenset[str]]:
    """What comments say of their line, or of the next where they have one of their own: `# regrow: harmless clock`."""
    found: dict[int, frozenset[str]] = {}
    for number, line in enumerate(data.splitlines(), 1) if b"regrow:" in data else ():
        if said := HARMLESS.search(line):
            kinds = frozenset(kind.strip().decode() for kind in said[1].split(b","))
            found[number + line.lstrip().startswith(b"#")] = kinds
    return found


def _sort_in(source: Source, statement: ast.stmt) -> None:
    if isinstance(statement, Definition):
        source.definitions.setdefault(statement.name, []).append(statement)
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        _bind(source, statement)
    elif isinstance(statement, ast.If) and _guards(statement):
        for hint in statement.body if _guards(statement) == "TYPE_CHECKING" else ():
            if isinstance(hint, ast.Import | ast.ImportFrom):  # not run, but annotations may name it
                for local, target in imported(hint, source):
                    source.hints.setdefault(local, []).append(target)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return
    else:
        # if/try/with/for at module level may bind names as well as act: it counts as both
        if not _only_binds(statement):
            source.body.append(statement)
        for inner in ast.walk(statement):
            if isinstance(inner, ast.Import | ast.ImportFrom):
                _bind(source, inner)
            elif isinstance(inner, Definition):
                source.definitions.setdefault(inner.name, []).append(inner)
            elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                source.definitions.setdefault(inner.id, []).append(statement)


def _bind(source: Source, statement: ast.Import | ast.ImportFrom) -> None:
    for local, target in imported(statement, source):
        if local == "*":
            source.stars.append(target[0])
        else:
            source.imports.setdefault(local, []).append(target)
    source.modules += submodules_imported(statement)


def _guards(statement: ast.If) -> str:
    """What an `if` keeps from running on import: "__main__", "TYPE_CHECKING", or nothing."""
    test = ast.unparse(statement.test)
    if statement.orelse:
        return ""
    if test in {"__name__ == '__main__'", "'__main__' == __name__"}:
        return "__main__"
    return "TYPE_CHECKING" if test in {"TYPE_CHECKING", "typing.TYPE_CHECKING"} else ""


def _only_binds(statement: ast.stmt) -> bool:
    """Whether it is an assignment to names, as opposed to one that writes into something (`registry["x"] = ...`)."""
    if isinstance(statement, ast.Assign):
        targets: list[ast.expr] = statement.targets
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        targets = [statement.target]
    else:
        return type(statement).__name__ == "TypeAlias"  # Python 3.12's `type X = ...`
    return all(
        isinstance(inner, ast.Name | ast.Tuple | ast.List | ast.Starred | ast.expr_context)
        for target in targets
        for inner in ast.walk(target)
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


def imports_within(node: ast.AST, source: Source) -> Imports:
    """What the import statements inside a function or class bind."""
    found: Imports = {}
    for inner in parts(node):
        if isinstance(inner, ast.Import | ast.ImportFrom):
            for local, target in imported(inner, source):
                found.setdefault(local, []).append(target)
    return found


def submodules_imported(node: ast.AST) -> list[str]:
    """Dotted modules of `import a.b.c`: they are imported though only `a` (or an alias) is bound."""
    statements = (inner for inner in parts(node) if isinstance(inner, ast.Import))
    return [alias.name for statement in statements for alias in statement.names if "." in alias.name]


def _loaded(tree: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def digest(nodes: Iterable[ast.AST], bindings: Iterable[str] = ()) -> str:
    """A short hash of code that a comment, a docstring or a reformat leaves as it is.

    bindings: what the imported names in it stand for, which the code itself does not say.
    """
    told = hashlib.sha256(b"".join(f" {one!r}".encode() for one in sorted(bindings)))
    for node in nodes:
        told.update(_told(node))
    return told.hexdigest()[:16]


@lru_cache(maxsize=1 << 15)
def _told(node: ast.AST) -> bytes:
    told: list[bytes] = []
    # a stack, not recursion: a sum of a thousand terms is a tree a thousand deep
    todo: list[object] = [node]
    while todo:
        item = todo.pop()
        if isinstance(item, ast.AST):
            told.append(f"({type(item).__name__}".encode())
            todo.append(_END)
            todo += [_field(item, name) for name in reversed(item._fields) if name not in {"kind", "type_comment"}]
        elif isinstance(item, list):
            told.append(b"[")
            todo += [_END, *reversed(item)]
        else:
            told.append(b")" if item is _END else f" {item!r}".encode())
    return b"".join(told)


_END = object()


def _field(node: ast.AST, name: str) -> object:
    value = getattr(node, name, None)
    if name == "body" and isinstance(node, Definition):
        return _without_docstring(node.body) or [ast.Pass()]
    return value


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body
