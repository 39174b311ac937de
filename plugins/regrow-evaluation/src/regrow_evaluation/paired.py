"""Two models on the same rows: worse, the same, better, or not enough data."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from regrow_evaluation.asked import Asked
from regrow_evaluation.predicted import Predicted, read
from regrow_evaluation.resampling import Bootstrap, interval

WORSE, SAME, BETTER, LITTLE = "worse", "same", "better", "not enough data"


@dataclass(frozen=True)
class Paired:
    """One metric of two models."""

    new: float
    old: float
    #: above 0 where the new one is better, whichever way the metric is
    gain: float
    interval: tuple[float, float] | None
    verdict: str


def same_rows(new: pd.DataFrame, old: pd.DataFrame, task: str, positive: object) -> tuple[Predicted, Predicted, str]:
    """Both models' predictions of the rows that both held out, in the same order, with the same classes; and what
    stands against comparing them, "" for nothing.

    Rows are the same if they have the same place in the table and the same target.
    """
    both = new.merge(old[["row", "target"]], on="row", suffixes=("", "_old"))
    if len(both) < len(new) / 2 or not len(both):
        why = f"{len(both)} of {len(new)} held-out rows were held out for both: they are split otherwise"
        return read(new, task, positive), read(new, task, positive), why
    differ = int((both["target"].map(str) != both["target_old"].map(str)).sum())
    if task == "regression":
        differ = int((both["target"] != both["target_old"]).sum())
    if differ:
        why = f"{differ} of {len(both)} rows have another target: the data are others"
        return read(new, task, positive), read(new, task, positive), why
    shared = set(both["row"])
    mine, theirs = (one[one["row"].isin(shared)].sort_values("row", ignore_index=True) for one in (new, old))
    theirs = theirs.assign(fold=mine["fold"].to_numpy())
    if task != "regression":
        mine, theirs = _classes(mine, theirs)
    return read(mine, task, positive), read(theirs, task, positive), ""


def _classes(one: pd.DataFrame, other: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """With the same probability columns in the same order; a class that a model never met has probability 0."""
    names = [[name for name in table if str(name).startswith("probability_")] for table in (one, other)]
    if not (names[0] and names[1]):
        return one.drop(columns=names[0]), other.drop(columns=names[1])
    every = sorted({*names[0], *names[1]}, key=str)
    order = names[0] if set(names[0]) == set(every) else every
    full = [
        pd.concat([table.drop(columns=had), table[had].reindex(columns=order, fill_value=0.0)], axis=1)
        for table, had in zip((one, other), names, strict=True)
    ]
    return full[0], full[1]


def compare(
    asked: dict[str, Asked], new: Predicted, old: Predicted, bootstrap: Bootstrap, least: float, lacking: str
) -> dict[str, Paired]:
    """Each metric of both, by the same drawn rows.

    least: the smallest gain of the first metric that means anything. A model is better if the gain is beyond that, and
    its interval beyond 0; worse likewise.
    """
    usable = {
        key: one for key, one in asked.items() if old.probability is not None or not one.of(old).needs_probability
    }
    drawn = [bootstrap.of_metrics(list(usable.values()), p, like=new) for p in (new, old)]
    made: dict[str, Paired] = {}
    for place, (key, metric) in enumerate(usable.items()):
        values = [_value(metric, p) for p in (new, old)]
        gain = metric.gain * (values[0] - values[1]) + 0.0  # no -0
        ends = interval(metric.gain * (drawn[0].values - drawn[1].values)[:, place] + 0.0, bootstrap.confidence)
        floor = least if not made else 0.0
        made[key] = Paired(values[0], values[1], gain, ends, _verdict(gain, ends, floor, lacking))
    return made


def _value(metric: Asked, p: Predicted) -> float:
    """The mean over folds, NaN where it is undefined in one."""
    try:
        return float(np.mean([metric.of(part)(part) for part in (p.rows(p.fold == f) for f in np.unique(p.fold))]))
    except ValueError:
        return float("nan")


def _verdict(gain: float, ends: tuple[float, float] | None, least: float, lacking: str) -> str:
    if lacking or ends is None or not np.isfinite(gain):
        return LITTLE
    if ends[0] > 0 and gain > least:
        return BETTER
    return WORSE if ends[1] < 0 and -gain > least else SAME


def told(compared: Paired) -> dict[str, Any]:
    """As JSON."""
    ends = None if compared.interval is None else list(compared.interval)
    known = {name: None if not np.isfinite(value) else value
             for name, value in (("new", compared.new), ("old", compared.old), ("gain", compared.gain))}  # fmt: skip
    return {**known, "interval": ends, "verdict": compared.verdict}
