"""Artifact types: one module each, with `read(path)`, `write(value, path)` and `check(value)`.

This page says where they lie.
"""

from collections.abc import Mapping

from regrow.plugin.declare import Artifact, ArtifactType


def _type(name: str, folder: str, ending: str, section: str = "outs", *, cached: bool = True) -> ArtifactType:
    return ArtifactType(name, f"{__name__}.{name}", folder, ending, cached, section)


_OWN = (
    _type("table", "data", ".parquet"),
    _type("csv", "data", ".csv.gz"),
    _type("tables", "data", ""),
    _type("model", "models", ".skops"),
    _type("metrics", "metrics", ".json", "metrics", cached=False),
    _type("record", "records", ".json"),
    _type("curve", "plots", ".csv", "plots"),
    _type("plot", "plots", ".svg", "plots"),
    _type("image", "plots", ".png", "plots"),
    _type("report", "reports", ".html"),
)
TYPES: Mapping[str, ArtifactType] = {one.name: one for one in _OWN}


def type_of(artifact: Artifact) -> ArtifactType:
    """How an artifact is kept. Raises KeyError for an unknown type."""
    return artifact.kept or TYPES[artifact.type]
