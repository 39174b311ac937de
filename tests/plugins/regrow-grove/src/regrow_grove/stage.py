"""The stage."""

from regrow import Context
from regrow.artifacts import blocks


def grove(table, predictions, settings):
    """Rings, a part of the report, and what the gate found."""
    counted = settings.grove.analysis.make(Context())(table=table, predictions=predictions)["metrics"]
    finding = settings.grove.gate.make(Context())([], counted)
    settings.grove.exporter.make(Context())
    said = [blocks.text("Rings tell the years of the grove.")]
    part = {"title": "The grove", "level": "analyse", "order": 70, "blocks": said}
    return {"grove": [int(one) for one in counted.values()], "grove_part": part, "grove_seen": [finding]}
