"""What to do about a model that holds a class which no component declares: which component, and the line to add."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from regrow.artifacts.model_types import UndeclaredTypeError
from regrow.plugin.components import Registry
from regrow.plugin.declare import Component

STATE = (
    "what it keeps has to be arrays, numbers, text, lists and dicts, or is made so by its __getstate__ and "
    '__setstate__ (docs/plugin-guide.md, "Classes of your own")'
)


def remedy(error: Exception, settings: Mapping[str, Any], components: Registry) -> str:
    """The lines to add where types are undeclared; "" for another error.

    settings: those that the model was made with, as far as they are known. The component is the one whose key in them
    is on the way to the type in the model ("model", a step's name), else the only one used of the type's package.
    """
    if not isinstance(error, UndeclaredTypeError):
        return ""
    used = dict(_uses(settings))
    by_owner: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, way in sorted(error.found.items()):
        by_owner[_owner(name, way, used, components)].append(name)
    return "\n".join([*(_line(components.get(owner), names) for owner, names in sorted(by_owner.items())), STATE])


def _uses(settings: Any) -> Iterator[tuple[str, str]]:
    """(key, component's name) of every mapping with `use:`, nested ones included."""
    for key, value in settings.items() if isinstance(settings, Mapping) else ():
        if isinstance(value, Mapping) and isinstance(value.get("use"), str):
            yield str(key), value["use"]
        yield from _uses(value)


def _owner(name: str, way: Sequence[str], used: Mapping[str, str], components: Registry) -> tuple[str, str]:
    """(kind, name) of the component that a type belongs to; two empty texts where that is not known."""

    def called(names: Iterable[str]) -> list[tuple[str, str]]:
        return [key for one in names for key in components if key[1] == one]

    def theirs(keys: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        top = name.partition(".")[0]
        return [key for key in keys if components[key].make.partition(":")[0].partition(".")[0] == top]

    on_the_way = called(used[step] for step in reversed(way) if step in used)
    others = sorted({*theirs(called(used.values()))})
    best = theirs(on_the_way) or on_the_way or (others if len(others) == 1 else [])
    return best[0] if best else ("", "")


def _line(owner: Component | None, names: list[str]) -> str:
    paths = [":".join(name.rsplit(".", 1)) for name in names]
    listed = ", ".join(f'"{path}"' for path in [*(owner.types if owner else ()), *paths])
    where = f'Component("{owner.name}", "{owner.kind}", ...)' if owner else "the Component(...) that makes it"
    return f"to trust it, add to {where}:  types=({listed},)"
