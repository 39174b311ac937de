"""Which code is followed, and what a module binds under a name."""

import ast
import hashlib
import importlib
import json
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, TypeVar, cast

from regrow.base import find_source
from regrow.fingerprint.code.source import Import, Source, parse

T = TypeVar("T")
RUNTIME = "regrow"
FOLLOWED_RUNTIME = (
    "regrow.plugin.randomness",
    "regrow.plugin.context",
    "regrow.plugin.predicted",
    "regrow.plugin.schema",
    "regrow.artifacts",
    "regrow.randomness",  # as it is called in wheels of older commits, which verify reads
)  # of ourselves, what can change a result
NO_DATA = frozenset({".py", ".pyc", ".pyi"})
NOTHING = ""


class Fact(StrEnum):
    """What is asked of files while code is followed; of nothing else."""

    SOURCE = "source"
    NAMESPACE = "namespace"
    COMPILED = "compiled"
    MODULES = "modules"
    DATA = "data"
    TEXT = "text"


Looked = tuple[Fact, str]  # at which fact of which module or package


@cache
def _library_folders() -> tuple[Path, ...]:
    return tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib"))


def _in_library(path: Path) -> bool:
    return not {"site-packages", "dist-packages"}.isdisjoint(path.parts) or any(
        path.is_relative_to(folder) for folder in _library_folders()
    )


class Code:
    """The code that is followed: the project's, the plugins', whatever lies outside the libraries.

    packages: those followed wherever they lie, the plugins'. What was read is kept for as long as the object lives,
    so make a new one when files may have changed.
    """

    def __init__(self, packages: Iterable[str] = ()) -> None:
        importlib.invalidate_caches()
        self._packages = {package.partition(":")[0].partition(".")[0] for package in packages}
        self._specs: dict[str, ModuleSpec | None] = {}
        self._sources: dict[str, Source | None] = {}
        self._namespaces: dict[str, bool] = {}
        self._known: dict[tuple[str, str], tuple[Any, frozenset[Looked]]] = {}
        self._looked: set[Looked] = set()

    def once(self, key: tuple[str, str], make: Callable[[], T]) -> T:
        """What `make` gives, kept under (module, name) for who asks again."""
        if key not in self._known:
            self._known[key] = self.noting(make)
        value, looked = self._known[key]
        self._looked |= looked
        return cast(T, value)

    def noting(self, make: Callable[[], T]) -> tuple[T, frozenset[Looked]]:
        """What `make` gives, and all facts that it stands on, those of what `once` kept included."""
        before, self._looked = self._looked, set()
        try:
            return make(), frozenset(self._looked)
        finally:
            self._looked = before | self._looked

    def source(self, module: str) -> Source | None:
        """The source of a module whose code is followed, or None. Raises RegrowError if it is no Python."""
        self._looked.add((Fact.SOURCE, module))
        if module not in self._sources:
            file = self.file_of(module)
            self._sources[module] = parse(file, module) if file else None
        return self._sources[module]

    def file_of(self, module: str) -> Path | None:
        """The file of a module whose code is followed, or None."""
        file = find_source.source_of(self._find(module)) if self._may_follow(module) else None
        return file if file and self._is_ours(module, file) else None

    def fact(self, looked: Looked) -> str:
        """A hash of what files say now, whatever it means; "" where there is nothing."""
        fact, name = looked
        if fact is Fact.SOURCE or fact is Fact.COMPILED:
            file = self.file_of(name) if fact is Fact.SOURCE else self.compiled(name)
            return _short(file.name.encode() + b"\0" + file.read_bytes()) if file else NOTHING
        if fact is Fact.MODULES:
            return _short(json.dumps(self.modules_of(name)).encode())
        if fact is Fact.NAMESPACE:
            return "yes" if self.is_namespace(name) else NOTHING
        return self.data_digest(name) if fact is Fact.DATA else self.text_digest(name)

    def _find(self, module: str) -> ModuleSpec | None:
        return find_source.find(module, self._specs)

    def _may_follow(self, module: str) -> bool:
        top = module.partition(".")[0]
        return top != RUNTIME or module == RUNTIME or module.startswith(FOLLOWED_RUNTIME)

    def _is_ours(self, module: str, path: Path) -> bool:
        top = module.partition(".")[0]
        return top == RUNTIME or top in self._packages or not _in_library(path)

    def is_namespace(self, module: str) -> bool:
        """Whether it is a folder of followed code without an __init__."""
        self._looked.add((Fact.NAMESPACE, module))
        if module not in self._namespaces:
            spec = self._find(module) if self._may_follow(module) else None
            folders = find_source.folders_of(spec) if spec and not spec.origin else []
            self._namespaces[module] = bool(folders) and self._is_ours(module, Path(folders[0]))
        return self._namespaces[module]

    def is_module(self, module: str) -> bool:
        """Whether its code, or that of what lies in it, is followed."""
        return self.source(module) is not None or self.is_namespace(module)

    def compiled(self, module: str) -> Path | None:
        """The file of a module of followed code that has no source: a compiled one."""
        self._looked.add((Fact.COMPILED, module))
        spec = self._find(module) if self._may_follow(module) else None
        file = Path(spec.origin) if spec and spec.origin and spec.has_location else None
        return file if file and file.suffix != ".py" and self._is_ours(module, file) else None

    def binds(self, module: str, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a followed module binds a name, be it through `import *`."""
        source = self.source(module)
        if source is None or module in seen:
            return False
        if name in source.definitions or name in source.imports:
            return True
        return any(self.binds(star, name, seen | {module}) for star in source.stars)

    def starred(self, source: Source, name: str) -> list[Import]:
        """Where a name may come from by `import *`."""
        return [(star, name) for star in source.stars if self.binds(star, name)]

    def is_own(self, source: Source, name: str) -> bool:
        """Whether a name, as a module reads it, may stand for followed code other than the runtime's."""
        targets = [*source.imports.get(name, ()), *self.starred(source, name)]
        return name in source.definitions or any(
            module.partition(".")[0] != RUNTIME and self.is_module(module) for module, _ in targets
        )

    def definitions(
        self, source: Source, chain: tuple[str, ...], seen: frozenset[Import] = frozenset()
    ) -> Iterator[tuple[Source, ast.stmt]]:
        """The definitions that a dotted name may stand for, through imports, each with its module."""
        first, *rest = chain
        yield from ((source, node) for node in source.definitions.get(first, ()))
        for target in [*source.imports.get(first, ()), *self.starred(source, first)]:
            module, names = target[0], [name for name in (target[1], *rest) if name]
            while names and self.is_module(f"{module}.{names[0]}"):
                module, names = f"{module}.{names[0]}", names[1:]
            inner = self.source(module)
            if inner is not None and names and target not in seen:
                yield from self.definitions(inner, tuple(names), seen | {target})

    def modules_of(self, package: str) -> list[str]:
        """Every module of a top-level package, or the module itself."""
        self._looked.add((Fact.MODULES, package))
        folder = find_source.find_folder(package)
        if folder is None:
            return [package]
        files = sorted(file.relative_to(folder).with_suffix("").parts for file in folder.rglob("*.py"))
        return [".".join((package, *(parts[:-1] if parts[-1] == "__init__" else parts))) for parts in files]

    def data_digest(self, package: str) -> str:
        """A hash of the files of a package that are no code."""
        self._looked.add((Fact.DATA, package))
        return self._files_digest(package, code=False)

    def text_digest(self, package: str) -> str:
        """A hash of a package's source text, comments and docstrings included."""
        self._looked.add((Fact.TEXT, package))
        return self._files_digest(package, code=True)

    def _files_digest(self, package: str, *, code: bool) -> str:
        folder, file = find_source.find_folder(package), find_source.find_source(package)
        files = sorted(folder.rglob("*")) if folder else [file] if file else []
        told = hashlib.sha256()
        for file in files:
            if file.is_file() and (file.suffix == ".py" if code else file.suffix not in NO_DATA):
                name = file.relative_to(folder).as_posix() if folder else file.name
                told.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
        return told.hexdigest()[:16]


def _short(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
