"""Metrics as files hold them: which files they are, their numbers, which way each is better."""

import json
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from regrow import layout
from regrow.base.yaml_files import read_yaml

MAIN = "metrics.json"  # its columns have no name of a file before them


def metric_files(dvc_yaml: str) -> dict[str, str]:
    """The JSON files that a dvc.yaml calls metrics, the main one first: path -> the stage that makes it, "" if none."""
    document = read_yaml(dvc_yaml, layout.DVC_YAML) or {}
    listed = [("", one) for one in document.get("metrics") or ()]
    stages = (document.get("stages") or {}).items()
    listed += [(name, one) for name, stage in stages for one in (stage or {}).get("metrics") or ()]
    paths = {str(next(iter(one)) if isinstance(one, dict) else one): name for name, one in listed}
    found = {path: name for path, name in paths.items() if path.endswith(".json")}
    return dict(sorted(found.items(), key=lambda item: item[0] != MAIN))


def better_of(records: Iterable[str | None]) -> dict[str, str]:
    """Metric -> "higher", "lower" or "", of the texts of hashes/STAGE.json, in the order of the settings."""
    found: dict[str, str] = {}
    for text in records:
        try:
            record = json.loads(text or "{}")
        except ValueError:
            continue
        found |= dict(record.get("better", ())) if isinstance(record, dict) else {}
    return found


def measures(texts: Sequence[str | None], files: Sequence[str]) -> dict[str, Any]:
    """The numbers in an experiment's metrics; those of other files than the main one have its name before theirs."""
    found: dict[str, Any] = {}
    for text, file in zip(texts, files, strict=False):
        try:
            values = flat(json.loads(text or "{}"))
        except ValueError:
            continue
        before = f"{file.rpartition('/')[2].rpartition('.')[0]}." if file != files[0] else ""
        found |= {f"{before}{key}": value for key, value in values.items() if isinstance(value, int | float)}
    return found


def leading(metrics: Sequence[str], declared: Iterable[str]) -> str:
    """The first of the declared metrics that is there, else the first there is; "" if there is none."""
    ends = {one.rpartition(".")[2]: one for one in sorted(metrics, key=lambda one: -one.count("."))}
    return next((ends[name] for name in declared if name in ends), next(iter(metrics), ""))


def flat(value: Any, before: str = "") -> dict[str, Any]:
    """Nested mappings as dotted keys; a list is one value. What JSON has no form for is a text."""
    if not isinstance(value, dict):
        plain = isinstance(value, str | int | list | None) or (isinstance(value, float) and isfinite(value))
        return {before: value if plain else str(value)} if before else {}
    found: dict[str, Any] = {}
    for name, inner in value.items():
        found |= flat(inner, f"{before}.{name}" if before else str(name))
    return found
