"""What a piece of code asks of clock, chance and machine, where nobody said that it is harmless."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from regrow.fingerprint.code.chains import Chain
from regrow.fingerprint.code.lookup import Code
from regrow.fingerprint.code.mentions import DEEPEST, Mention, mentions, of_module
from regrow.fingerprint.code.questions import CHANCE, CLOCK, MACHINE, Question, of_method, question
from regrow.fingerprint.code.source import Source

SAYS = {
    CLOCK: "asks the clock ({}): its result changes with the time",
    CHANCE: "draws random numbers that no seed decides ({}): its result changes from run to run",
    MACHINE: "asks the machine or its user ({}): its result changes from one to the next",
}
FIXES = {
    CLOCK: "have the date in a setting, such as `as_of: 2026-01-31` in conf/, and take it from there",
    CHANCE: "draw from numpy.random.default_rng(random_state(settings.seed, NAME)), of regrow, or give random_state=",
    MACHINE: "have it in a setting in conf/, and take it from there",
}
HARMLESS = "if no result depends on it, say so on that line: # regrow: harmless {}"


class Ask(NamedTuple):
    """kind: clock, chance or machine. what: the name that asks. unit: module:name of the code. file and line: where.
    shared: the generator of the whole process that it draws from, "" for none."""

    kind: str
    what: str
    unit: str
    file: Path
    line: int
    shared: str = ""


def asks(code: Code, source: Source, name: str, nodes: Iterable[ast.stmt]) -> tuple[list[Ask], set[str]]:
    """(what a unit of a module asks, the generators that it seeds)."""
    found: list[Ask] = []
    seeded: set[str] = set()
    for mention in (one for node in nodes for one in mentions(node, source) if not one.writes):
        for what, asked in _questions(code, mention):
            if asked.seeds:
                seeded.add(asked.shared)
            elif not any(asked.kind in source.harmless.get(line, ()) for line in _lines(mention)):
                found.append(
                    Ask(asked.kind, what, f"{source.name}:{name}", source.file, mention.lines[0], asked.shared)
                )
    return found, seeded


def _questions(code: Code, mention: Mention) -> Iterator[tuple[str, Question]]:
    call = mention.call
    names = {name for target in mention.targets for name in _meanings(code, target)}
    found = [(name, asked) for name in sorted(names) if (asked := question(name, call))]
    yield from found
    method = call.func if call and isinstance(call.func, ast.Attribute) else None
    if call and method and not found and (asked := of_method(call, known=bool(mention.targets))):
        yield method.attr, asked


def _lines(mention: Mention) -> range:
    first, last = mention.lines
    return range(first, max(last, (mention.call and mention.call.end_lineno) or last) + 1)


def _meanings(code: Code, target: Chain, depth: int = DEEPEST) -> Iterator[str]:
    """The dotted names of libraries that a module with names in it stands for, through modules that are followed."""
    module, rest = target[0], target[1:]
    while rest and code.is_module(module) and code.is_module(f"{module}.{rest[0]}"):
        module, rest = f"{module}.{rest[0]}", rest[1:]
    source = code.source(module)
    if source is None:
        yield ".".join((module, *rest))
    elif rest and depth:
        for inner in of_module(source, rest):
            yield from _meanings(code, inner, depth - 1)
