"""A metric as the settings ask for it, made for any held-out rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from regrow import Context, Use
from regrow.plugin.context import column_types
from regrow_evaluation.metrics import Metric
from regrow_evaluation.predicted import Predicted


@dataclass(frozen=True)
class Asked:
    """A metric that the settings name."""

    use: Use
    #: `rows` are of the whole table.
    context: Context

    @property
    def better(self) -> str:
        """higher, lower, or "" where nobody says."""
        return self.use.component.better

    @property
    def gain(self) -> int:
        """1 where higher is better, -1 where lower is."""
        return -1 if self.better == "lower" else 1

    def of(self, part: Predicted) -> Metric:
        """The metric for some held-out rows."""
        rows = self.context.rows
        made: Metric = self.use.make(replace(self.context, rows=None if rows is None else rows.iloc[part.row]))
        return made


def asked(uses: Mapping[str, Use], task: str, target: str, table: pd.DataFrame) -> dict[str, Asked]:
    """Key -> metric. table: for the columns that their settings name."""
    context = Context(task=task, target=target, columns=column_types(table))
    return {key: Asked(use, replace(context, rows=use.rows(table))) for key, use in uses.items()}
