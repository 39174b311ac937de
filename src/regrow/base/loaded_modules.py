"""Where the modules lie that are loaded. In a forked process those of its parent are not looked at one by one.

Looking at an object writes into it, and what a forked process writes into has to be copied: two thousand modules are
twenty milliseconds.
"""

import sys
from collections.abc import Iterator
from itertools import takewhile
from types import ModuleType
from typing import NamedTuple


class Known(NamedTuple):
    """last: the module that was loaded last. files: of modules; tops: places of top-level packages and modules; of
    neither those below the folders that were given."""

    last: str
    files: tuple[str, ...]
    tops: tuple[str, ...]


_known = Known("", (), ())


def remember(apart: tuple[str, ...]) -> None:
    """Look at all that is loaded now. Nobody will ask for what lies below the folders `apart`, written with a `/`."""
    global _known
    files = tuple(file for file in _files(list(sys.modules.values())) if not file.startswith(apart))
    tops = tuple(place for place in _tops(list(sys.modules)) if not place.startswith(apart))
    _known = Known(next(reversed(sys.modules)), files, tops)


def files() -> Iterator[str]:
    """The files of modules."""
    yield from _known.files
    yield from _files([sys.modules[name] for name in _new()])


def tops() -> Iterator[str]:
    """The folders of top-level packages, and the files of top-level modules."""
    yield from _known.tops
    yield from _tops(_new())


def _new() -> list[str]:
    """Modules are listed in the order they were loaded in."""
    return list(takewhile(lambda name: name != _known.last, reversed(sys.modules)))


def _files(modules: list[ModuleType]) -> Iterator[str]:
    for module in modules:
        file = getattr(module, "__file__", None)
        if isinstance(file, str):
            yield file


def _tops(names: list[str]) -> Iterator[str]:
    for name in names:
        if "." not in name and name != "__main__":
            module = sys.modules[name]
            places = list(getattr(module, "__path__", None) or filter(None, [getattr(module, "__file__", None)]))
            yield from (place for place in places if isinstance(place, str))
