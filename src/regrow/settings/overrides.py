"""Settings that an experiment changed against conf/: which they are, and how to say them again."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from regrow import layout
from regrow.base.yaml_files import ABSENT
from regrow.plugin.project import Project
from regrow.settings.compose import Settings, compose

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_WORDS = frozenset({"true", "false", "null", "nan", "inf"})


def differences(base: Settings, settings: Settings, prefix: str = "") -> dict[str, tuple[Any, Any]]:
    """Dotted key -> (value in base, value in settings), ABSENT for what one lacks; only what differs.

    What is absent as a whole is told as a whole: one entry for a component that was taken out.
    """
    found: dict[str, tuple[Any, Any]] = {}
    for key in (*base, *(key for key in settings if key not in base)):
        one, two = base.get(key, ABSENT), settings.get(key, ABSENT)
        if isinstance(one, dict) and isinstance(two, dict):
            found |= differences(one, two, f"{prefix}{key}.")
        elif type(one) is not type(two) or one != two:
            found[f"{prefix}{key}"] = (one, two)
    return found


def as_overrides(base: Settings, settings: Settings) -> list[str]:
    """The Hydra overrides that make `settings` of `base`: what to give to `-S`."""
    said = []
    for key, (one, two) in differences(base, settings).items():
        if two is ABSENT:
            said.append(f"~{key}")
        else:
            said.append(f"{'+' if one is ABSENT else ''}{key}={to_hydra(two)}")
    return said


def to_hydra(value: Any) -> str:
    """A value in Hydra's override grammar."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{to_hydra(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(to_hydra(inner) for inner in value) + "]"
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        # a backslash is one, but before a quote, an interpolation or the end
        quoted = re.sub(r"(\\*)('|\$\{|$)", lambda found: found[1] * 2 + ("\\" if found[2] else "") + found[2], value)
        return f"'{quoted}'"
    return json.dumps(value)


def choices(project: Project, base: Settings, settings: Settings) -> tuple[dict[str, str], Settings]:
    """Config groups whose other option explains a difference, where that leaves fewer values to say.

    Returns (group -> option, `base` with what those options say).
    """
    from regrow.tools import hydra

    chosen: dict[str, str] = {}
    told = dict(base)
    for group in sorted({key.partition(".")[0] for key in differences(base, settings)}):
        if group == layout.EXPERIMENTS.rpartition("/")[2]:
            continue
        wanted = {group: settings.get(group, ABSENT)}
        fewest = len(differences({group: base.get(group, ABSENT)}, wanted))
        for option in hydra.group_options(project.root, group):
            said = compose(project, [f"{group}={option}"]).get(group, ABSENT)
            left = len(differences({group: said}, wanted))
            if left < fewest:
                fewest, chosen[group], told[group] = left, option, said
    return chosen, told


def shortest(project: Project, base: Settings, settings: Settings) -> list[str]:
    """The fewest overrides of `base` that give `settings`: group choices first, then single keys."""
    groups, told = choices(project, base, settings)
    return [*(f"{group}={option}" for group, option in groups.items()), *as_overrides(told, settings)]


def told(changes: Mapping[str, tuple[Any, Any]]) -> Iterable[str]:
    """One line a change, for people: `model.C: 1.0 -> 2.0`."""
    for key, (one, two) in changes.items():
        yield f"{key}: {show(one)} -> {show(two)}"


def show(value: Any) -> str:
    """A settings value in a message."""
    return "(absent)" if value is ABSENT else json.dumps(value, ensure_ascii=False)
