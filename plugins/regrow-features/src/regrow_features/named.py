"""Which columns settings name, and which a step makes, for regrow to look for them before anything runs."""

from glob import escape
from typing import Any

from regrow import Columns, Reads
from regrow_features import learning_settings, row_settings
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


def expression(settings: row_settings.Expression) -> Columns:
    """The columns of the formula, and the one that is made."""
    from regrow_data.expression import parse

    return Columns(
        [Reads("formula", list(parse(settings.formula, condition=False)[1].values()))], [escape(settings.name)]
    )


def weighted_sum(settings: row_settings.WeightedSum) -> Columns:
    """Those with a weight."""
    return Columns([Reads("weights", list(settings.weights))], [escape(settings.name)])


def text_length(settings: row_settings.TextLength) -> Columns:
    """A count of each kind for each text."""
    made = [f"{escape(name)}_{of}" for name in settings.columns for of in settings.of]
    return Columns([Reads("columns", settings.columns)], made)


def extract(settings: row_settings.Extract) -> Columns:
    """A column for each named group."""
    import re

    made = [f"{escape(settings.column)}_{group}" for group in re.compile(settings.pattern).groupindex]
    return Columns([Reads("column", [settings.column])], made)


def json_fields(settings: row_settings.JsonFields) -> Columns:
    """A column for each field."""
    made = [f"{escape(settings.column)}_{escape(name)}" for name in (*settings.numbers, *settings.texts)]
    return Columns([Reads("column", [settings.column])], made)


def distance(settings: row_settings.Distance) -> Columns:
    """Two places."""
    return Columns([Reads("start", settings.start), Reads("end", settings.end)], [escape(settings.name)])


def days_since(settings: row_settings.DaysSince) -> Columns:
    """A date."""
    made = settings.name or f"days_since_{settings.column}"
    return Columns([Reads("column", [settings.column])], [escape(made)])


def _moments(settings: row_settings.Moments) -> list[Reads]:
    """Key and moment on both sides."""
    table, (known, plus) = f"lookups/{settings.table}", settings.moment
    reads = [Reads("table", [], table), Reads("at", [settings.at]), Reads("plus", list(settings.plus))]
    reads += [Reads("known", [known], table), Reads("known_plus", list(plus), table)]
    return [*reads, Reads("by", list(settings.key)), Reads("by", list(settings.key.values()), table)]


def _history(settings: row_settings.History, made: list[str]) -> Columns:
    """Key and moment on both sides, and what is taken of the lookup."""
    reads = [*_moments(settings), Reads("columns", settings.columns, f"lookups/{settings.table}")]
    return Columns(reads, [escape(settings.prefix + name) for name in made])


def planned(settings: row_settings.Planned) -> Columns:
    """A count."""
    return Columns(_moments(settings), [escape(settings.name)])


def as_of(settings: row_settings.AsOf) -> Columns:
    """The lookup's columns."""
    return _history(settings, settings.columns)


def lag(settings: row_settings.Lag) -> Columns:
    """The lookup's columns of some rows before."""
    made = [f"{name}_lag_{step}" for name in settings.columns for step in settings.steps]
    return _history(settings, [*made, *(["days_since_last"] if settings.recency else [])])


def window(settings: row_settings.Window) -> Columns:
    """A statistic of each column in each window."""
    said = ["ever" if days is None else row_settings.span(days) for days in settings.days]
    made = [f"{name}_{one}_{days}" for days in said for name in settings.columns for one in settings.statistics]
    return _history(settings, made)


def aggregate(settings: learning_settings.Aggregate) -> Columns:
    """The group's columns, the numbers, and the statistics."""
    by = "_".join(settings.by)
    made = [f"{escape(name)}_{one}_by_{escape(by)}" for name in settings.columns for one in settings.statistics]
    made += [f"{escape(name)}_above_{escape(by)}" for name in settings.columns if settings.difference]
    return Columns([Reads("by", settings.by), Reads("columns", settings.columns)], made)


def hash_levels(settings: learning_settings.HashLevels) -> Columns:
    """As many columns as there are buckets."""
    made = [f"{escape(settings.name)}_{place}" for place in range(settings.buckets)]
    return Columns(_listed(settings.columns), made)


def products(settings: learning_settings.Polynomial) -> Columns:
    """The columns, their powers and products."""
    return Columns(_listed(settings.columns), ["*^*", "* *"])


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
