"""One unit of code (a module-level function, class or constant; what a module runs on import) and what it names."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from regrow.fingerprint.code import unseen
from regrow.fingerprint.code.asks import Ask, asks
from regrow.fingerprint.code.chains import Chain, chains, parts
from regrow.fingerprint.code.lookup import RUNTIME, Code
from regrow.fingerprint.code.mentions import alias, mentions
from regrow.fingerprint.code.questions import METHODS, may_ask
from regrow.fingerprint.code.source import Import, Source, digest, imports_within, submodules_imported

BODY = "<body>"
ALL = "*"
Place = tuple[str, Chain]  # a module, and what in it: (name, ...), (BODY,), (ALL,) or () for the module as a value


@dataclass
class Unit:
    """hashes: its own, and of texts that it reads. leads_to: the places that it names. dynamic and data as in Reach.
    asks and seeds: as `asks` says."""

    hashes: dict[str, str] = field(default_factory=dict)
    leads_to: list[Place] = field(default_factory=list)
    dynamic: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    asks: list[Ask] = field(default_factory=list)
    seeds: set[str] = field(default_factory=set)


class Words(NamedTuple):
    """What one statement says by itself, whatever other modules hold. imports: by the statements in it. places: those
    that it names. told: what imported names stand for, as it goes into a hash. meanings: what could be a way to do what
    can't be seen. names: that it reads. may_ask: whether it can ask the clock and the like by a name of its own."""

    imports: tuple[Import, ...]
    places: tuple[Place, ...]
    told: frozenset[str]
    meanings: tuple[str, ...]
    names: tuple[Chain, ...]
    may_ask: bool


@lru_cache(maxsize=1 << 15)
def words(node: ast.stmt, source: Source) -> Words:
    """Read a statement of a module, once for as long as the module is kept."""
    local, constants = imports_within(node, source), unseen.constant_imports(node)
    places: list[Place] = [(module, (BODY,)) for module in submodules_imported(node)]
    known, meanings, names = set[str](), list[str](), list[Chain]()
    asks_by = bool(source.stars) or any(
        isinstance(part, ast.Attribute) and part.attr in METHODS for part in parts(node)
    )
    for chain, part in chains(node):
        own = [*source.imports.get(chain[0], ()), *source.hints.get(chain[0], ())]
        targets = [*local.get(chain[0], ()), *own]
        known |= told(chain[0], own)
        names.append(chain)
        asks_by = asks_by or may_ask(chain, targets) or any(map(alias, source.definitions.get(chain[0], ())))
        places += [at(target, chain[1:]) for target in targets]
        if chain[0] in source.definitions:
            places.append((source.name, (chain[0],)))
        if id(part) in constants:
            places += [(constants[id(part)], (ALL,)), (constants[id(part)], (BODY,))]
        else:
            meanings += unseen.meanings(chain, targets, source)
    imports = tuple(target for targets in local.values() for target in targets)
    meanings += unseen.attributes(node)
    return Words(imports, tuple(places), frozenset(known), tuple(meanings), tuple(dict.fromkeys(names)), asks_by)


def read(source: Source) -> None:
    """Read all of a module at once, so that processes forked of this one need not."""
    for node in {*source.body, *(node for nodes in source.definitions.values() for node in nodes)}:
        if words(node, source).may_ask:
            mentions(node, source)
        digest([node])


def look(code: Code, source: Source, name: str, nodes: list[ast.stmt], bindings: Iterable[str] = ()) -> Unit:
    """Hash one unit, together with what its imported names stand for, and find what it names."""
    unit, own_name, known = Unit(), f"{source.name}:{name}", set(bindings)
    for node in nodes:
        said = words(node, source)
        known |= said.told
        unit.leads_to += said.places
        for target in said.imports:
            unit.leads_to += run(code, target, counts=True)
        for chain in said.names if source.stars else ():
            stars = code.starred(source, chain[0])
            known |= told(chain[0], stars)
            unit.leads_to += [at(target, chain[1:]) for target in stars] + exported(code, stars)
        _unseen(unit, own_name, code, source, node, said.meanings)
    asking = [node for node in nodes if _asks(code, words(node, source))]
    unit.asks, unit.seeds = asks(code, source, name, asking)
    unit.hashes[own_name] = digest(nodes, known)
    return unit


def _asks(code: Code, said: Words) -> bool:
    """Whether a statement can ask the clock and the like, be it by a name that another module imports for it."""
    if said.may_ask:
        return True
    for module, chain in said.places:
        source = code.source(module) if module != RUNTIME else None  # which asks nothing
        while source and source.is_package and chain and code.source(f"{source.name}.{chain[0]}"):
            source, chain = code.source(f"{source.name}.{chain[0]}"), chain[1:]
        if source and chain and (chain[0] in source.imports or source.stars):
            return True
    return False


def _unseen(unit: Unit, name: str, code: Code, source: Source, node: ast.AST, meanings: Iterable[str]) -> None:
    """Take whole what has to be, because of what a name means."""
    package = source.name.partition(".")[0]
    for meaning in () if package == RUNTIME else meanings:
        if unseen.reads_data(meaning):
            named = [text for text in unseen.texts(node) if code.is_module(text.partition(".")[0])]
            for top in {package, *(text.partition(".")[0] for text in named)}:
                unit.data[top] = code.data_digest(top)
        elif meaning in unseen.DYNAMIC or meaning in unseen.READS_TEXT:
            unit.dynamic[name] = f"uses {meaning}, which can't be followed: all of package {package} counts"
            unit.leads_to += [(module, (ALL,)) for module in code.modules_of(package)]
            if meaning in unseen.READS_TEXT:
                unit.hashes[f"{package}:<text>"] = code.text_digest(package)


def run(code: Code, target: Import, *, counts: bool) -> list[Place]:
    """The modules that an import runs; one that is not followed only if it `counts`."""
    module, name = target
    inner = f"{module}.{name}"
    found: list[Place] = [(module, (BODY,))] if counts or code.source(module) else []
    if name and code.is_module(module) and code.is_module(inner):
        found.append((inner, (BODY,)))
    return found


def exported(code: Code, stars: Iterable[Import]) -> list[Place]:
    """`__all__` decides what `import *` brings."""
    return [(module, ("__all__",)) for module, _ in stars if code.binds(module, "__all__")]


def at(target: Import, rest: Chain) -> Place:
    """The place that an imported name, with what follows it, stands for."""
    module, name = target
    return module, (name, *rest) if name else rest


def told(local: str, targets: Iterable[Import]) -> set[str]:
    """What an imported name stands for, as it goes into a hash."""
    return {f"{local}={module}:{name}" for module, name in targets}
