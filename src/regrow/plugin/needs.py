"""Needs that are no plain names: every artifact of a type, and one that need not be there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Every:
    """All artifacts of a type that other stages make."""

    type: str
    #: which they are, sorted, once all stages are known
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f'every("{self.type}")'

    @property
    def argument(self) -> str:
        """What the stage's function calls them: the type, with an s at its end."""
        return self.type if self.type.endswith("s") else f"{self.type}s"


@dataclass(frozen=True)
class Maybe:
    """An artifact or source that may be absent."""

    argument: str
    #: its name, if something makes it, once all stages are known
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f'maybe("{self.argument}")'


@dataclass(frozen=True)
class Called:
    """An artifact or source that the function gets under another name: of a stage that is used twice."""

    argument: str
    names: tuple[str]

    def __str__(self) -> str:
        return f'"{self.names[0]}"'


Need = str | Every | Maybe | Called


def every(type: str) -> Every:  # noqa: A002 - as Artifact's field
    """In `needs`: all artifacts of a type, of the same pipeline, but the stage's own; a dict name -> value, sorted by
    name, which the function gets as `sections` for the type "section", `findings` for "findings"."""
    return Every(type)


def maybe(name: str) -> Maybe:
    """In `needs`: an artifact or source; None where no stage makes it and no source is."""
    return Maybe(name)


def settled(need: Need, types: Mapping[str, str], own: Collection[str], sources: Collection[str]) -> Need:
    """A need with the names it stands for. types: artifact -> type. own: artifacts that the stage makes itself, or that
    another pipeline does: `every` is not of these."""
    if isinstance(need, Every):
        return Every(need.type, tuple(sorted(n for n, kind in types.items() if kind == need.type and n not in own)))
    if isinstance(need, Maybe):
        return Maybe(need.argument, (need.argument,) if need.argument in {*types, *sources} else ())
    return need
