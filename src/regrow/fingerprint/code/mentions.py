"""Where a piece of code names something that is imported, with what it stands for there, line and call."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from regrow.fingerprint.code.chains import Chain, chain_of
from regrow.fingerprint.code.source import Imports, Source, imports_within

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
MAKERS = {"default_factory", "factory"}  # what is given under these names is called without arguments
DEEPEST = 20  # aliases of aliases
Scope = Mapping[str, Chain | None]  # local name -> what it is another name for, or None


class Mention(NamedTuple):
    """targets: module and names in it, for all that it may stand for; none for a method of something unknown.
    lines: first and last. call: the call of it, if it is called. writes: whether something is put into it."""

    targets: tuple[Chain, ...]
    lines: tuple[int, int]
    call: ast.Call | None = None
    writes: bool = False


@lru_cache(maxsize=1 << 15)
def mentions(node: ast.stmt, source: Source) -> tuple[Mention, ...]:
    """All in one statement of a module; annotations, which ask nothing, apart."""
    local = imports_within(node, source)
    found: list[Mention] = []
    todo: list[tuple[ast.AST, tuple[Scope, ...], ast.Call | None]] = [(node, (), None)]
    while todo:  # no recursion: a sum of a thousand terms is a tree a thousand deep
        part, scopes, call = todo.pop()
        if isinstance(part, ast.Attribute | ast.Name):
            targets = tuple(_targets(_rooted(part), scopes, local, source))
            if targets or (call and isinstance(part, ast.Attribute)):
                lines = part.lineno, part.end_lineno or part.lineno
                found.append(Mention(targets, lines, call, not isinstance(part.ctx, ast.Load)))
            while isinstance(part, ast.Attribute):
                part = part.value
            if not isinstance(part, ast.Name):
                todo.append((part, scopes, None))
        elif isinstance(part, ast.Subscript) and not isinstance(part.ctx, ast.Load) and _rooted(part.value):
            todo.append((part.slice, scopes, None))  # os.environ["X"] = ... asks nothing
        elif isinstance(part, ast.Call):
            todo += [(part.func, scopes, part), *((word, scopes, None) for word in (*part.args, *part.keywords))]
        elif isinstance(part, ast.keyword) and part.arg in MAKERS and chain_of(part.value):
            made = ast.copy_location(ast.Call(part.value, [], []), part.value)
            todo.append((made, scopes, None))
        else:
            todo += [(inner, scope, None) for inner, scope in _within(part, scopes)]
    return tuple(found)


def _within(part: ast.AST, scopes: tuple[Scope, ...]) -> Iterator[tuple[ast.AST, tuple[Scope, ...]]]:
    """The parts of a node, with the scopes that they are in."""
    if isinstance(part, FUNCTIONS):
        outside = [*part.args.defaults, *filter(None, part.args.kw_defaults), *getattr(part, "decorator_list", ())]
        body = part.body if isinstance(part.body, list) else [part.body]
        yield from ((inner, scopes) for inner in outside)
        yield from ((inner, (*scopes, _bound(part, body))) for inner in body)
    elif isinstance(part, ast.AnnAssign):
        yield from ((inner, scopes) for inner in (part.target, part.value) if inner is not None)
    elif isinstance(part, COMPREHENSIONS):
        names = {n.id: None for one in part.generators for n in ast.walk(one.target) if isinstance(n, ast.Name)}
        yield from ((inner, (*scopes, names)) for inner in ast.iter_child_nodes(part))
    else:
        yield from ((inner, scopes) for inner in ast.iter_child_nodes(part))


def _bound(function: ast.AST, body: Sequence[ast.AST]) -> Scope:
    """The names that a function binds itself: its arguments, and what it assigns."""
    given = function.args  # type: ignore[attr-defined]
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    bound: dict[str, Chain | None] = {one.arg: None for one in arguments}
    wide: set[str] = set()
    todo = list(body)
    while todo:
        part = todo.pop()
        if isinstance(part, ast.Global | ast.Nonlocal):
            wide |= set(part.names)
        elif isinstance(part, ast.Assign) and (given := alias(part)):
            bound.setdefault(*given)
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            bound[part.id] = None
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound[part.name] = None
        elif not isinstance(part, (ast.Lambda, *COMPREHENSIONS)):
            todo += ast.iter_child_nodes(part)
    return {name: other for name, other in bound.items() if name not in wide}


def alias(part: ast.stmt) -> tuple[str, Chain] | None:
    """(name, what it is another name for) of `name = a.b`."""
    target = part.targets[0] if isinstance(part, ast.Assign) and len(part.targets) == 1 else None
    chain = _rooted(part.value) if isinstance(part, ast.Assign) and isinstance(target, ast.Name) else ()
    return (target.id, chain) if isinstance(target, ast.Name) and chain else None


def _rooted(node: ast.AST) -> Chain:
    """As `chain_of`; of `__import__("a").b` and `import_module("a").b`, too, whose first name begins with a blank."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if isinstance(node, ast.Call) and node.args and chain_of(node.func)[-1:] in {("__import__",), ("import_module",)}:
        module = getattr(node.args[0], "value", None)
        return (f" {module}", *reversed(names)) if isinstance(module, str) else ()
    return (node.id, *reversed(names)) if isinstance(node, ast.Name) else ()


def _targets(
    chain: Chain, scopes: Sequence[Scope], local: Imports, source: Source, depth: int = DEEPEST
) -> Iterator[Chain]:
    if not chain or not depth:
        return
    name, rest = chain[0], chain[1:]
    if name.startswith(" "):
        yield (name[1:], *rest)
        return
    for number in reversed(range(len(scopes))):
        if name in scopes[number] and name not in local:
            other = scopes[number][name]
            if other:
                outer = scopes[:number] if other[0] == name else scopes
                yield from _targets((*other, *rest), outer, local, source, depth - 1)
            return
    for module, inner in (*local.get(name, ()), *source.imports.get(name, ())):
        yield (module, *([inner] if inner else ()), *rest)
    if name in source.definitions:
        for bound, meant in filter(None, map(alias, source.definitions[name])):
            if bound == name != meant[0]:
                yield from _targets((*meant, *rest), (), {}, source, depth - 1)
    elif name not in source.imports:
        yield from ((star, *chain) for star in source.stars)


def of_module(source: Source, chain: Chain) -> Iterator[Chain]:
    """What a dotted name stands for in a module, seen from outside."""
    yield from _targets(chain, (), {}, source)
