"""Settings of the three stages, validated as the runtime does it."""

from typing import Any

from regrow.plugin.components import check
from regrow_data.plugin import regrow_components
from regrow_data.settings import IngestSettings, SplitSettings, ValidateSettings

REGISTRY = {(component.kind, component.name): component for component in regrow_components()}


def checked(model: type, data: dict[str, Any]) -> Any:
    """Settings as a stage gets them."""
    return check(model, data, REGISTRY)


def ingest_settings(task: str = "binary", column: str = "y", clean: Any = None, **data: Any) -> IngestSettings:
    """Settings of ingest for a file d.csv with the target y, but for what is given; clean: the steps of cleaning."""
    data = {"task": task, "reader": {"use": "csv", "file": "d.csv"}, "target": {"column": column}, **data}
    return checked(IngestSettings, {"data": data, "clean": {"steps": clean or {}}})


def validate_settings(**assumptions: dict[str, Any]) -> ValidateSettings:
    """Assumptions with the keys that all have filled in."""
    common = {"says": "a sentence", "owner": "somebody", "severity": "error"}
    return checked(ValidateSettings, {"data": {"assumptions": {n: {**common, **a} for n, a in assumptions.items()}}})


def split_settings(task: str = "binary", seed: int = 1, **split: Any) -> SplitSettings:
    """Settings of split for the target y."""
    data = {"task": task, "target": {"column": "y"}}
    return checked(SplitSettings, {"seed": seed, "split": split, "data": data})
