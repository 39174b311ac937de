"""How fast a model ages: trained on the first periods, scored on later ones, beside one that is trained anew."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import clone

from regrow import Context, RegrowError, nearest
from regrow.artifacts import blocks
from regrow_evaluation.analyses.explanation import answered
from regrow_evaluation.analyses.settings import StalenessSettings
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import (
    FEW_OF_A_CLASS,
    Analysis,
    Evidence,
    FittedModel,
    Result,
    finding,
    not_enough,
    number,
    stacked,
)
from regrow_evaluation.paired import LITTLE, WORSE, Paired, compare
from regrow_evaluation.predicted import Predicted, class_name
from regrow_evaluation.resampling import Bootstrap, groups

AGE = "staleness.age", "A model that is not trained anew is as good as one that is", "minor"
LETTERS = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}


def staleness(settings: StalenessSettings, context: Context) -> Analysis:
    """Models of the periods 1..k, for each k, score all later periods (rolling origin: Tashman, International Journal
    of Forecasting 16, 2000). On the same rows, the one that ends just before them is held against older ones, paired;
    intervals allow for the number of ages. Nothing where the model learnt from the rows that are held out."""

    def examine(evidence: Evidence) -> Result:
        if evidence.scorer is None or evidence.scorer.rows is None:
            return {}
        rows = _rows(evidence, evidence.scorer, settings)
        made = {end: part for end in range(1, rows.periods) if (part := _later(rows, evidence, end, settings))}
        ages = _ages(made, rows, evidence)
        if not ages:
            why = f"{rows.periods} periods of {settings.by} are too few, or hold too few rows, to compare ages"
            return {"findings": [not_enough(*AGE, why, len(rows.row))]}
        return _told(ages, settings, evidence)

    return examine


@dataclass(frozen=True)
class _Rows:
    """Rows that were learnt from and held-out ones, in the order of time."""

    features: pd.DataFrame
    target: np.ndarray
    #: (n,) place in the table, and the period from 0 on
    row: np.ndarray
    period: np.ndarray

    @property
    def periods(self) -> int:
        return int(self.period.max(initial=-1)) + 1


def _rows(evidence: Evidence, scorer: FittedModel, settings: StalenessSettings) -> _Rows:
    if settings.by not in evidence.table:
        fix = nearest(settings.by, list(evidence.table.columns))
        raise RegrowError(f"the table has no column {settings.by!r}", where="analysis staleness, by", fix=fix)
    p, learnt = evidence.predicted, scorer.rows
    true = p.target if p.task == REGRESSION else np.array(p.classes, dtype=object)[p.target]
    row = np.concatenate([learnt, p.row])
    features = pd.concat([scorer.training, scorer.features], ignore_index=True)
    target = np.concatenate([_named(scorer.target, p), true])
    time = evidence.table[settings.by].iloc[row].reset_index(drop=True)
    kept = np.flatnonzero(time.notna().to_numpy())
    order = kept[np.lexsort((row[kept], time.iloc[kept].to_numpy()))]
    return _Rows(features.iloc[order].reset_index(drop=True), target[order], row[order],
                 _periods(time.iloc[order], settings))  # fmt: skip


def _named(target: np.ndarray, p: Predicted) -> np.ndarray:
    return target if p.task == REGRESSION else np.array([class_name(one) for one in target.tolist()], dtype=object)


def _periods(time: pd.Series, settings: StalenessSettings) -> np.ndarray:
    if settings.every is None:
        return groups(time, settings.periods)
    if not pd.api.types.is_datetime64_any_dtype(time):
        raise RegrowError(f"{settings.by!r} is no date", where="analysis staleness, every", fix="leave out `every`")
    plain = time.dt.tz_localize(None) if time.dt.tz is not None else time
    return pd.factorize(plain.dt.to_period(LETTERS[settings.every]), sort=True)[0].astype("int64")


def _later(rows: _Rows, evidence: Evidence, end: int, settings: StalenessSettings) -> Predicted | None:
    """What the model of the periods before `end` says of all later rows; None where it can't be fitted on so few."""
    p, scorer = evidence.predicted, evidence.scorer
    learnt, later = rows.period < end, rows.period >= end
    if scorer is None or learnt.sum() < settings.least_rows:
        return None
    target = rows.target if p.task == REGRESSION else _as_fitted(rows.target, scorer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = clone(scorer.model).fit(rows.features[learnt], target[learnt])
        except (TypeError, ValueError):
            return None
        place = {name: k for k, name in enumerate(p.classes)}
        true = rows.target if p.task == REGRESSION else np.array([place.get(one, -1) for one in rows.target])
        empty = None if p.probability is None else np.zeros((len(true), len(p.classes)))
        known = Predicted(p.task, true, true, empty, p.classes, p.positive, rows.period, rows.row).rows(later)
        return answered(known, model, rows.features[later].reset_index(drop=True))


def _as_fitted(target: np.ndarray, scorer: FittedModel) -> np.ndarray:
    """Class names as the values that the model was fitted on."""
    values = {class_name(one): one for one in scorer.target.tolist()}
    return np.array([values.get(one, one) for one in target.tolist()], dtype=scorer.target.dtype)


def _ages(made: Mapping[int, Predicted], rows: _Rows, evidence: Evidence) -> dict[int, Paired]:
    """How many periods without training anew -> the aged model against the fresh one, over all periods that have both.

    A period with few rows of a class is left out.
    """
    key, metric = evidence.leading
    usable = [period for period in range(1, rows.periods) if _tells(rows, evidence, period)]
    found = {}
    late = range(1, rows.periods - 1)
    drawn = evidence.bootstrap
    level = 1 - (1 - drawn.confidence) / max(len(late), 1)
    for by in late:
        both = [period for period in usable if period in made and period - by in made]
        if not both:
            continue
        aged = [_of_period(made[period - by], period) for period in both]
        fresh = [_of_period(made[period], period) for period in both]
        one, other = stacked(aged), stacked(fresh)
        found[by] = compare({key: metric}, one, other, Bootstrap(drawn.rounds, level, drawn.seed), 0.0, "")[key]
    return found


def _tells(rows: _Rows, evidence: Evidence, period: int) -> bool:
    target = rows.target[rows.period == period]
    if evidence.predicted.task == REGRESSION:
        return len(target) >= FEW_OF_A_CLASS
    counts = [(target == name).sum() for name in evidence.predicted.classes]
    return min(counts) >= FEW_OF_A_CLASS


def _of_period(p: Predicted, period: int) -> Predicted:
    return p.rows(p.fold == period)


def _told(ages: Mapping[int, Paired], settings: StalenessSettings, evidence: Evidence) -> Result:
    key, _ = evidence.leading
    unit = settings.every or "period"
    known = {by: one for by, one in ages.items() if np.isfinite(one.gain)}
    worse = [by for by, one in known.items() if one.verdict == WORSE]
    rows = len(evidence.predicted.target)
    if all(one.verdict == LITTLE for one in ages.values()):
        return {"findings": [not_enough(*AGE, f"{key} can't be told period by period", rows)]}
    if worse:
        first = worse[0]
        one = known[first]
        seen = f"Trained {_late(first, unit)} earlier, {key} is {one.new:.4g}, and {one.old:.4g} when trained anew: "
        seen += f"train it at least every {_late(first, unit)}."
        told = finding(*AGE, False, seen=seen, numbers={"gain": number(one.gain, one.interval)}, n=rows)
    else:
        seen = f"Up to {_late(max(known), unit)} without training anew, nothing is lost beyond chance."
        told = finding(*AGE, True, seen=seen, n=rows)
    body = [[by, *(number(value) for value in (one.new, one.old)), number(one.gain, one.interval)]
            for by, one in known.items()]  # fmt: skip
    columns = [f"Trained so many {unit}s earlier", f"{key}", "Trained anew", "Better by"]
    said = [
        blocks.text(f"Models of the first {unit}s of {settings.by}, scored on the same later rows."),
        blocks.table("How it ages", columns, body),
    ]
    section = {"title": "How fast it ages", "level": "analyse", "order": 19, "blocks": said}
    metrics = {
        "lost": {f"after_{by}": -one.gain for by, one in known.items()},
        "retrain_after": worse[0] if worse else 0,
    }
    return {"metrics": metrics, "findings": [told], "section": section}


def _late(by: int, unit: str) -> str:
    return f"{by} {unit}{'s' if by != 1 else ''}"
