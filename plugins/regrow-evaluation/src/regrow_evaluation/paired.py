"""Two models on the same rows: worse, the same, better, or not enough data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from regrow_evaluation.asked import Asked
from regrow_evaluation.predicted import Predicted, read
from regrow_evaluation.repeats import interval as of_folds
from regrow_evaluation.resampling import Bootstrap, interval

Ends = tuple[float, float] | None
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
    #: how many folds of repeated k-fold the interval is of; 0 where it is of rows that were drawn again
    folds: int = 0


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


def same_repeats(
    new: Sequence[pd.DataFrame], old: Sequence[pd.DataFrame], task: str, positive: object
) -> list[tuple[Predicted, Predicted]]:
    """Both models' repeats, each a table, where both dealt the same rows out to the same folds each time; else []."""
    if len(new) != len(old) or len(new) < 2:
        return []
    ordered = [[one.sort_values("row", ignore_index=True) for one in side] for side in (new, old)]
    pairs = list(zip(*ordered, strict=True))
    if not all(mine[["row", "fold"]].equals(theirs[["row", "fold"]]) for mine, theirs in pairs):
        return []
    return [same_rows(mine, theirs, task, positive)[:2] for mine, theirs in pairs]


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


def compare(asked: dict[str, Asked], new: Predicted, old: Predicted, bootstrap: Bootstrap, least: float, lacking: str,
            repeats: Sequence[tuple[Predicted, Predicted]] = ()) -> dict[str, Paired]:  # fmt: skip
    """Each metric of both, by the same drawn rows; or by the same folds of repeated k-fold, where there are `repeats`:
    both models' in each, the first among them.

    least: the smallest gain of the first metric that means anything. A model is better if the gain is beyond that, and
    its interval beyond 0; worse likewise.
    """
    usable = {
        key: one for key, one in asked.items() if old.probability is not None or not one.of(old).needs_probability
    }
    sides = list(zip(*repeats, strict=True)) or [(new,), (old,)]
    scores = {key: [_scores(metric, side) for side in sides] for key, metric in usable.items()}
    if repeats:
        ends = _of_folds(usable, scores, len(repeats), bootstrap.confidence)
    else:
        ends = _of_rows(usable, new, old, bootstrap)
    made: dict[str, Paired] = {}
    for key, metric in usable.items():
        values = [float(np.mean(one)) for one in scores[key]]
        gain = metric.gain * (values[0] - values[1]) + 0.0  # no -0
        verdict = _verdict(gain, ends[key], least if not made else 0.0, lacking)
        made[key] = Paired(values[0], values[1], gain, ends[key], verdict, len(scores[key][0]) if repeats else 0)
    return made


def _of_rows(asked: dict[str, Asked], new: Predicted, old: Predicted, bootstrap: Bootstrap) -> dict[str, Ends]:
    """The interval of each metric's gain, by the same drawn rows."""
    drawn = [bootstrap.of_metrics(list(asked.values()), p, like=new).values for p in (new, old)]
    apart = drawn[0] - drawn[1]
    return {
        key: interval(metric.gain * apart[:, place] + 0.0, bootstrap.confidence)
        for place, (key, metric) in enumerate(asked.items())
    }


def _of_folds(
    asked: dict[str, Asked], scores: dict[str, list[np.ndarray]], repeats: int, confidence: float
) -> dict[str, Ends]:
    """The same, fold by fold."""
    apart = {key: metric.gain * (scores[key][0] - scores[key][1]) + 0.0 for key, metric in asked.items()}
    return {key: of_folds(values, len(values) // repeats, confidence) for key, values in apart.items()}


def _scores(metric: Asked, several: Sequence[Predicted]) -> np.ndarray:
    """(folds of all repeats,) NaN throughout where it is undefined in one."""
    parts = [p.rows(p.fold == fold) for p in several for fold in np.unique(p.fold)]
    try:
        return np.array([metric.of(part)(part) for part in parts])
    except ValueError:
        return np.full(len(parts), np.nan)


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
    folds = {"folds": compared.folds} if compared.folds else {}
    return {**known, "interval": ends, "verdict": compared.verdict, **folds}
