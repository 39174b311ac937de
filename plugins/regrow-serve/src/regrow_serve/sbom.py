"""The packages that scoring needs: versions, licences, and a CycloneDX 1.6 document of them and of the model."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Package:
    """A distribution. licence: an SPDX expression or what its makers wrote; "unknown" where they wrote nothing."""

    name: str
    version: str
    licence: str


def packages(tops: Iterable[str]) -> list[Package]:
    """What brings these top-level modules, and all that it requires here, by name."""
    owners = metadata.packages_distributions()
    todo = [name for top in tops for name in owners.get(top, ())]
    found: dict[str, Package] = {}
    while todo:
        name = canonicalize_name(todo.pop())
        if name in found or name == "regrow" or name.startswith("regrow-"):
            continue
        try:
            about = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        found[name] = Package(name, about.version, _licence(about.metadata))
        todo += _required(about.requires or ())
    return [found[name] for name in sorted(found)]


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


def document(found: Iterable[Package], members: Mapping[str, bytes]) -> dict[str, Any]:
    """CycloneDX 1.6: no serial number and no time, so that it is the same for the same content."""
    digest = hashlib.sha256(members["model.skops"]).hexdigest()
    model = {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": "model.skops",
        "version": digest[:12],
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "modelCard": {"modelParameters": {"approach": {"type": "supervised"}}},
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": model},
        "components": [_component(one) for one in found],
        "dependencies": [{"ref": "model", "dependsOn": [f"pkg:pypi/{one.name}@{one.version}" for one in found]}],
    }


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
