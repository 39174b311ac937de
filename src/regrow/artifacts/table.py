"""table: a pandas DataFrame in one Parquet file."""

from pathlib import Path
from typing import Any


def check(value: Any) -> None:
    """ValueError unless it is a DataFrame with at least one row, and columns that are unique text."""
    check_frame(value)
    if not len(value):
        raise ValueError("has no rows")


def check_frame(value: Any) -> None:
    """ValueError unless it is a DataFrame with at least one column, all unique text, and a plain index."""
    import pandas as pd

    if not isinstance(value, pd.DataFrame):
        raise ValueError(f"must be a pandas DataFrame, not {type(value).__name__}")
    if not len(value.columns):
        raise ValueError("has no columns")
    odd = [name for name in value.columns if not isinstance(name, str)]
    if odd:
        raise ValueError(f"has a column whose name is not text: {odd[0]!r}")
    twice = value.columns[value.columns.duplicated()]
    if len(twice):
        raise ValueError(f"has column {twice[0]!r} twice")


def write(value: Any, path: Path) -> None:
    """Write Parquet without an index: rows are by position. The same frame gives the same bytes."""
    value.reset_index(drop=True).to_parquet(path, engine="pyarrow", compression="zstd", index=False)


def read(path: Path) -> Any:
    """Read it. ValueError (pyarrow's ArrowInvalid is one) or OSError if the file is not whole Parquet."""
    import pandas as pd

    return pd.read_parquet(path, engine="pyarrow")
