"""Which columns the settings of stages and checks name, for regrow to look for them before anything runs."""

from typing import Any

from regrow import Columns, Reads
from regrow_data.expression import parse
from regrow_data.settings import IngestSettings


def ingest(settings: IngestSettings) -> Columns:
    """The target's column and those that are given a type; of a lookup, as `lookup.column`."""
    reads = [Reads("data.target.column", [settings.data.target.column])]
    for key in settings.data.types:
        lookup, _, column = key.partition(".")
        inside = lookup in settings.data.lookups
        reads.append(Reads("data.types", [column if inside else key], f"lookups/{lookup}" if inside else ""))
    return Columns(reads, [settings.data.target.final_name])


def split(settings: Any) -> Columns:
    """None but the target, which ingest has found."""
    return Columns()


def check(settings: Any) -> Columns:
    """Those that an assumption is about."""
    if rule := getattr(settings, "rule", None):
        return Columns([Reads("rule", list(parse(rule)[1].values()))])
    if columns := getattr(settings, "columns", None):
        return Columns([Reads("columns", columns)])
    return Columns([Reads("column", [settings.column])] if hasattr(settings, "column") else ())


def nothing(settings: Any) -> Columns:
    """Of what names no columns."""
    return Columns()


def keep(settings: Any) -> Columns:
    """Those of the rule by which rows stay."""
    return Columns([Reads("keep", list(parse(settings.keep)[1].values()))])


def several(settings: Any) -> Columns:
    """Those that `columns` lists."""
    return Columns([Reads("columns", settings.columns if isinstance(settings.columns, list) else [])])


def one_column(settings: Any) -> Columns:
    """The column by which a splitter orders or groups rows."""
    return Columns([Reads("column", [settings.column])])
