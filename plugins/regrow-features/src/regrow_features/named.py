"""Which columns settings name, and which a step makes, for regrow to look for them before anything runs."""

from glob import escape
from typing import Any

from regrow import Columns, Reads
from regrow_features import settings as parameters


def features(settings: parameters.Features) -> Columns:
    """What is left out; the columns that steps make are told by the steps."""
    leaks = [name for name in settings.data.leaks if name != settings.data.target.column]
    return Columns([Reads("data.leaks", leaks), Reads("features.exclude", settings.features.exclude)])


def date_parts(settings: parameters.DateParts) -> Columns:
    """One column for each part of each date."""
    names = ["*"] if isinstance(settings.columns, str) else [escape(name) for name in settings.columns]
    return Columns(_listed(settings.columns), [f"{name}_{part}" for name in names for part in settings.parts])


def clock_minutes(settings: parameters.ClockMinutes) -> Columns:
    """One column for each clock time."""
    return Columns(_listed(settings.columns), [f"{escape(name)}_minutes" for name in settings.columns])


def interaction(settings: parameters.Interaction) -> Columns:
    """Two columns, and the one that is made of them."""
    made = settings.name or f"{settings.left}_{settings.operation}_{settings.right}"
    return Columns([Reads("left", [settings.left]), Reads("right", [settings.right])], [escape(made)])


def join(settings: parameters.Join) -> Columns:
    """The key on both sides, and what is taken of the second table."""
    by = settings.by if isinstance(settings.by, dict) else {name: name for name in settings.by}
    table = f"lookups/{settings.table}"
    reads = [Reads("table", [], table), Reads("by", list(by)), Reads("by", list(by.values()), table)]
    reads.append(Reads("columns", settings.columns or [], table))
    names = ["*"] if settings.columns is None else [escape(name) for name in settings.columns]
    return Columns(reads, [escape(settings.prefix) + name for name in names])


def cyclic(settings: parameters.Cyclic) -> Columns:
    """A place on the circle."""
    made = [f"{escape(settings.column)}_sin", f"{escape(settings.column)}_cos"]
    return Columns([Reads("column", [settings.column])], made)


def elapsed(settings: parameters.Elapsed) -> Columns:
    """Two dates, and the days between them."""
    made = settings.name or f"days_from_{settings.start}_to_{settings.end}"
    return Columns([Reads("start", [settings.start]), Reads("end", [settings.end])], [escape(made)])


def keeping(settings: Any) -> Columns:
    """A transformer whose columns keep their names, as far as it keeps them."""
    return Columns(_listed(settings.columns))


def impute(settings: Any) -> Columns:
    """The same, and indicators of what was missing."""
    return Columns(_listed(settings.columns), ["missingindicator_*"] if settings.indicator else ())


def one_hot(settings: parameters.OneHot | parameters.EncodeTarget) -> Columns:
    """A column for each category, or each class, which the data has."""
    names = ["*"] if isinstance(settings.columns, str) else [escape(name) for name in settings.columns]
    return Columns(_listed(settings.columns), [f"{name}_*" for name in names])


def _listed(columns: str | list[str]) -> list[Reads]:
    """A word such as `numeric` names none."""
    return [] if isinstance(columns, str) else [Reads("columns", columns)]
