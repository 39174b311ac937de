"""The factories, one of each kind."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from regrow_grove import classes


def reader(settings, context):
    """Reads all as text, and says so: the stage finds the types."""

    def read(folder):
        frame = pd.read_csv(folder / settings.file, dtype=object)
        frame.attrs = {"untyped": True}
        return frame

    return read


def check(settings, context):
    """A least number of rows."""

    def schema(table):
        import pandera.pandas as pa

        return pa.DataFrameSchema(checks=[pa.Check(lambda frame: len(frame) >= settings.min)])

    return schema


def splitter(settings, context):
    """Each nth row is held out."""

    def split(target):
        rows = np.arange(len(target))
        return np.where(rows % settings.nth == 0, 0, -1).astype("int64")

    return split


def derive(settings, context):
    """Twice a column."""
    return lambda table, lookups: table.assign(**{f"double_{settings.column}": table[settings.column] * 2})


def transformer(settings, context):
    """Numbers less their mean over the training rows."""
    return classes.Centre()


def estimator(settings, context):
    """The plugin's own class."""
    return classes.Share(settings.weight)


def search(settings, context):
    """Fits what the settings say."""
    return lambda build, X, y: build().fit(X, y)


@dataclass(frozen=True)
class Ece:
    """How far probabilities lie from shares, on average over bins."""

    bins: int
    needs_probability: bool = True

    def __call__(self, predicted):
        """0 is best."""
        place = np.minimum((predicted.score * self.bins).astype(int), self.bins - 1)
        inside = [place == one for one in np.unique(place)]
        shares = [(predicted.score[rows].mean(), predicted.is_positive[rows].mean(), rows.mean()) for rows in inside]
        return float(sum(abs(said - real) * part for said, real, part in shares))


def ece(settings, context):
    """Of the metric."""
    return Ece(settings.bins)


def analysis(settings, context):
    """Counts rows."""
    return lambda **artifacts: {"metrics": {name: float(len(value)) for name, value in artifacts.items()}}


def gate(settings, context):
    """Passes where all that was counted is there."""
    return partial(_judge)


def _judge(findings, metrics):
    verdict = "passed" if all(metrics.values()) else "failed"
    return {"code": "grove-counted", "title": "All rows were counted", "severity": "minor", "verdict": verdict}


def exporter(settings, context):
    """Copies a bundle."""
    return lambda bundle, folder: (folder / "bundle").write_bytes(bundle.read_bytes())
