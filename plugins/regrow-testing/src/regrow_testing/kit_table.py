"""The contract kit's tiny table: every type of column, missing values, text categories, a target of each task."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

ROWS = 60
TARGET = "sold"


def table(task: str) -> "pd.DataFrame":
    """60 rows: day (date, unique), shop and colour (text), clock (such as 1745), count, amount, weight (numbers), open
    (bool), and the target `sold` of the task: 0/1, three texts, or a number. colour and amount lack some values."""
    import pandas as pd

    at = range(ROWS)
    value = [(7 * n % 60) + 10 * (n % 3) for n in at]
    made = pd.DataFrame(
        {
            "day": pd.date_range("2024-01-01", periods=ROWS),
            "shop": [("north", "south", "west")[n % 3] for n in at],
            "colour": [None if n % 11 == 5 else ("blue", "green", "red", "yellow")[n * n % 7 % 4] for n in at],
            "clock": [n % 24 * 100 + n for n in at],
            "count": [n * 5 % 13 for n in at],
            "amount": [None if n % 13 == 4 else 1.5 * (n * 7 % 60) for n in at],
            "weight": [1.0 + n % 4 for n in at],
            "open": [n % 5 > 1 for n in at],
        }
    )
    targets: dict[str, list[Any]] = {
        "binary": [int(one > 35) for one in value],
        "multiclass": [("few", "many", "some")[one % 3 if one % 4 else 0] for one in value],
        "regression": [float(one) for one in value],
    }
    return made.astype({"shop": "str", "colour": "str"}).assign(**{TARGET: targets[task]})


def shops() -> "pd.DataFrame":
    """A second table, to look shops up in."""
    import pandas as pd

    return pd.DataFrame({"shop": ["north", "south", "west"], "size": [10.0, 20.0, 30.0]}).astype({"shop": "str"})


def write_files(folder: Path) -> None:
    """table.csv, table.parquet and shops.csv, as raw files."""
    made = table("binary")
    made.to_csv(folder / "table.csv", index=False)
    made.to_parquet(folder / "table.parquet")
    shops().to_csv(folder / "shops.csv", index=False)
