"""The columns that settings name; imports nothing heavy, as compile calls it."""

from typing import Any

from regrow.plugin.declare import Columns, Reads
from regrow_evaluation.settings import EvaluateSettings


def intervals(settings: EvaluateSettings) -> Columns:
    """Whose rows belong together."""
    by = settings.evaluation.intervals.by
    return Columns([Reads("evaluation.intervals.by", [by])] if by else [])


def columns(settings: Any) -> Columns:
    """Of an analysis: what it cuts by."""
    return Columns([Reads("columns", settings.columns)] if settings.columns else [])


def by(settings: Any) -> Columns:
    """Of an analysis: what it goes along."""
    return Columns([Reads("by", [settings.by])] if settings.by else [])
