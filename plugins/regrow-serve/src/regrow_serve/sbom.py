"""The packages that scoring needs: versions, licences, and a CycloneDX 1.6 document of them and of the model."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

UNKNOWN = "unknown"
GROUP = "regrow"  # of the entry points of plugins


@dataclass(frozen=True)
class Package:
    """A distribution. licence: an SPDX expression or what its makers wrote; "unknown" where they wrote nothing."""

    name: str
    version: str
    licence: str


def packages(tops: Iterable[str], named: Iterable[str] = ()) -> list[Package]:
    """What brings these top-level modules, those named, and all that these require here, by name."""
    owners = metadata.packages_distributions()
    todo = [*named, *(name for top in tops for name in owners.get(top, ()))]
    found: dict[str, Package] = {}
    while todo:
        name = canonicalize_name(todo.pop())
        if name in found or name == "regrow":
            continue
        try:
            about = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        if about.entry_points.select(group=GROUP):  # a plugin, whose code is in the bundle
            continue
        found[name] = Package(name, about.version, _licence(about.metadata))
        todo += _required(about.requires or ())
    return [found[name] for name in sorted(found)]


def is_ours(top: str) -> bool:
    """Whether a top-level module is of the project or of a plugin, whose code is followed, and of no other package."""
    found = metadata.packages_distributions().get(top, ())
    return not found or any(metadata.distribution(name).entry_points.select(group=GROUP) for name in found)


def _required(requirements: Iterable[str]) -> Iterable[str]:
    for text in requirements:
        try:
            one = Requirement(text)
        except InvalidRequirement:
            continue
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            yield one.name


def _licence(about: Any) -> str:
    """The expression; else the classifiers' last words; else a short text of the old field."""
    if said := about.get("License-Expression"):
        return str(said)
    listed = [one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or () if one.startswith("License ::")]
    if listed:
        return "; ".join(sorted(listed))
    old = str(about.get("License") or "").strip().split("\n")[0]
    return old[:100] or UNKNOWN


def document(
    found: Iterable[Package], members: Mapping[str, bytes], about: Mapping[str, Any], schema: Any, model: Any
) -> dict[str, Any]:
    """CycloneDX 1.6, the model card in it: no serial number and no time, so that it is the same for the same content.

    members: model.skops, and card.md where there is one. about: bundle.json. schema: a `Schema`.
    """
    digest = hashlib.sha256(members["model.skops"]).hexdigest()
    component: dict[str, Any] = {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": "model.skops",
        "version": digest[:12],
        "description": f"predicts {about['target']}",
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "modelCard": _card(members, about, schema, model),
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component},
        "components": [_component(one) for one in found],
        "dependencies": [{"ref": "model", "dependsOn": [f"pkg:pypi/{one.name}@{one.version}" for one in found]}],
    }


def _card(members: Mapping[str, bytes], about: Mapping[str, Any], schema: Any, model: Any) -> dict[str, Any]:
    """What goes in and out, what it is; and the project's card as it is, where there is one."""
    estimator = type(model[-1] if hasattr(model, "steps") else model)
    parameters = {
        "approach": {"type": "supervised"},
        "task": "regression" if about["task"] == "regression" else "classification",
        "architectureFamily": estimator.__module__.partition(".")[0],
        "modelArchitecture": estimator.__name__,
        "inputs": [{"format": f"{one.name}: {one.kind}"} for one in schema.needed],
        "outputs": [{"format": about["target"]}],
    }
    told: dict[str, Any] = {"modelParameters": parameters}
    if "card.md" in members:
        told["properties"] = [{"name": "regrow:card.md", "value": members["card.md"].decode("utf-8", "replace")}]
    return told


def _component(one: Package) -> dict[str, Any]:
    purl = f"pkg:pypi/{one.name}@{one.version}"
    said = (
        {"expression": one.licence}
        if " " in one.licence and " AND " in one.licence
        else {"license": {"name": one.licence}}
    )
    return {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "purl": purl,
        "licenses": [said],
    }
