"""Which settings are mappings of components, as their stages' schemas say: there null takes an entry out."""

from collections.abc import Iterable
from typing import Any, get_args, get_origin

from regrow.plugin.components import Use, load
from regrow.plugin.declare import Stage


def step_keys(stages: Iterable[Stage]) -> frozenset[str]:
    """The dotted keys of all fields `dict[str, Annotated[Use, ...]]` in the stages' settings models.

    A model that can't be loaded has none: whoever checks the settings tells of it.
    """
    found: set[str] = set()
    for stage in stages:
        try:
            model = load(stage.settings) if stage.settings else None
        except (ImportError, AttributeError):
            continue
        found |= set(_keys(model, ""))
    return frozenset(found)


def _keys(model: Any, prefix: str) -> Iterable[str]:
    for name, field in getattr(model, "model_fields", {}).items():
        key = f"{prefix}{field.alias or name}"
        for part in _parts(field.annotation):
            if get_origin(part) is dict and len(get_args(part)) == 2 and Use in _parts(get_args(part)[1]):
                yield key
            yield from _keys(part, f"{key}.")


def _parts(annotation: Any) -> list[Any]:
    """An annotation and what it is a union or an Annotated of."""
    origin = get_origin(annotation)
    if origin is None or origin in {dict, list, tuple, set}:
        return [annotation]
    return [annotation, *(part for inner in get_args(annotation) for part in _parts(inner))]


def without_nulls(settings: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """A copy of nested settings without the null entries of the mappings at `keys`."""
    copied = dict(settings)
    for key in keys:
        first, _, rest = key.partition(".")
        inner = copied.get(first)
        if isinstance(inner, dict):
            dropped = {name: value for name, value in inner.items() if value is not None}
            copied[first] = without_nulls(inner, [rest]) if rest else dropped
    return copied
