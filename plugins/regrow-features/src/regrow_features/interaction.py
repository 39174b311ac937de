"""Two numeric columns made into one, row by row."""

import operator

import pandas as pd

from regrow import Context
from regrow.plugin.kinds import Derive
from regrow_features.columns import added, numbers
from regrow_features.settings import Interaction

OPERATIONS = {
    "multiply": operator.mul,
    "divide": operator.truediv,
    "add": operator.add,
    "subtract": operator.sub,
}


def interaction(settings: Interaction, context: Context) -> Derive:
    """Adds one float64 column. Missing stays missing, and a division by zero is missing too, never infinite.

    Raises RegrowError where a column is absent or not a number, or the new name is taken.
    """
    name = settings.name or f"{settings.left}_{settings.operation}_{settings.right}"

    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        left, right = numbers(table, settings.left), numbers(table, settings.right)
        if settings.operation == "divide":
            right = right.mask(right == 0)
        return added(table, OPERATIONS[settings.operation](left, right).to_frame(name))

    return derive
