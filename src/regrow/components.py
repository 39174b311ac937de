"""How settings name a component, and how a stage gets the thing itself: `use: one_hot` becomes a `Use` that can `make()`."""

import difflib
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regrow.declare import Component

Registry = Mapping[tuple[str, str], Component]  # (kind, name) -> component


def load(path: str) -> Any:
    """The object that "module:attribute" names. Raises whatever importing the module raises, or AttributeError."""
    module, _, attribute = path.partition(":")
    return getattr(importlib.import_module(module), attribute)


def nearest(name: str, choices: list[str]) -> str:
    """A hint for a mistyped name: the closest choices first, then all there are."""
    close = difflib.get_close_matches(name, choices, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{hint}there are: {', '.join(sorted(choices)) or 'none'}"


@dataclass(frozen=True)
class Use:
    """A component as the settings name it, its parameters checked.

    `settings` is whatever the component's own `settings` model made of the parameters (None if it takes none).
    """

    component: Component
    settings: Any = None

    @property
    def name(self) -> str:
        return self.component.name

    def make(self, **context: Any) -> Any:
        """What the component's factory makes of its settings and of `context`, which the stage's docs list."""
        return load(self.component.make)(self.settings, **context)


@dataclass(frozen=True)
class OfKind:
    """Marks a pydantic field as a component of one kind: `model: Annotated[Use, OfKind("estimator")]`.

    Validation needs the registry in its context, under "components"; `regrow.settings.validate` passes it.
    """

    kind: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.with_info_plain_validator_function(self._validate)

    def _validate(self, value: Any, info: Any) -> Use:
        if isinstance(value, Use):
            return value
        if not isinstance(value, Mapping) or not isinstance(value.get("use"), str):
            raise ValueError(f"must be a mapping with `use: NAME`, NAME being a {self.kind}")
        registry: Registry = (info.context or {}).get("components", {})
        component = registry.get((self.kind, value["use"]))
        if component is None:
            names = [name for kind, name in registry if kind == self.kind]
            raise ValueError(f"no {self.kind} is called {value['use']!r}; {nearest(value['use'], names)}")
        return Use(component, parse(component, {key: value[key] for key in value if key != "use"}))


def parse(component: Component, parameters: Mapping[str, Any]) -> Any:
    """A component's parameters, checked by its own schema. Raises ValueError (pydantic's is one) saying what is allowed."""
    if not component.settings:
        if parameters:
            raise ValueError(f"{component.name} takes no parameters, but got {', '.join(map(str, parameters))}")
        return None
    schema = load(component.settings)
    if hasattr(schema, "model_validate_json"):
        return check(schema, parameters)
    return schema(component.name, dict(parameters))


def check(model: Any, values: Mapping[str, Any], registry: Registry | None = None) -> Any:
    """`values` as an instance of a pydantic model, strictly: "1" is no number, true no integer; a list may be a tuple.

    Raises pydantic.ValidationError. By way of JSON, whose strict mode still lets a list become a tuple.
    """
    from pydantic import ValidationError
    from pydantic_core import PydanticCustomError

    try:
        return model.model_validate_json(json.dumps(values), strict=True, context={"components": registry or {}})
    except ValidationError as error:
        told = [
            {
                "type": PydanticCustomError("settings", "{text}", {"text": _say(model, details)}),
                "loc": details["loc"],
                "input": details["input"],
            }
            for details in error.errors()
        ]
        raise ValidationError.from_exception_data(error.title, told) from None  # type: ignore[arg-type]


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
