"""The dotted names that a piece of code reads."""

import ast
from collections.abc import Iterator
from functools import lru_cache

Chain = tuple[str, ...]


@lru_cache(maxsize=4)
def parts(node: ast.AST) -> tuple[ast.AST, ...]:
    """All that is in a node, itself first, parents before children; asked for several times in a row."""
    return tuple(ast.walk(node))


def chain_of(node: ast.AST) -> Chain:
    """("a", "b", "c") of `a.b.c`; () for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node.id, *reversed(names)) if isinstance(node, ast.Name) else ()


def chains(node: ast.AST) -> Iterator[tuple[Chain, ast.AST | None]]:
    """Every dotted name that is read, longest form only, with its node; names in quoted annotations without."""
    inner: set[int] = set()
    for part in parts(node):
        if isinstance(part, ast.Attribute | ast.Name) and id(part) not in inner:
            child: ast.AST = part
            while isinstance(child, ast.Attribute):
                child = child.value
                inner.add(id(child))
            # `module.name = x` writes into something that others read
            if (chain := chain_of(part)) and not (isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)):
                yield chain, part
    for quoted in _quoted_annotations(node):
        for chain, _ in chains(quoted):
            yield chain, None


def _quoted_annotations(node: ast.AST) -> Iterator[ast.expr]:
    for part in parts(node):
        annotations = (getattr(part, "annotation", None), getattr(part, "returns", None))
        for annotation in filter(None, annotations):
            for inner in ast.walk(annotation):
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    try:
                        yield ast.parse(inner.value, mode="eval").body
                    except (SyntaxError, ValueError):
                        continue
