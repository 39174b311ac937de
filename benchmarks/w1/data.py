"""W1's data: numbers from a fixed seed, and whether a rule of three of them holds, with noise."""

from pathlib import Path

COLUMNS, SEED = 20, 7


def write(file: Path, rows: int) -> None:
    """A CSV file of so many rows and 20 columns beside the target `y`: always the same bytes."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(SEED)
    numbers = random.normal(size=(rows, COLUMNS))
    table = pd.DataFrame(numbers, columns=[f"c{number:02d}" for number in range(COLUMNS)])
    table["y"] = (numbers[:, 0] + numbers[:, 1] * numbers[:, 2] + random.normal(size=rows) > 0).astype(int)
    file.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(file, index=False, float_format="%.6f")
