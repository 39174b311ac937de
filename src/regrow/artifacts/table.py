"""table: a pandas DataFrame in one Parquet file."""

from pathlib import Path
from typing import Any


def check(value: Any) -> None:
    """ValueError unless it is a DataFrame with at least one row, and columns that are unique text."""
    check_frame(value)
    if not len(value):
        raise ValueError("has no rows")


def check_frame(value: Any) -> None:
    """ValueError unless it is a DataFrame with at least one column, all unique text, and an index that holds nothing.

    Numbers without a name, as a filter leaves them, are nothing: rows are by position.
    """
    import pandas as pd

    if not isinstance(value, pd.DataFrame):
        raise ValueError(f"must be a pandas DataFrame, not {type(value).__name__}")
    if not len(value.columns):
        raise ValueError("has no columns")
    odd = [name for name in value.columns if not isinstance(name, str)]
    if odd:
        raise ValueError(f"has a column whose name is not text: {odd[0]!r}")
    if value.index.nlevels > 1 or value.index.name is not None or not pd.api.types.is_integer_dtype(value.index):
        raise ValueError("has an index that holds values, which would be lost: reset_index() makes them a column")
    twice = value.columns[value.columns.duplicated()]
    if len(twice):
        raise ValueError(f"has column {twice[0]!r} twice")


def write(value: Any, path: Path) -> None:
    """Write Parquet without an index: rows are by position. The same frame gives the same bytes.

    Of numbers with a fraction few are equal: no dictionary of them is made, which takes long and makes larger files.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(value.reset_index(drop=True), preserve_index=False)
    split = [column.name for column in table.schema if pa.types.is_floating(column.type)]
    whole = [column.name for column in table.schema if column.name not in split]
    pq.write_table(table, path, compression="zstd", use_dictionary=whole, use_byte_stream_split=split)


def read(path: Path) -> Any:
    """Read it. ValueError (pyarrow's ArrowInvalid is one) or OSError if the file is not whole Parquet."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path).read().to_pandas()
