"""What a function can reach: the project's and plugins' code, unit by unit, and the packages imported. Nothing is run.

A unit is a module-level function, class or constant. Where a name can't be followed (a dynamic import, a module handed
around as a value) the whole module or package is taken, so that a result is never stale for lack of looking.
"""

import ast
import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from regrow.code import unseen
from regrow.code.chains import Chain, chains
from regrow.code.effects import acts
from regrow.code.lookup import RUNTIME, Code
from regrow.code.source import Import, Source, digest, imports_within, submodules_imported

BODY = "<body>"
ALL = "*"
Place = tuple[str, Chain]  # a module, and what in it: (name, ...), (BODY,), (ALL,) or () for the module as a value


@dataclass
class Reach:
    """units: "module:name" -> hash. imports: top-level names of packages outside the followed code. dynamic: where code
    was found that can't be followed, and what was taken instead. data: package -> hash of its files that are no code,
    where code reads them."""

    code: Code
    units: dict[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    dynamic: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    _seen: set[Place] = field(default_factory=set)

    def follow(self, path: str) -> None:
        """Follow "module:name" and all that it can reach; "module" alone, what importing it runs.

        A module that is not followed code counts as an import.
        """
        module, _, name = path.partition(":")
        todo: list[Place] = [(module, (name or BODY,))]
        while todo:
            place = todo.pop()
            if place not in self._seen:
                self._seen.add(place)
                todo += self._visit(*place)

    def _visit(self, module: str, chain: Chain) -> list[Place]:
        source = self.code.source(module)
        if source is None:
            if chain and chain[0] not in {BODY, ALL} and self.code.is_namespace(module):
                return [(f"{module}.{chain[0]}", chain[1:])]
            self._outside(module)
            return []
        if not chain:
            self.dynamic.setdefault(module, "is used as a value: all of it counts")
            return [(inner, (ALL,)) for inner in (self._within(source) if source.is_package else [module])]
        if chain == (BODY,):
            return self._visit_body(source)
        if chain == (ALL,):
            stars = [(star, chain) for star in source.stars]
            return [(module, (BODY,)), *stars, *((module, (n,)) for n in (*source.definitions, *source.imports))]
        return [(module, (BODY,)), *self._visit_name(source, chain)]

    def _within(self, source: Source) -> list[str]:
        names = self.code.modules_of(source.name.partition(".")[0])
        return [name for name in names if name == source.name or name.startswith(f"{source.name}.")]

    def _visit_name(self, source: Source, chain: Chain) -> list[Place]:
        name, rest = chain[0], chain[1:]
        nodes, targets = source.definitions.get(name, []), source.imports.get(name, [])
        stars = self.code.starred(source, name)
        inner = f"{source.name}.{name}"
        # `from . import helpers` in an __init__ names the module itself
        more = [(inner, rest) if t == (source.name, name) else _at(t, rest) for t in (*targets, *stars)]
        if nodes:
            return [*more, *self._unit(source, name, nodes, _told(name, targets))]
        if more:
            self.units[f"{source.name}:{name}"] = digest([], _told(name, (*targets, *stars)))
            return [*more, *self._exported(stars)]
        if source.is_package and self.code.is_module(inner):
            return [(inner, rest)]
        if source.is_package and (file := self.code.compiled(inner)):
            self.data[inner] = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
            return []
        if "__getattr__" in source.definitions:
            return [(source.name, ("__getattr__",))]
        if not name.startswith("__"):
            self.dynamic[f"{source.name}:{name}"] = f"is bound in a way that can't be seen: all of {source.name} counts"
            return [(source.name, (ALL,))]
        return []

    def _exported(self, stars: Iterable[Import]) -> list[Place]:
        """`__all__` decides what `import *` brings."""
        return [(module, ("__all__",)) for module, _ in stars if self.code.binds(module, "__all__")]

    def _outside(self, module: str) -> None:
        top = module.partition(".")[0]
        if file := self.code.compiled(module):
            self.data[module] = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
        elif top and top != RUNTIME and top not in sys.stdlib_module_names:
            self.imports.add(top)

    def _visit_body(self, source: Source) -> list[Place]:
        """What runs when a module is imported: the packages above it, its imports, its bare statements.

        Also definitions that act. A library counts only where it is used, or imported for nothing but its effect.
        """
        parts = source.name.split(".")
        more: list[Place] = [(".".join(parts[:end]), (BODY,)) for end in range(1, len(parts))]
        more += [(star, (BODY,)) for star in source.stars]
        for local, targets in source.imports.items():
            for target in targets:
                more += self._run(target, counts=local not in source.loaded)
        more += [(m, (BODY,)) for m in source.modules if self.code.is_module(m)]
        own = [n for nodes in source.definitions.values() for n in nodes if n not in source.body]
        body = [*source.body, *(node for node in dict.fromkeys(own) if acts(self.code, source, node))]
        return more + self._unit(source, BODY, body) if body else more

    def _run(self, target: Import, *, counts: bool) -> list[Place]:
        """The modules that an import runs; one that is not followed only if it `counts`."""
        module, name = target
        inner = f"{module}.{name}"
        found: list[Place] = [(module, (BODY,))] if counts or self.code.source(module) else []
        if name and self.code.is_module(module) and self.code.is_module(inner):
            found.append((inner, (BODY,)))
        return found

    def _unit(self, source: Source, name: str, nodes: list[ast.stmt], told: Iterable[str] = ()) -> list[Place]:
        """Hash one unit, together with what its imported names stand for, and find what it names."""
        unit = f"{source.name}:{name}"
        bindings, found = set(told), list[Place]()
        for node in nodes:
            local = imports_within(node, source)
            for target in (target for targets in local.values() for target in targets):
                found += self._run(target, counts=True)
            found += [(module, (BODY,)) for module in submodules_imported(node)]
            constants = unseen.constant_imports(node)
            for chain, part in chains(node):
                own = [*source.imports.get(chain[0], ()), *source.hints.get(chain[0], ())]
                targets = [*local.get(chain[0], ()), *own]
                stars = self.code.starred(source, chain[0])
                bindings |= _told(chain[0], [*own, *stars])
                found += [_at(target, chain[1:]) for target in (*targets, *stars)] + self._exported(stars)
                if chain[0] in source.definitions:
                    found.append((source.name, (chain[0],)))
                if id(part) in constants:
                    found += [(constants[id(part)], (ALL,)), (constants[id(part)], (BODY,))]
                else:
                    found += self._unseen(source, unit, node, unseen.meanings(chain, targets, source))
            found += self._unseen(source, unit, node, unseen.attributes(node))
        self.units[unit] = digest(nodes, bindings)
        return found

    def _unseen(self, source: Source, unit: str, node: ast.AST, meanings: Iterable[str]) -> list[Place]:
        """What has to be taken whole because of what a name means."""
        package = source.name.partition(".")[0]
        found: list[Place] = []
        for meaning in () if package == RUNTIME else meanings:
            if unseen.reads_data(meaning):
                named = [text for text in unseen.texts(node) if self.code.is_module(text.partition(".")[0])]
                for top in {package, *(text.partition(".")[0] for text in named)}:
                    self.data[top] = self.code.data_digest(top)
            elif meaning in unseen.DYNAMIC or meaning in unseen.READS_TEXT:
                self.dynamic[unit] = f"uses {meaning}, which can't be followed: all of package {package} counts"
                found += [(module, (ALL,)) for module in self.code.modules_of(package)]
                if meaning in unseen.READS_TEXT:
                    self.units[f"{package}:<text>"] = self.code.text_digest(package)
        return found


def _at(target: Import, rest: Chain) -> Place:
    module, name = target
    return module, (name, *rest) if name else rest


def _told(local: str, targets: Iterable[Import]) -> set[str]:
    return {f"{local}={module}:{name}" for module, name in targets}
