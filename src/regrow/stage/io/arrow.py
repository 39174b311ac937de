"""What pyarrow opens by itself, told to the audit hook: Python has no event for it, and pandas reads Parquet with it.

Every path that goes into pyarrow passes one of a few small functions of its own. Where a version of pyarrow lacks them,
nothing is told; `tests/stage/io/test_arrow.py` has every way in.
"""

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from regrow.stage.io.rules import COMPILED

WAYS_IN = {
    "pyarrow.lib": ("encode_file_path", "_stringify_path"),  # files
    "pyarrow._fs": ("tobytes",),  # file systems, data sets
    "pyarrow._orc": ("_stringify_path",),
    "pyarrow._parquet": ("_stringify_path",),
}
MARK = "_regrow_tells"


def tell() -> None:
    """From here on, and for the life of the process, raise an audit event for each path that pyarrow is given."""
    for name in WAYS_IN:
        if name in sys.modules:
            _wrap(sys.modules[name])
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _wrap(module: ModuleType) -> None:
    for name in WAYS_IN[module.__name__]:
        inner = getattr(module, name, None)
        if callable(inner) and not hasattr(inner, MARK):
            setattr(module, name, _telling(inner))


def _telling(inner: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(inner)
    def told(text: Any, *rest: Any, **named: Any) -> Any:
        sys.audit(COMPILED, text)
        return inner(text, *rest, **named)

    setattr(told, MARK, True)
    return told


class _Finder(MetaPathFinder):
    """Finds as the others do; wraps once pyarrow is loaded. It is not loaded before somebody wants it."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in WAYS_IN:
            return None
        for finder in sys.meta_path:
            found = finder.find_spec(name, path, target) if finder is not self else None
            if found is not None and found.loader is not None:
                found.loader.exec_module = _and_wrap(found.loader.exec_module)  # type: ignore[assignment, method-assign]
                return found
        return None


def _and_wrap(load: Callable[[ModuleType], None]) -> Callable[[ModuleType], None]:
    def load_and_wrap(module: ModuleType) -> None:
        load(module)
        _wrap(module)

    return load_and_wrap
