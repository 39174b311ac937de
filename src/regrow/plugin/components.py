"""How settings name a component (`use: one_hot`), and how a stage gets the thing itself: a `Use` that can `make()`."""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from regrow.base.errors import RegrowError
from regrow.plugin.context import Context
from regrow.plugin.declare import Component

if TYPE_CHECKING:
    import pandas as pd

Registry = Mapping[tuple[str, str], Component]  # (kind, name) -> component
KIND = "x-regrow-kind"  # in a JSON Schema: the kind of component that stands there


def load(path: str) -> Any:
    """The object that "module:attribute" names. Raises whatever importing the module raises, or AttributeError."""
    module, _, attribute = path.partition(":")
    return getattr(importlib.import_module(module), attribute)


def nearest(name: str, choices: list[str], most: int = 40) -> str:
    """A hint for a mistyped name: the closest choice first, then all there are, or the first `most` of them."""
    import difflib  # for messages alone

    close = difflib.get_close_matches(name, choices, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    shown = ", ".join(sorted(choices)[:most]) or "none"
    return f"{hint}there are: {shown}" + (f" and {len(choices) - most} more" if len(choices) > most else "")


@dataclass(frozen=True)
class Use:
    """A component as the settings name it, its parameters checked."""

    component: Component
    #: What the component's own `settings` made of the parameters; None if it takes none.
    settings: Any = None
    #: The parameters as they were written.
    given: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """What settings call it."""
        return self.component.name

    @property
    def written(self) -> dict[str, Any]:
        """What stands in the settings: `use` and the parameters."""
        return {"use": self.name, **self.given}

    def make(self, context: Context) -> Any:
        """What the component's factory makes of its settings and the context: see `regrow.plugin.kinds`."""
        return load(self.component.make)(self.settings, context)

    def rows(self, table: "pd.DataFrame") -> "pd.DataFrame | None":
        """The columns of a table that the settings name, those of components inside included; None if they name none.

        For `Context.rows`. Raises RegrowError, with the nearest name, where the table lacks one.
        """
        names: dict[str, None] = {}
        for _, use in named_uses(self):
            declared = load(use.component.columns)(use.settings).reads if use.component.columns else ()
            names |= dict.fromkeys(name for one in declared if not one.table for name in one.columns)
        for name in names:
            if name not in table.columns:
                where = f"{self.component.kind} {self.name}"
                fix = nearest(name, list(table.columns))
                raise RegrowError(f"the table has no column {name!r}", where=where, fix=fix)
        return table[list(names)] if names else None


def named_uses(settings: Any, name: str = "") -> Iterator[tuple[str, Use]]:
    """(Last key, component) of every component in a stage's checked settings, nested ones included."""
    if isinstance(settings, Use):
        yield name, settings
        yield from named_uses(settings.settings, name)
    elif isinstance(settings, Mapping):
        for key, value in settings.items():
            yield from named_uses(value, str(key))
    elif isinstance(settings, list | tuple):
        for value in settings:
            yield from named_uses(value, name)
    elif hasattr(type(settings), "model_fields"):
        yield from named_uses(dict(settings))


@dataclass(frozen=True)
class OfKind:
    """Marks a pydantic field as a component of one kind: `model: Annotated[Use, OfKind("estimator")]`.

    Validation needs the registry in its context, under "components"; `regrow.settings.compose.validate` passes it.
    """

    kind: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, source: Any, handler: Any) -> dict[str, Any]:
        return {KIND: self.kind, "type": "object"}

    def _validate(self, value: Any, info: Any) -> Use:
        return self.check(value, (info.context or {}).get("components", {}))

    def check(self, value: Any, registry: Registry) -> Use:
        """A component as settings write it, checked. Raises ValueError, with the nearest name."""
        if isinstance(value, Use):
            return value
        if not isinstance(value, Mapping) or not isinstance(value.get("use"), str):
            raise ValueError(f"must be a mapping with `use: NAME`, NAME being a {self.kind}")
        component = registry.get((self.kind, value["use"]))
        if component is None:
            names = [name for kind, name in registry if kind == self.kind]
            raise ValueError(f"no {self.kind} is called {value['use']!r}; {nearest(value['use'], names)}")
        given = {key: value[key] for key in value if key != "use"}
        return Use(component, parse(component, given, registry), given)


def parse(component: Component, parameters: Mapping[str, Any], registry: Registry | None = None) -> Any:
    """A component's parameters, checked by its own schema; those that name components need the registry.

    Raises ValueError (pydantic's is one) saying what is allowed.
    """
    if not component.settings:
        if parameters:
            raise ValueError(f"{component.name} takes no parameters, but got {', '.join(map(str, parameters))}")
        return None
    try:
        schema = load(component.settings)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"{component.kind} {component.name}: {component.settings} can't be loaded: {error}") from None
    if hasattr(schema, "model_validate"):
        return check(schema, parameters, registry)
    if isinstance(schema, type) or not callable(schema):
        raise ValueError(f"{component.kind} {component.name}: {component.settings} is no pydantic model")
    return schema(component.name, dict(parameters))


def check(model: Any, values: Mapping[str, Any], registry: Registry | None = None) -> Any:
    """`values` as an instance of a pydantic model; text is no number, true no integer, whatever the model would take.

    Raises pydantic.ValidationError, its messages naming the choices where a name is unknown.
    """
    from pydantic import ValidationError
    from pydantic_core import PydanticCustomError

    try:
        made = model.model_validate(dict(values), context={"components": registry or {}})
    except ValidationError as error:
        told = [(details["loc"], _say(model, details), details["input"]) for details in error.errors()]
    else:
        told = list(_coerced(values, made, ()))
    if not told:
        return made
    lines = [
        {"type": PydanticCustomError("settings", "{text}", {"text": text}), "loc": loc, "input": value}
        for loc, text, value in told
    ]
    raise ValidationError.from_exception_data(model.__name__, lines)  # type: ignore[arg-type]


def _coerced(given: Any, made: Any, loc: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
    """Leaves that pydantic quietly turned into a number or truth value."""
    if isinstance(given, Mapping):
        for key, value in given.items():
            inner = made.get(key) if isinstance(made, Mapping) else getattr(made, str(key), None)
            yield from _coerced(value, inner, (*loc, key))
    elif isinstance(given, list) and isinstance(made, list | tuple) and len(given) == len(made):
        for position, value in enumerate(given):
            yield from _coerced(value, made[position], (*loc, position))
    elif isinstance(made, bool) != isinstance(given, bool) and isinstance(made, bool | int | float):
        yield loc, f"must be {'true or false' if isinstance(made, bool) else 'a number'}", given
    elif isinstance(made, int | float) and isinstance(given, str) and _number(given):
        yield loc, "must be a number, not text", given  # other text, such as 2h, the model reads on purpose


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _say(model: Any, details: Any) -> str:
    """pydantic's message, with the names there are where an unknown one was given."""
    message = str(details["msg"]).removeprefix("Value error, ")
    if details["type"] != "extra_forbidden":
        return message
    *above, name = details["loc"]
    for part in above:
        field = model.model_fields.get(part)
        model = getattr(field, "annotation", None)
        if not hasattr(model, "model_fields"):
            return "is not known here"
    return f"is not known here; {nearest(str(name), list(model.model_fields))}"
