"""What a function can reach: the project's and plugins' code, unit by unit, and the packages imported. Nothing is run.

A unit is a module-level function, class or constant. Where a name can't be followed (a dynamic import, a module handed
around as a value) the whole module or package is taken, so that a result is never stale for lack of looking.
"""

import ast
import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from regrow.fingerprint.code.asks import Ask
from regrow.fingerprint.code.chains import Chain
from regrow.fingerprint.code.effects import acts
from regrow.fingerprint.code.lookup import RUNTIME, Code
from regrow.fingerprint.code.source import Source, digest
from regrow.fingerprint.code.units import ALL, BODY, Place, at, exported, look, run, told


@dataclass
class Reach:
    """units: "module:name" -> hash. imports: top-level names of packages outside the followed code. dynamic: where code
    was found that can't be followed, and what was taken instead. data: package -> hash of its files that are no code,
    where code reads them. seeds: the shared generators of random numbers that it seeds. all_asks: of clock, chance and
    machine, shared generators included."""

    code: Code
    units: dict[str, str] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    dynamic: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    seeds: set[str] = field(default_factory=set)
    all_asks: set[Ask] = field(default_factory=set)
    _seen: set[Place] = field(default_factory=set)

    @property
    def asks(self) -> list[Ask]:
        """What it asks of clock, chance and machine, sorted; shared generators that it seeds are no chance."""
        return sorted(ask for ask in self.all_asks if ask.shared not in self.seeds)

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
        more = [(inner, rest) if t == (source.name, name) else at(t, rest) for t in (*targets, *stars)]
        if nodes:
            return [*more, *self._unit(source, name, nodes, told(name, targets))]
        if more:
            self.units[f"{source.name}:{name}"] = digest([], told(name, (*targets, *stars)))
            return [*more, *exported(self.code, stars)]
        if source.is_package and self.code.is_module(inner):
            return [(inner, rest)]
        if source.is_package and (file := self.code.compiled(inner)):
            self.data[inner] = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
            return []
        if "__getattr__" in source.definitions:
            hinted = [at(target, rest) for target in source.hints.get(name, [])]  # what it most likely imports
            if hinted and source.name == RUNTIME:
                return hinted  # a new name of ours is no other code for who asks for an old one
            return [*hinted, (source.name, ("__getattr__",))]
        if not name.startswith("__"):
            self.dynamic[f"{source.name}:{name}"] = f"is bound in a way that can't be seen: all of {source.name} counts"
            return [(source.name, (ALL,))]
        return []

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
                more += run(self.code, target, counts=local not in source.loaded)
        more += [(m, (BODY,)) for m in source.modules if self.code.is_module(m)]
        own = [n for nodes in source.definitions.values() for n in nodes if n not in source.body]
        body = [*source.body, *(node for node in dict.fromkeys(own) if acts(self.code, source, node))]
        return more + self._unit(source, BODY, body) if body else more

    def _unit(self, source: Source, name: str, nodes: list[ast.stmt], known: Iterable[str] = ()) -> list[Place]:
        """Take in one unit, read once for all the stages that reach it."""
        unit = self.code.once((source.name, name), lambda: look(self.code, source, name, nodes, known))
        self.units |= unit.hashes
        self.dynamic |= unit.dynamic
        self.data |= unit.data
        self.seeds |= unit.seeds
        self.all_asks |= set(unit.asks)
        return unit.leads_to
