"""Second tables as JSON columns: read without pyarrow, which would be most of an image's size."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
import pandas as pd

from regrow import RegrowError

TYPES = ("bool", "float64", "int64", "str")
DATE = "datetime64[us]"


def write(table: pd.DataFrame, where: str) -> bytes:
    """Columns in their order, each with its dtype; floats as their shortest text, which is exact."""
    columns = []
    for name in table.columns:
        values, dtype = table[name], table[name].dtype.name
        if dtype not in TYPES and dtype != DATE:
            raise RegrowError(f"column {name!r} is {dtype}, which a bundle can't hold", where=where)
        columns.append({"name": name, "dtype": dtype, "values": _written(values, dtype)})
    return orjson.dumps({"rows": len(table), "columns": columns}) + b"\n"


def read(data: bytes) -> pd.DataFrame:
    """The table again, in the same types. Raises ValueError or KeyError for what `write` does not write."""
    content = orjson.loads(data)
    made = {one["name"]: _read(one["values"], one["dtype"]) for one in content["columns"]}
    return pd.DataFrame(made, index=pd.RangeIndex(content["rows"]))


def as_members(lookups: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Member -> content."""
    return {f"lookups/{name}.json": write(table, f"lookup {name}") for name, table in sorted(lookups.items())}


def from_members(members: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Lookup -> table, of all members."""
    found = {name: data for name, data in members.items() if name.startswith("lookups/")}
    return {name.removeprefix("lookups/").removesuffix(".json"): read(data) for name, data in found.items()}


def _written(values: pd.Series, dtype: str) -> list[Any]:
    if dtype == DATE:
        numbers = values.to_numpy().astype("int64").tolist()
        return [None if missing else number for number, missing in zip(numbers, values.isna(), strict=True)]
    if dtype == "float64":
        return [None if one != one else one if abs(one) < np.inf else str(one) for one in values.tolist()]
    return [None if one != one else one for one in values.tolist()]


def _read(values: list[Any], dtype: str) -> pd.Series:
    if dtype == DATE:
        whole = np.array([np.iinfo("int64").min if one is None else one for one in values], dtype="int64")
        return pd.Series(whole.view(DATE))
    if dtype == "float64":
        return pd.Series([np.nan if one is None else float(one) for one in values], dtype=dtype)
    if dtype not in TYPES:
        raise ValueError(f"{dtype!r} is no type of a bundle's table")
    return pd.Series(values, dtype=pd.StringDtype(na_value=np.nan) if dtype == "str" else dtype)
