"""What there is to say of each column, as a record: exact counts of all rows, and shares that later data can be held
against."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

BINS = 10
LEVELS = 20
FAR = 3.0  # interquartile ranges beyond the quartiles: an extreme value


def described(table: pd.DataFrame) -> dict[str, Any]:
    """The record: `rows`, `duplicates`, `sha256` of the values, and `columns`, each by `described_column`."""
    columns = [{"name": str(name), **described_column(table[name])} for name in table.columns]
    return {
        "rows": len(table),
        "duplicates": int(table.duplicated().sum()),
        "sha256": digest(table),
        "columns": columns,
    }


def digest(table: pd.DataFrame) -> str:
    """Of names, types and values, in their order."""
    found = hashlib.sha256(repr([(name, str(dtype)) for name, dtype in table.dtypes.items()]).encode())
    found.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
    return found.hexdigest()


def kind(column: pd.Series) -> str:
    """number, date, boolean or text."""
    if types.is_bool_dtype(column.dtype):
        return "boolean"
    if types.is_datetime64_any_dtype(column.dtype):
        return "date"
    return "number" if types.is_numeric_dtype(column.dtype) else "text"


def described_column(column: pd.Series) -> dict[str, Any]:
    """type, missing (rows), distinct; of numbers and dates ends, quartiles, `extreme` (rows far beyond the quartiles),
    and `edges` with `shares` of the rows between them; of others `levels`, the most frequent, with their shares."""
    what, present = kind(column), column.dropna()
    found: dict[str, Any] = {
        "type": what,
        "missing": len(column) - len(present),
        "distinct": int(present.nunique()),
    }
    if present.empty:
        return found
    if what in ("number", "date"):
        values = as_numbers(present)
        low, first, middle, third, high = np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
        reach = FAR * (third - first)
        found |= {"min": low, "q25": first, "median": middle, "q75": third, "max": high}
        found["extreme"] = int(((values < first - reach) | (values > third + reach)).sum()) if reach else 0
        edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
        found |= {"edges": edges.tolist(), "shares": shares(values, edges)}
        return {key: float(value) if isinstance(value, np.floating) else value for key, value in found.items()}
    counts = _counts(present)
    found["levels"] = {str(name): int(count) / len(present) for name, count in counts.iloc[:LEVELS].items()}
    return found


def _counts(present: pd.Series) -> pd.Series:
    """Rows by level, the most frequent first; equally frequent ones in the order of their names."""
    counts = present.astype("str").value_counts().sort_index()
    return counts.sort_values(ascending=False, kind="stable")


def as_numbers(column: pd.Series) -> np.ndarray:
    """(n,) float64; of dates, days since 1970."""
    if kind(column) == "date":
        return column.dt.as_unit("us").astype("int64").to_numpy() / 86_400e6
    return column.to_numpy(dtype="float64")


def shares(values: np.ndarray, edges: Any) -> list[float]:
    """Of the values between the edges: len(edges) + 1 of them, which sum to 1."""
    counts = np.bincount(np.searchsorted(np.asarray(edges), values, side="right"), minlength=len(edges) + 1)
    return [float(share) for share in counts / max(1, len(values))]


def stability(now: pd.Series, before: dict[str, Any]) -> float | None:
    """The population stability index of a column against what its record said, missing values as a bin of their own:
    0 for no change, 0.1 little, above 0.25 much (Siddiqi, Credit Risk Scorecards, 2006). None where types differ."""
    if kind(now) != before["type"] or not ("edges" in before or "levels" in before):
        return None
    present, rows = now.dropna(), len(now)
    if "edges" in before:
        ours, theirs = shares(as_numbers(present), before["edges"]), list(before["shares"])
    else:
        found = present.astype("str").value_counts(normalize=True)
        ours = [float(found.get(name, 0.0)) for name in before["levels"]]
        theirs = list(before["levels"].values())
        ours, theirs = [*ours, max(0.0, 1 - sum(ours))], [*theirs, max(0.0, 1 - sum(theirs))]
    gaps = (rows - len(present)) / max(1, rows), before["missing"] / max(1, before["rows"])
    one = np.maximum([*(share * (1 - gaps[0]) for share in ours), gaps[0]], 1e-4)
    other = np.maximum([*(share * (1 - gaps[1]) for share in theirs), gaps[1]], 1e-4)
    return float(((one - other) * np.log(one / other)).sum())
