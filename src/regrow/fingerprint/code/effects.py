"""Whether a definition does more, when its module is imported, than to bind its name.

A decorator may file a function in a table, a base class its subclasses, an assignment may call what changes a default.
Then it counts for everything that imports the module, used by name or not.
"""

import ast
from collections.abc import Iterable

from regrow.fingerprint.code.chains import chain_of
from regrow.fingerprint.code.lookup import Code
from regrow.fingerprint.code.purity import Purity
from regrow.fingerprint.code.source import Source

# Libraries whose decorators only wrap. Others' may register: pandas' accessors, polars' namespaces, xarray's.
WRAPPING = frozenset(
    {
        *("abc", "attr", "attrs", "contextlib", "dataclasses", "enum", "functools", "typing", "typing_extensions"),
        *(
            "click",
            "joblib",
            "numba",
            "numpy",
            "pydantic",
            "pytest",
            "regrow",
            "scipy",
            "sklearn",
            "threading",
            "warnings",
        ),
    }
)


def acts(code: Code, source: Source, node: ast.stmt) -> bool:
    """Whether it may change anything but its own name. In doubt, yes."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        return _decorated(code, source, node.decorator_list) or not Purity(code).of_calls(source, defaults)
    if isinstance(node, ast.ClassDef):
        return _class_acts(code, source, node)
    value = getattr(node, "value", None)
    return value is not None and not Purity(code).of_calls(source, [value])


def _decorated(code: Code, source: Source, decorators: Iterable[ast.expr]) -> bool:
    """Whether one of them may do more than to wrap: ours where it does, a library's unless it is known not to."""
    for decorator in decorators:
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        names = [inner.id for inner in ast.walk(decorator) if isinstance(inner, ast.Name)]
        own = any(code.is_own(source, name) for name in names)
        if own and not (Purity(code).of_callable(source, function) and Purity(code).of_calls(source, [decorator])):
            return True
        if not own and any(not _only_wraps(source, name) for name in names):
            return True
    return False


def _only_wraps(source: Source, name: str) -> bool:
    """Whether a decorator's name is a builtin, or comes from a library whose decorators touch nothing but the name."""
    return all(module.partition(".")[0] in WRAPPING for module, _ in source.imports.get(name, ()))


def _class_acts(code: Code, source: Source, node: ast.ClassDef) -> bool:
    if _decorated(code, source, node.decorator_list) or _has_hook(code, source, node, set()):
        return True
    return any(_statement_acts(code, source, inner) for inner in node.body)


def _statement_acts(code: Code, source: Source, node: ast.stmt) -> bool:
    """Whether a statement of a class body does more than to define a part of the class."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return acts(code, source, node)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return False
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        plain = all(isinstance(target, ast.Name | ast.Tuple) for target in targets)
        return not plain or (node.value is not None and _calls_own(code, source, node.value))
    return not isinstance(node, ast.Pass)


def _calls_own(code: Code, source: Source, value: ast.AST) -> bool:
    """Whether it calls code of ours that acts; what libraries' fields do is the class's own affair."""
    for call in (inner for inner in ast.walk(value) if isinstance(inner, ast.Call)):
        names = [inner.id for inner in ast.walk(call.func) if isinstance(inner, ast.Name)]
        if any(code.is_own(source, name) for name in names) and not Purity(code).of_callable(source, call.func):
            return True
    return False


def _has_hook(code: Code, source: Source, node: ast.ClassDef, seen: set[int]) -> bool:
    """Whether a class or one above it, in followed code, has a metaclass or hears of its subclasses."""
    if id(node) in seen:
        return False
    seen.add(id(node))
    values = [inner.id for k in node.keywords for inner in ast.walk(k.value) if isinstance(inner, ast.Name)]
    if any(code.is_own(source, name) for name in values):
        return True
    for base in node.bases:
        chain = chain_of(base.value if isinstance(base, ast.Subscript) else base)
        if not chain:
            return True
        for where, above in code.definitions(source, chain):
            if not isinstance(above, ast.ClassDef) or _hears(above) or _has_hook(code, where, above, seen):
                return True
    return False


def _hears(node: ast.ClassDef) -> bool:
    return any(isinstance(inner, ast.FunctionDef) and inner.name == "__init_subclass__" for inner in node.body)
