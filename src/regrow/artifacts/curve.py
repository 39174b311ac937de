"""curve: points of a plot, a DataFrame in a CSV file, for `dvc plots`."""

import csv
from pathlib import Path
from typing import Any

from regrow.artifacts import table


def check(value: Any) -> None:
    """ValueError unless it is a DataFrame with at least one point, every value of it text or a finite number."""
    import pandas as pd

    table.check(value)
    for name in value.columns:
        column = value[name]
        if column.isna().any():
            raise ValueError(f"has a missing value in column {name!r}, which no plot can show")
        number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        if number and (column.abs() == float("inf")).any():
            raise ValueError(f"has an infinite value in column {name!r}, which no plot can show")
        if not number and not column.map(lambda one: isinstance(one, str)).all():
            raise ValueError(f"has values in column {name!r} that are neither text nor numbers")


def write(value: Any, path: Path) -> None:
    """Write CSV with a header; numbers by repr, text in quotes, so that both read back exactly."""
    value.to_csv(path, index=False, lineterminator="\n", encoding="utf-8", quoting=csv.QUOTE_NONNUMERIC)


def read(path: Path) -> Any:
    """Read it: what stands in quotes is text, the rest numbers. ValueError if the file is no such CSV."""
    import pandas as pd

    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream, quoting=csv.QUOTE_NONNUMERIC)) or [[]]
    if not header or any(len(row) != len(header) for row in rows):
        raise ValueError("is not a whole CSV table")
    return pd.DataFrame(rows, columns=[str(name) for name in header])
