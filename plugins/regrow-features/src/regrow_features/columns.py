"""What the derive components share: the types that columns have, and errors that name a column."""

from collections.abc import Iterable

import pandas as pd
from pandas.api import types

from regrow import RegrowError
from regrow.plugin.components import nearest


def require(table: pd.DataFrame, names: Iterable[str], where: str = "the table") -> None:
    """Raises RegrowError, with the nearest names, unless all `names` are columns of `table`."""
    there = list(table.columns)
    missing = [name for name in names if name not in there]
    if missing:
        hints = [f"{name!r}: {nearest(name, there)}" for name in missing]
        raise RegrowError(f"no column {', '.join(map(repr, missing))}", where=where, fix="\n".join(hints))


def plain(column: pd.Series) -> pd.Series:
    """The same values as bool, number, `str` or datetime64, whatever pandas type they came in.

    Nullable booleans and integers become float64 (missing: NaN), categories and objects what they hold. What is none of
    these (lists, intervals, mixed types, ...) comes back as it is.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype) or types.is_object_dtype(dtype):
        return _from_objects(column.astype(object))
    if types.is_datetime64_any_dtype(dtype):
        return column if not isinstance(dtype, pd.ArrowDtype) else pd.to_datetime(column.astype(object))
    if not types.is_extension_array_dtype(dtype):
        return column
    if types.is_numeric_dtype(dtype) or types.is_bool_dtype(dtype):
        return pd.Series(column.to_numpy(dtype="float64", na_value=float("nan")), index=column.index, name=column.name)
    return column.astype("str") if types.is_string_dtype(dtype) else column


def _from_objects(column: pd.Series) -> pd.Series:
    held = types.infer_dtype(column, skipna=True)
    if held == "empty":  # nothing but missing values
        return column.astype("float64")
    if held == "boolean":
        return column.astype("float64" if column.isna().any() else "bool")
    if held == "string":
        return column.astype("str")
    if held in ("integer", "floating", "mixed-integer-float"):
        return pd.to_numeric(column)
    if held in ("date", "datetime", "datetime64"):
        return pd.to_datetime(column)
    return column


def kind(column: pd.Series) -> str:
    """boolean, number, text, date, or for anything else pandas' own name of the type."""
    dtype = column.dtype
    if types.is_bool_dtype(dtype):
        return "boolean"
    if types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype):
        return "number"
    if types.is_datetime64_any_dtype(dtype):
        return "date"
    return "text" if isinstance(dtype, pd.StringDtype) else str(dtype)


def numbers(table: pd.DataFrame, name: str) -> pd.Series:
    """A numeric or boolean column as float64. Raises RegrowError if it is something else."""
    require(table, [name])
    if kind(table[name]) not in ("number", "boolean"):
        raise RegrowError(
            f"{name!r} is {kind(table[name])}, not a number",
            where=name,
            fix=f"take a numeric column, or give it a type: data.types.{name}: number",
        )
    return table[name].astype("float64")


def added(table: pd.DataFrame, new: pd.DataFrame, drop: Iterable[str] = ()) -> pd.DataFrame:
    """`table` without `drop` and with the columns of `new`. Raises RegrowError where a name is taken."""
    kept = table.drop(columns=list(drop))
    taken = [name for name in new.columns if name in kept.columns]
    if taken:
        raise RegrowError(
            f"there is a column {', '.join(map(repr, taken))} already",
            where=", ".join(taken),
            fix="give the new one another name (`prefix` for a join, `name` for an interaction)",
        )
    return pd.concat([kept, new.set_axis(kept.index)], axis=1)
