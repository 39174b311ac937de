"""The numbers of a page: looked up where a section says that they stand, and written for a reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regrow import RegrowError, nearest
from regrow.artifacts.blocks import SHARE
from regrow.artifacts.fields import is_number


@dataclass(frozen=True)
class Shown:
    """A number as the page shows it."""

    #: with its unit
    text: str
    #: its low and high end, "" if it has none
    interval: str
    #: of 0 to 1, for a bar, if it is a share
    share: float | None
    #: the artifact and place that it was taken from, "" if the section itself holds it
    source: str


def shown(where: str, told: Mapping[str, Any], facts: Mapping[str, Any]) -> Shown:
    """A number with value or reference, unit and interval. Raises RegrowError if what it refers to is not there, is no
    number, or is another one than it says."""
    unit, place = told.get("unit") or "", told.get("from")
    value = told.get("value")
    if place is not None:
        value = _found(where, place["artifact"], place["place"], facts)
        if told.get("value") not in (None, value):
            wrong = f"says {told['value']}, but {place['artifact']} holds {value} at {place['place']}"
            raise RegrowError(wrong, where=where, fix="leave the value out: the page takes it from there")
    ends = told.get("interval") or (_interval(place, facts) if place else None)
    return Shown(
        text=_with_unit(value, unit),
        interval=" to ".join(_with_unit(end, unit) for end in ends) if ends else "",
        share=min(max(float(value), 0.0), 1.0) if unit == SHARE and value is not None else None,
        source=f"{place['artifact']}: {place['place']}" if place else "",
    )


def _interval(place: Mapping[str, Any], facts: Mapping[str, Any]) -> list[Any] | None:
    """How sure a metric is, where its artifact says that under `intervals`."""
    known = facts[place["artifact"]].get("intervals") if isinstance(facts[place["artifact"]], Mapping) else None
    ends = known.get(place["place"]) if isinstance(known, Mapping) else None
    return [ends["low"], ends["high"]] if isinstance(ends, Mapping) and {"low", "high"} <= ends.keys() else None


def _found(where: str, artifact: str, place: str, facts: Mapping[str, Any]) -> Any:
    """The number at a place of an artifact; None where the artifact says that there is none."""
    if artifact not in facts:
        fix = f"{nearest(artifact, list(facts))}\nit has to be metrics or a record"
        raise RegrowError(f"refers to {artifact!r}, which is not here", where=where, fix=fix)
    value = facts[artifact]
    for key in place.split("."):
        if isinstance(value, list):
            value = {str(position): one for position, one in enumerate(value)}
        if not isinstance(value, Mapping) or key not in value:
            fix = nearest(key, list(value)) if isinstance(value, Mapping) else ""
            raise RegrowError(f"refers to {place!r} of {artifact}, where nothing stands", where=where, fix=fix)
        value = value[key]
    if value is not None and not is_number(value):
        raise RegrowError(f"refers to {place!r} of {artifact}, which is {value!r}, not a number", where=where)
    return value


def _with_unit(value: Any, unit: str) -> str:
    if unit == SHARE:
        return share(value)
    return f"{number(value)} {unit}".strip()


def number(value: Any) -> str:
    """Whole numbers in full, others to four significant digits."""
    if not is_number(value):
        return "\u2013" if value is None else str(value)
    if value == int(value) or abs(value) >= 10_000:
        return f"{value:,.0f}"
    if abs(value) >= 1000:
        return f"{value:,.1f}"
    return f"{value:#.4g}" if abs(value) >= 1 or abs(value) < 0.001 else f"{value:.4f}"


def share(value: Any) -> str:
    """A share in [0, 1] as a percentage with one decimal; a share that is not quite 0 never reads as 0."""
    if not is_number(value):
        return "\u2013"
    if value == 0:
        return "0%"
    return "< 0.1%" if 0 < value < 0.0005 else f"{value:.1%}"
