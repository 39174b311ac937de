"""The checks: each makes, of its parameters and the table, a pandera schema that holds its one assumption."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_float_dtype, is_integer_dtype

from regrow import Context, RegrowError
from regrow.plugin.components import nearest
from regrow.plugin.kinds import Check
from regrow_data import check_settings as parameters
from regrow_data.expression import parse
from regrow_data.rules import verdict
from regrow_data.text_types import as_text, fit


def _factory(schema_of: Callable[[Any, pd.DataFrame], pa.DataFrameSchema]) -> Callable[[Any, Context], Check]:
    """A check's factory, of a function that makes its schema of settings and table."""
    return lambda settings, context: partial(schema_of, settings)


def column_of(table: pd.DataFrame, name: str) -> pd.Series:
    """The column an assumption is about. Raises RegrowError with the nearest name when there is none."""
    if name not in table.columns:
        raise RegrowError(f"the table has no column {name!r}", fix=nearest(name, list(table.columns)))
    return table[name]


def _on_column(name: str, holds: Callable[[pd.Series], pd.Series], ignore_missing: bool = True) -> pa.DataFrameSchema:
    check = pa.Check(holds, ignore_na=ignore_missing)
    return pa.DataFrameSchema({name: pa.Column(checks=[check], nullable=True)})


@_factory
def type_check(settings: parameters.TypeCheck, table: pd.DataFrame) -> pa.DataFrameSchema:
    """Fails in the values that are not of the type; in all of them when it is only the column that is not."""
    values = column_of(table, settings.column)
    return _on_column(settings.column, lambda _column: _of_type(values, settings.type), ignore_missing=False)


def _of_type(values: pd.Series, kind: str) -> pd.Series:
    """Per row, whether a value is of the kind; missing ones are. See `frame_types.typed` for the dtypes of a kind."""
    floats, bools = is_float_dtype(values), is_bool_dtype(values)
    whole = is_integer_dtype(values)
    numeric = (floats or whole) and not bools
    good: bool | pd.Series
    if kind == "integer":
        good = (values % 1 == 0) if floats else whole
    elif kind == "number":
        good = numeric
    elif kind == "boolean":
        good = values.isin([0, 1]) if floats else bools
    elif kind == "date":
        good = is_datetime64_any_dtype(values)
    else:
        good = isinstance(values.dtype, pd.StringDtype)
    if isinstance(good, pd.Series):
        return good | values.isna()
    wrong = pd.Series(not good, index=values.index) & values.notna()
    misfits = fit(as_text(values), kind)[1] if not good else wrong
    return ~misfits if misfits.any() else ~wrong


@_factory
def range_check(settings: parameters.RangeCheck, table: pd.DataFrame) -> pa.DataFrameSchema:
    """Fails in values below `min` or above `max`; missing values are not judged."""
    values = column_of(table, settings.column)
    low, high = (_bound(bound, values) for bound in (settings.min, settings.max))

    def holds(column: pd.Series) -> pd.Series:
        good = pd.Series(True, index=column.index)
        good &= column >= low if low is not None else True
        return good & (column <= high) if high is not None else good

    return _on_column(settings.column, holds)


def _bound(bound: int | float | str | None, values: pd.Series) -> int | float | pd.Timestamp | None:
    dates = is_datetime64_any_dtype(values)
    if not dates and (is_bool_dtype(values) or not (is_integer_dtype(values) or is_float_dtype(values))):
        raise RegrowError(f"column {values.name!r} holds {values.dtype}, and a range needs numbers or dates")
    if bound is None:
        return None
    if dates != isinstance(bound, str):
        wanted = 'dates, such as "2013-01-31"' if dates else "numbers"
        raise RegrowError(
            f"the bound {bound!r} does not go with column {values.name!r}", fix=f"its bounds are {wanted}"
        )
    if not isinstance(bound, str):
        return bound
    made = fit(pd.Series([bound], dtype="str"), "date")[0].iloc[0]
    if pd.isna(made):
        raise RegrowError(f"the bound {bound!r} is no ISO 8601 date", fix='write it like "2013-01-31"')
    return pd.Timestamp(made)


@_factory
def unique_check(settings: parameters.UniqueCheck, table: pd.DataFrame) -> pa.DataFrameSchema:
    """Fails in every row whose values in `columns` occur more than once; missing equals missing."""
    columns = {name: pa.Column(nullable=True) for name in settings.columns if column_of(table, name) is not None}
    return pa.DataFrameSchema(columns, unique=list(columns), report_duplicates="all")


@_factory
def missing_check(settings: parameters.MissingCheck, table: pd.DataFrame) -> pa.DataFrameSchema:
    """Fails in the rows where `column` is missing, if they are more than `max_share` of all."""
    values = column_of(table, settings.column)
    allowed = bool(values.isna().mean() <= settings.max_share)
    return _on_column(settings.column, lambda column: column.notna() | allowed, ignore_missing=False)


@_factory
def allowed_check(settings: parameters.AllowedCheck, table: pd.DataFrame) -> pa.DataFrameSchema:
    """Fails in values that are not listed; missing values are not judged (use `missing`)."""
    values = column_of(table, settings.column)
    given = list(settings.values)
    if is_datetime64_any_dtype(values):
        given = list(fit(pd.Series([str(value) for value in given], dtype="str"), "date")[0])
    return _on_column(settings.column, lambda column: column.isin(given))


@_factory
def rule_check(settings: parameters.RuleCheck, table: pd.DataFrame) -> pa.DataFrameSchema:
    """Fails in rows where the rule is false; where a missing value leaves it open, the row is not judged."""
    tree, columns = parse(settings.rule)
    used = {name: pa.Column(nullable=True) for name in columns.values() if column_of(table, name) is not None}
    holds = verdict(tree, columns, table)
    return pa.DataFrameSchema(used, checks=[pa.Check(lambda _frame: holds, ignore_na=False)])


@_factory
def rows_check(settings: parameters.RowsCheck, table: pd.DataFrame) -> pa.DataFrameSchema:
    """Fails as a whole when the table has fewer than `min` or more than `max` rows."""
    most = np.inf if settings.max is None else settings.max
    return pa.DataFrameSchema(checks=[pa.Check(lambda frame: settings.min <= len(frame) <= most)])
