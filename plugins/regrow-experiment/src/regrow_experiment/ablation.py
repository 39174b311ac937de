"""What each step is worth: the experiments without it, beside the same seeds with it, against the noise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from regrow_experiment import noise

SHARE = 0.25  # test rows over training rows, of a split that holds out a fifth


@dataclass(frozen=True)
class Worth:
    """A step: scores with it and without it by seed, and what it brings; `failed`: why nothing ran without it."""

    step: str
    gain: noise.Gain | None = None
    failed: str = ""

    @property
    def verdict(self) -> str:
        """In words."""
        if self.gain is None:
            return "can't be left out"
        if self.gain.beyond:
            return "worth it"
        return "harmful" if self.gain.high < 0 else "within noise"


def overrides(steps: Mapping[str, Any], derive: Iterable[str], auto: bool) -> dict[str, str]:
    """Dotted key of a step -> the override that takes it out. auto: `steps` stand nowhere in conf/, and the others are
    put in the place of `auto`."""
    found = {f"features.derive.{name}": f"~features.derive.{name}" for name in derive}
    for name in steps:
        left = {other: use for other, use in steps.items() if other != name}
        found[f"features.steps.{name}"] = f"features.steps={_flow(left)}" if auto else f"~features.steps.{name}"
    return found


def _flow(value: Any) -> str:
    """A value in Hydra's own notation: {a: {use: ordinal, columns: [x]}}."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def experiments(removals: Mapping[str, str], seeds: Sequence[int]) -> list[list[str]]:
    """Of each the overrides: for every seed the project as it is, then without each step."""
    return [[f"seed={seed}", *([removal] if removal else [])] for removal in ("", *removals.values()) for seed in seeds]


def worth(
    steps: Sequence[str], scores: Sequence[float | None], reasons: Sequence[str], seeds: int, higher: bool
) -> list[Worth]:
    """What each step brings. scores: in the order of `experiments`, None for one that failed, for such a reason."""
    whole, found = scores[:seeds], []
    for place, step in enumerate(steps, 1):
        here = slice(place * seeds, (place + 1) * seeds)
        pairs = [(a, b) for a, b in zip(whole, scores[here], strict=True) if a is not None and b is not None]
        if len(pairs) < seeds:
            found.append(Worth(step, failed=next(filter(None, reasons[here]), "it failed")))
            continue
        with_it, without = zip(*pairs, strict=True)
        found.append(Worth(step, noise.gain(with_it, without, SHARE, higher, None)))
    return sorted(found, key=lambda one: -one.gain.mean if one.gain else float("inf"))
