"""The bootstrap that settings ask for."""

import pandas as pd

from regrow import RegrowError, nearest, random_state
from regrow_evaluation import looks
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.resampling import Bootstrap, groups
from regrow_evaluation.settings import Intervals

STREAM = random_state(0, "evaluation/intervals")  # all that draw rows draw the same: their intervals belong together


def bootstrap(settings: Intervals, table: pd.DataFrame, predicted: Predicted) -> Bootstrap:
    """table: the whole one, for the column `by`. Its confidence allows for all looks at the rows.

    Raises RegrowError where there is no such column.
    """
    group = None
    if settings.by is not None:
        if settings.by not in table:
            fix = nearest(settings.by, list(table.columns))
            raise RegrowError(f"the table has no column {settings.by!r}", where="evaluation.intervals.by", fix=fix)
        group = groups(table[settings.by].iloc[predicted.row], settings.blocks)
    return Bootstrap(settings.rounds, looks.confidence(settings.confidence, settings.looks), STREAM, group)
