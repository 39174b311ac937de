"""Artifact types: one module each, with `read(path)`, `write(value, path)` and `check(value)`.

This page says where they lie.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Type:
    """folder and ending: the default path. section: of the DVC stage. cache: kept by DVC (else by Git)."""

    folder: str
    ending: str
    section: str = "outs"
    cache: bool = True


TYPES = {
    "table": Type("data", ".parquet"),
    "csv": Type("data", ".csv.gz"),
    "tables": Type("data", ""),
    "model": Type("models", ".skops"),
    "metrics": Type("metrics", ".json", "metrics", cache=False),
    "record": Type("records", ".json"),
    "curve": Type("plots", ".csv", "plots"),
    "plot": Type("plots", ".svg", "plots"),
    "image": Type("plots", ".png", "plots"),
    "report": Type("reports", ".html"),
}
HOLD_CLASSES = ("model", "models")  # what holds objects of classes that components declare
