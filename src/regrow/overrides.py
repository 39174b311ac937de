"""Settings that an experiment changed against conf/: which they are, and how to say them again."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from regrow import names
from regrow.project import Project
from regrow.settings import Settings, compose
from regrow.yaml_files import ABSENT, pairs

HEADER = "# What conf/ alone says. Where params.yaml differs, an experiment's overrides are in force. Written by regrow compile.\n"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_WORDS = frozenset({"true", "false", "null", "nan", "inf"})


def to_lock(settings: Settings) -> str:
    """The text of fingerprints/settings.lock: one leaf a line, sorted, values as JSON."""
    leaves = {key: value for key, (value, _) in pairs(settings, {}).items()}
    return HEADER + "".join(f"{key}: {json.dumps(leaves[key], ensure_ascii=False)}\n" for key in sorted(leaves))


def from_lock(text: str) -> Settings:
    """The settings that `to_lock` wrote."""
    settings: Settings = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            key, _, value = line.partition(": ")
            *above, last = key.split(".")
            node = settings
            for part in above:
                node = node.setdefault(part, {})
            node[last] = json.loads(value)
    return settings


def differences(base: Settings, settings: Settings) -> dict[str, tuple[Any, Any]]:
    """Dotted key -> (value in base, value in settings), ABSENT for what one lacks; only what differs."""
    return {
        key: (one, two)
        for key, (one, two) in pairs(base, settings).items()
        if type(one) is not type(two) or one != two
    }


def as_overrides(base: Settings, settings: Settings) -> list[str]:
    """The Hydra overrides that make `settings` of `base`: what to give to `-S`."""
    said = []
    for key, (one, two) in differences(base, settings).items():
        if two is ABSENT:
            said.append(f"~{key}")
        else:
            said.append(f"{'+' if one is ABSENT else ''}{key}={to_hydra(two)}")
    return [said_key for said_key in said if not _covered(said_key, said)]


def _covered(override: str, said: list[str]) -> bool:
    """`~a.b` says enough where `~a` is said too."""
    return override.startswith("~") and any(
        other != override and other.startswith("~") and override.startswith(f"{other}.") for other in said
    )


def to_hydra(value: Any) -> str:
    """A value in Hydra's override grammar."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{key}:{to_hydra(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(to_hydra(inner) for inner in value) + "]"
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        quoted = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{quoted}'"
    return json.dumps(value)


def choices(project: Project, base: Settings, settings: Settings) -> dict[str, str]:
    """Config groups whose other option explains a difference: group -> option, where that leaves fewer leaves to say."""
    from regrow.tools import hydra

    chosen: dict[str, str] = {}
    for group in sorted({key.partition(".")[0] for key in differences(base, settings)}):
        if group == names.EXPERIMENTS.rpartition("/")[2]:
            continue
        best, fewest = "", len(differences({group: base.get(group)}, {group: settings.get(group)}))
        for option in hydra.group_options(project.root, group):
            told = compose(project, [f"{group}={option}"])
            left = len(differences({group: told.get(group)}, {group: settings.get(group)}))
            if left < fewest:
                best, fewest = option, left
        if best:
            chosen[group] = best
    return chosen


def shortest(project: Project, settings: Settings) -> list[str]:
    """The fewest overrides of conf/ that give `settings`: group choices first, then single keys."""
    base = compose(project)
    groups = [f"{group}={option}" for group, option in choices(project, base, settings).items()]
    return [*groups, *as_overrides(compose(project, groups), settings)]


def told(changes: Mapping[str, tuple[Any, Any]]) -> Iterable[str]:
    """One line a change, for people: `model.C: 1.0 -> 2.0`."""
    for key, (one, two) in changes.items():
        yield f"{key}: {show(one)} -> {show(two)}"


def show(value: Any) -> str:
    """A settings value in a message."""
    return "(absent)" if value is ABSENT else json.dumps(value, ensure_ascii=False)


