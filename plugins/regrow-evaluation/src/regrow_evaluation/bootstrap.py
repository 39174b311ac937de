"""The bootstrap that settings ask for."""

import pandas as pd

from regrow import RegrowError, nearest, random_state
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.resampling import Bootstrap, groups
from regrow_evaluation.settings import Intervals

STREAM = random_state(0, "evaluation/intervals")  # all that draw rows draw the same: their intervals belong together


def bootstrap(settings: Intervals, table: pd.DataFrame, predicted: Predicted) -> Bootstrap:
    """table: the whole one. Raises RegrowError where it has no column `by`."""
    group = None
    if settings.by is not None:
        if settings.by not in table:
            fix = nearest(settings.by, list(table.columns))
            raise RegrowError(f"the table has no column {settings.by!r}", where="evaluation.intervals.by", fix=fix)
        group = groups(table[settings.by].iloc[predicted.row], settings.blocks)
    return Bootstrap(settings.rounds, settings.confidence, STREAM, group)
