"""The stage split: made once and versioned, so that every later stage holds out the same rows."""

from typing import Any

import numpy as np
import pandas as pd

from regrow import Context, RegrowError, random_state
from regrow.plugin.components import nearest
from regrow.plugin.context import column_types
from regrow_data.settings import SplitSettings


def split(table: pd.DataFrame, validation: Any, settings: SplitSettings) -> dict[str, pd.DataFrame]:
    """The table `split`: columns row (0 to n-1) and fold (where the row is held out; -1: nowhere), both int64.

    `validation` is needed only so that no split is made of data that broke an assumption. Raises RegrowError when the
    table is too small for the split that the settings ask for.
    """
    name = settings.data.target.final_name
    if name not in table.columns:
        raise RegrowError(
            f"the table has no target column {name!r}", where="data.target", fix=nearest(name, list(table.columns))
        )
    context = Context(
        task=settings.data.task,
        random_state=random_state(settings.seed, "split"),
        target=name,
        columns=column_types(table),
        rows=settings.split.rows(table),
    )
    folds = np.asarray(settings.split.make(context)(table[name]))
    if folds.shape != (len(table),) or folds.dtype.kind != "i":
        raise RegrowError(f"the splitter {settings.split.name} must return one integer per row", where="split.use")
    return {"split": pd.DataFrame({"row": np.arange(len(table), dtype="int64"), "fold": folds.astype("int64")})}
