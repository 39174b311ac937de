"""curve: points of a plot, a DataFrame in a CSV file, for `dvc plots`."""

import csv
from pathlib import Path
from typing import Any

from regrow.artifacts import table


def check(value: Any) -> None:
    """ValueError unless it is a DataFrame with at least one point."""
    table.check(value)


def write(value: Any, path: Path) -> None:
    """Write CSV with a header; floats by repr, so that they read back exactly."""
    value.to_csv(path, index=False, lineterminator="\n", encoding="utf-8", quoting=csv.QUOTE_MINIMAL)


def read(path: Path) -> Any:
    """Read it. ValueError if the file is no CSV."""
    import pandas as pd

    return pd.read_csv(path, float_precision="round_trip")
