"""curve: points of a plot, a DataFrame in a CSV file, for `dvc plots`."""

import csv
from pathlib import Path
from typing import Any

from regrow.artifacts import table


def check(value: Any) -> None:
    """ValueError unless it is a DataFrame with at least one point."""
    table.check(value)


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
