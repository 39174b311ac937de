"""Values of a table as JSON has them."""

import math
from typing import Any

import numpy as np
import pandas as pd

LONGEST = 200  # characters of a value shown; a record is to be read


def plain(value: Any) -> Any:
    """A scalar as str, int, float, bool or None: missing is None, dates are ISO 8601, infinity is text."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    return value if isinstance(value, bool | int | float) else str(value)
