"""Whether calling a function of ours, while a module is imported, can change anything but what it returns.

In doubt, yes: then the call counts for everything that imports the module.
"""

import ast
import sys
from collections.abc import Iterable

from regrow.fingerprint.code.chains import Chain, chain_of
from regrow.fingerprint.code.lookup import RUNTIME, Code
from regrow.fingerprint.code.source import Source

_READING = frozenset({"copy", "count", "format", "get", "index", "items", "join", "keys", "lower", "split", "values"})
_CHANGING = frozenset({"delattr", "eval", "exec", "globals", "next", "setattr", "vars", "__import__"})
_MAKING = ("__init__", "__new__", "__post_init__")


class Purity:
    """Looks at calls as they stand in one module; remembers what it has looked at, so that recursion ends."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._seen: set[int] = set()

    def of_calls(self, source: Source, nodes: Iterable[ast.AST], unsure: frozenset[str] = frozenset()) -> bool:
        """Whether every call in these nodes changes nothing. `unsure`: names that may hold any function."""
        calls = [inner.func for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Call)]
        return all(self.of_callable(source, function, unsure) for function in calls)

    def of_callable(self, source: Source, function: ast.AST, unsure: frozenset[str] = frozenset()) -> bool:
        """Whether calling what an expression gives changes nothing."""
        chain = chain_of(function)
        if not chain:
            names = {inner.id for inner in ast.walk(function) if isinstance(inner, ast.Name)}
            return not any(name in unsure or self._code.is_own(source, name) for name in names)
        if chain[0] in unsure or (chain[0] in _CHANGING and len(chain) == 1):
            return False
        if not self._code.is_own(source, chain[0]):
            tops = {module.partition(".")[0] for module, _ in source.imports.get(chain[0], ())}
            making = chain[-1][:1].isupper()  # a library's class
            return all(making or top == RUNTIME or top in sys.stdlib_module_names for top in tops)
        return self._of_own(source, chain)

    def _of_own(self, source: Source, chain: Chain) -> bool:
        found = list(self._code.definitions(source, chain))
        if chain[0] in source.definitions and len(chain) > 1:
            return chain[-1] in _READING  # a method of a constant of ours
        return bool(found) and all(self._of_definition(where, node) for where, node in found)

    def _of_definition(self, source: Source, node: ast.stmt) -> bool:
        if id(node) in self._seen:
            return True
        self._seen.add(id(node))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return self._of_function(source, node)
        if not isinstance(node, ast.ClassDef) or node.keywords:
            return False
        makers = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name in _MAKING]
        bases = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
        own = [base for base in bases if not chain_of(base) or self._code.is_own(source, chain_of(base)[0])]
        return all(self._of_function(source, maker) for maker in makers) and all(
            self.of_callable(source, base) for base in own
        )

    def _of_function(self, source: Source, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
        arguments = [a for f in ast.walk(node) if isinstance(f, functions) for a in _arguments(f)]
        local = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        local |= {"self"} if node.name in _MAKING else set()
        for inner in ast.walk(node):
            if isinstance(inner, ast.Global):
                return False
            if isinstance(inner, ast.Attribute | ast.Subscript) and not isinstance(inner.ctx, ast.Load):
                if _root(inner) not in local:
                    return False
            elif isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call):
                function = inner.value.func
                if _root(function) in arguments or (
                    isinstance(function, ast.Attribute) and _root(function) not in local
                ):
                    return False
        # a wrapper may call what it wraps: it does not do so while it is made
        return self.of_calls(source, _without_nested(node), frozenset(arguments)) and self.of_calls(source, node.body)


def _without_nested(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.AST]:
    """The expressions of a function that are no part of a function inside it."""
    found, todo = list[ast.AST](), list[ast.AST](node.body)
    while todo:
        inner = todo.pop()
        if isinstance(inner, ast.Call):
            found.append(ast.Call(inner.func, [], []))
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            todo += ast.iter_child_nodes(inner)
    return found


def _arguments(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[str]:
    given = function.args
    rest = [given.vararg, given.kwarg]
    return [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, rest))]


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
