"""What code can do that reading it does not show: import by a computed name, read its own text or files beside it."""

import ast
from collections.abc import Iterable, Iterator

from regrow.fingerprint.code.chains import Chain, chain_of, parts
from regrow.fingerprint.code.source import Import, Source

_BUILTINS = frozenset({"eval", "exec", "__import__", "globals"})
DYNAMIC = frozenset(
    {
        *_BUILTINS,
        *(f"builtins.{name}" for name in _BUILTINS),
        "vars()",
        "__subclasses__",
        "__globals__",
        "importlib.__import__",
        "importlib.import_module",
        "importlib.reload",
        "importlib.metadata.entry_points",
        "pkgutil.resolve_name",
        "pydoc.locate",
        "regrow.plugin.components.load",
        "runpy.run_module",
        "runpy.run_path",
        "sys.modules",
    }
)
READS_TEXT = frozenset(
    {"__doc__", "inspect.getdoc", "inspect.getsource", "inspect.getsourcelines", "inspect.getcomments"}
)
_READS_DATA = (
    "importlib.resources",
    "importlib_resources",
    "jinja2.PackageLoader",
    "jinja2.loaders.PackageLoader",
    "pkg_resources",
    "pkgutil.get_data",
)
_OWN_PLACE = frozenset({"__file__", "__path__", "__spec__", "__loader__"})


def reads_data(meaning: str) -> bool:
    """Whether a name's meaning is a way to read files that lie beside the code."""
    return meaning in _OWN_PLACE or any(meaning == one or meaning.startswith(f"{one}.") for one in _READS_DATA)


def meanings(chain: Chain, targets: Iterable[Import], source: Source) -> Iterator[str]:
    """The dotted names that a chain may stand for, and every shorter form: sys.modules.get is sys.modules, too."""
    if chain[0] in source.definitions and not targets:
        return
    for words in [[*filter(None, target), *chain[1:]] for target in targets] or [list(chain)]:
        yield from (".".join(words[:end]) for end in range(1, len(words) + 1))


def attributes(node: ast.AST) -> Iterator[str]:
    """Attributes that reach what names do not show, whatever they are asked of; and vars() of the place itself."""
    for inner in parts(node):
        if isinstance(inner, ast.Attribute) and inner.attr in {"__subclasses__", "__globals__", "__doc__"}:
            yield inner.attr
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue  # there, vars() gives its own variables alone
        elif isinstance(inner, ast.Call) and not inner.args and chain_of(inner.func) in {("vars",), ("locals",)}:
            yield "vars()"


def constant_imports(node: ast.AST) -> dict[int, str]:
    """The function nodes of `import_module("a.b")`, by id: what they import is plain to see."""
    found: dict[int, str] = {}
    for call in parts(node):
        if isinstance(call, ast.Call) and len(call.args) == 1 and not call.keywords:
            name, chain = call.args[0], chain_of(call.func)
            if (
                chain
                and chain[-1] == "import_module"
                and isinstance(name, ast.Constant)
                and isinstance(name.value, str)
            ):
                found[id(call.func)] = name.value
    return found


def texts(node: ast.AST) -> Iterator[str]:
    """The text constants that could name a package."""
    for inner in parts(node):
        text = inner.value if isinstance(inner, ast.Constant) else None
        if isinstance(text, str) and all(part.isidentifier() for part in text.split(".")):
            yield text
