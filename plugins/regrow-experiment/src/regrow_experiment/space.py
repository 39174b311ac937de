"""The space of a search: parameters of the model and of feature steps, typed by each component's own schema."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from pydantic import ValidationError

from regrow import OfKind, Use
from regrow.plugin.components import nearest, parse
from regrow.plugin.declare import Component

STEPS = "features.steps."
BOUNDS = ("low", "high", "log")
EDGE = 0.02  # share of a range, at either end
Registry = Mapping[tuple[str, str], Component]
Changes = Mapping[str, Any]


@dataclass(frozen=True)
class Range:
    """Numbers from low to high, both included. log: evenly spread over orders of magnitude. whole: integers alone."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def points(self, count: int) -> list[Any]:
        """`count` of them, evenly spaced, or as many as there are."""
        return sorted({self.at(share) for share in np.linspace(0, 1, count).tolist()})

    def draw(self, draws: np.random.Generator) -> Any:
        """One of them at random."""
        if self.whole and not self.log:
            return int(draws.integers(int(self.low), int(self.high), endpoint=True))
        return self.at(draws.random())

    def share(self, value: float) -> float:
        """Where a value lies, from 0 at the low end to 1 at the high one."""
        low, high, at = map(math.log, (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        return (at - low) / (high - low)

    def edge(self, value: float) -> str:
        """lower or upper, where a value lies at an edge of the range; else ""."""
        share = self.share(value)
        return "lower" if share <= EDGE else "upper" if share >= 1 - EDGE else ""

    def at(self, share: float) -> Any:
        """The value at a share of the range, 0 the low end."""
        if self.log:
            value = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        rounded = round(value) if self.whole else float(f"{value:.6g}")
        return min(max(rounded, self.low), self.high)


def flat(space: Mapping[str, Any], registry: Registry, above: str = "") -> dict[str, Any]:
    """The space as dotted key -> Range, or a list of values. Raises ValueError naming the key.

    Components among the values (`model: [{use: linear}, {use: forest}]`) are checked here; parameters by `typed`.
    """
    found: dict[str, Any] = {}
    for name, value in space.items():
        key = f"{above}.{name}".strip(".")
        if isinstance(value, Mapping) and not ({*value} & {*BOUNDS}):
            found |= flat(value, registry, key)
        elif isinstance(value, Mapping):
            found[key] = _range(key, value)
        elif isinstance(value, list) and value:
            found[key] = [_component(key, one, registry) for one in value]
        elif value is not None:  # null takes out what an option of the group says
            raise ValueError(f"{key}: {value!r} is neither a list of values nor {{low: ..., high: ...}}")
    return dict(sorted(found.items()))


def _range(key: str, given: Mapping[str, Any]) -> Range:
    if odd := [name for name in given if name not in BOUNDS]:
        raise ValueError(f"{key}: a range has no {odd[0]!r}; {nearest(str(odd[0]), list(BOUNDS))}")
    low, high, log = (given.get(name) for name in BOUNDS)
    for name, value in (("low", low), ("high", high)):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{key}: {name} must be a number, not {value!r}")
    if log not in (None, True, False):
        raise ValueError(f"{key}: log must be true or false, not {log!r}")
    if low >= high:  # type: ignore[operator]
        raise ValueError(f"{key}: the range is empty: low is {low}, high {high}")
    if log and low <= 0:  # type: ignore[operator]
        raise ValueError(f"{key}: a range over orders of magnitude (log) begins above 0, not at {low}")
    return Range(low, high, bool(log))  # type: ignore[arg-type]


def _component(key: str, value: Any, registry: Registry) -> Any:
    whole = key == "model" or (key.startswith(STEPS) and "." not in key.removeprefix(STEPS))
    if not whole or (value is None and key != "model"):
        return value
    try:
        return OfKind("estimator" if key == "model" else "transformer").check(value, registry)
    except ValueError as error:
        raise ValueError(f"{key}: {_said(error)}") from None


def typed(space: Mapping[str, Any], uses: Mapping[str, Use]) -> dict[str, Any]:
    """The space, each range of the type that the parameter has: checked at both ends by the component's own schema.

    uses: "model" and "features.steps.NAME" -> the component as settings have it. Raises ValueError for a component or
    a parameter that is not there, with the nearest name, and for a value that it can't have.
    """
    made: dict[str, Any] = {}
    for key, values in space.items():
        if key in uses:
            if isinstance(values, Range):
                raise ValueError(f"{key}: is a component: list what may stand there, such as [{{use: NAME}}]")
            made[key] = values
            continue
        owner, name = owner_of(key, uses)
        if owner in space:
            raise ValueError(f"{key}: {owner} itself is searched: set {name} in its values")
        tried = values if isinstance(values, list) else [values.low, values.high]
        for value in tried:
            _check(key, uses[owner], name, value)
        made[key] = values if isinstance(values, list) else _whole(values, uses[owner], name)
    return made


def owner_of(key: str, uses: Mapping[str, Use]) -> tuple[str, str]:
    """(key of the component, its parameter) that a dotted key names. ValueError where there is no such component."""
    owner, _, name = key.rpartition(".")
    if owner in uses and name:
        return owner, name
    raise ValueError(f"{key}: names no parameter of a component; {nearest(owner or key, list(uses))}")


def _check(key: str, use: Use, name: str, value: Any) -> None:
    try:
        parse(use.component, {**use.given, name: value})
    except ValueError as error:
        raise ValueError(f"{key}: {value!r}: {_said(error)}") from None


def _said(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(dict.fromkeys(one["msg"].removeprefix("Value error, ") for one in error.errors()))
    return str(error)


def _whole(values: Range, use: Use, name: str) -> Range:
    """Of whole numbers alone, where the bounds are whole and the schema takes nothing between two of them."""
    if isinstance(values.low, int) and isinstance(values.high, int):
        try:
            parse(use.component, {**use.given, name: values.low + 0.5})
        except ValueError:
            return Range(values.low, values.high, values.log, True)
    return values


def grid(space: Mapping[str, Any], points: int) -> Iterator[dict[str, Any]]:
    """Every combination, the last key turning fastest; of nothing, none."""
    if not space:
        return
    values = [one.points(points) if isinstance(one, Range) else one for one in space.values()]
    for combination in product(*values):
        yield dict(zip(space, combination, strict=True))


def draw(space: Mapping[str, Any], draws: np.random.Generator) -> dict[str, Any]:
    """One combination at random."""
    return {
        key: one.draw(draws) if isinstance(one, Range) else one[int(draws.integers(len(one)))]
        for key, one in space.items()
    }


def applied(uses: Mapping[str, Use], changes: Changes) -> dict[str, Use]:
    """The components with a trial's changes; a step that is changed to None is left out."""
    whole = {key: value for key, value in changes.items() if key in uses or isinstance(value, Use)}
    made = {key: use for key, use in {**uses, **whole}.items() if use is not None}
    given: dict[str, dict[str, Any]] = {}
    for key, value in changes.items():
        if key not in whole:
            owner, name = owner_of(key, uses)
            given.setdefault(owner, {})[name] = value
    for owner, more in given.items():
        if owner in made:
            component, parameters = made[owner].component, {**made[owner].given, **more}
            made[owner] = Use(component, parse(component, parameters), parameters)
    return made


def written(changes: Changes) -> dict[str, Any]:
    """A trial's changes as they would stand in settings."""
    return {key: value.written if isinstance(value, Use) else value for key, value in changes.items()}
