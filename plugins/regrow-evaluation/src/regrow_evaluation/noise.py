"""The noise floor: the smallest difference of a metric that means anything, where a search has recorded one."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from regrow import Use

AUTO: Literal["auto"] = "auto"
Floor = Annotated[float, Field(ge=0, allow_inf_nan=False)] | Literal["auto"]
FINDING = "search.noise"  # whose numbers are by the metric's name
NOISE = "noise"  # below it, in metrics.json, the floor by the metric's key


def recorded(found: Iterable[Mapping[str, Any]], uses: Mapping[str, Use]) -> dict[str, float]:
    """Metric's key -> the floor that findings of a search tell."""
    told: dict[str, float] = {}
    for one in found:
        if one["code"] == FINDING:
            told |= {name: float(value) for name, value in (one.get("numbers") or {}).items()}
    return {key: told[use.name] for key, use in uses.items() if use.name in told}


def floor(asked: Floor, measured: Mapping[str, Any], key: str) -> float:
    """What is asked for; or, for `auto`, what metrics.json holds for the metric, 0 where it holds nothing."""
    return float(measured.get(NOISE, {}).get(key, 0.0)) if asked == AUTO else asked


def said(least: float, asked: Floor) -> str:
    """In words, for the end of a sentence."""
    whose = ", as the search has recorded" if asked == AUTO else ""
    return f"; differences up to {least:.4g} are noise{whose}" if least else ""
