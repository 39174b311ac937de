"""The artifact type `analyses`: what each of several analyses returned, by name: metrics, findings, a section."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regrow.artifacts import findings, metrics, record, section
from regrow.artifacts.fields import check_fields
from regrow.artifacts.figure import draw

PARTS = {"metrics": dict, "findings": list, "section": dict}


def check(value: Any) -> None:
    """ValueError unless it is a dict, possibly empty, of name -> metrics, findings and section, each where there is
    any."""
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a dict of what analyses returned, not {type(value).__name__}")
    for name, made in value.items():
        try:
            check_fields(made, {}, PARTS)
            if made.get("metrics"):
                metrics.check(made["metrics"])
            if made.get("findings"):
                findings.check(made["findings"])
            if made.get("section"):
                section.check(made["section"])
        except ValueError as error:
            raise ValueError(f"analysis {name!r} {error}") from None


def write(value: Any, path: Path) -> None:
    """Write it in canonical form, figures drawn."""
    record.write({name: _drawn(made) for name, made in value.items()}, path)


def _drawn(made: Mapping[str, Any]) -> dict[str, Any]:
    told = made.get("section")
    if not told:
        return dict(made)
    drawn = [
        {**block, "svg": draw(block["svg"], "svg").decode()} if hasattr(block.get("svg"), "savefig") else block
        for block in told["blocks"]
    ]
    return {**made, "section": {**told, "blocks": drawn}}


def read(path: Path) -> Any:
    """Read it. ValueError if the file holds something else."""
    value = record.read(path)
    check(value)
    return value
