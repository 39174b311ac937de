"""Numbers that go round: 23:00 is as near to midnight as 01:00 is, which a plain number hides."""

import numpy as np
import pandas as pd
from regrow import Context, RegrowError
from regrow.plugin.kinds import Derive

from {{ cookiecutter.package_name }}.settings import Circle


def circle(settings: Circle, context: Context) -> Derive:
    """Adds `<column>_sin` and `<column>_cos`, both from -1 to 1, float64; missing stays missing.

    Raises RegrowError if the column is not there or is not a number.
    """

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        if settings.column not in table or not pd.api.types.is_numeric_dtype(table[settings.column]):
            raise RegrowError(
                f"there is no numeric column {settings.column!r}",
                where="features.derive, use: circle",
                fix=f"the columns are {', '.join(table.columns)}",
            )
        angle = table[settings.column].astype("float64") * (2 * np.pi / settings.period)
        return table.assign(**{f"{settings.column}_sin": np.sin(angle), f"{settings.column}_cos": np.cos(angle)})

    return derive
